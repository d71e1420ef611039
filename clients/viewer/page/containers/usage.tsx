// What containers use, asked for only of those whose rows are in sight, and only while these columns are shown.

import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ContainerRow, StatsSample } from "../../wire.js";
import { openStream } from "../live/browser.js";
import { fleet } from "../live/fleet.js";

type Usage = StatsSample["containers"][number];

/** Of how many rows in sight each group is wanted. */
const wanted = signal<ReadonlyMap<string, number>>(new Map());
const usages = signal<ReadonlyMap<string, Usage>>(new Map());
const SETTLE = 400;
/** Groups that are asked for at a time. */
const MOST = 40;

function want(group: string, by: 1 | -1): void {
  const next = new Map(wanted.peek());
  const count = (next.get(group) ?? 0) + by;
  if (count > 0) next.set(group, count);
  else next.delete(group);
  wanted.value = next;
}

let asked = "";
let settling: ReturnType<typeof setTimeout> | undefined;
let close = () => {};

/** The stream is opened anew when other groups come into sight, once the scrolling has settled. */
effect(() => {
  const groups = [...wanted.value.keys()].slice(0, MOST).sort();
  const key = groups.join("\n");
  if (key === asked) return;
  asked = key;
  clearTimeout(settling);
  settling = setTimeout(() => ask(groups), SETTLE);
});

function ask(groups: readonly string[]): void {
  close();
  close = () => {};
  usages.value = new Map();
  if (groups.length === 0) return;
  const query = new URLSearchParams(
    groups.flatMap((id) => {
      const row = fleet.groups.get(id);
      return row === undefined ? [] : [["target", `${row.ns} ${row.ref}`]];
    }),
  );
  const stream = openStream(`/api/stats?${query}`, {
    event: ({ name, data }) => {
      if (name !== "stats") return;
      const sample = JSON.parse(data) as StatsSample;
      usages.value = new Map(sample.containers.map((one) => [one.id, one]));
    },
  });
  close = stream.close;
}

function useUsage(row: ContainerRow): Usage | undefined {
  useEffect(() => {
    want(row.group, 1);
    return () => want(row.group, -1);
  }, [row.group]);
  return usages.value.get(row.id);
}

export function CpuCell({ row }: { row: ContainerRow }) {
  const usage = useUsage(row);
  return <>{usage === undefined || usage.cpu === null ? "–" : `${Math.round(usage.cpu * 100)} %`}</>;
}

export function MemCell({ row }: { row: ContainerRow }) {
  const usage = useUsage(row);
  if (usage === undefined || usage.mem === null) return <>–</>;
  return (
    <>{usage.memLimit === null ? `${mebi(usage.mem)} MiB` : `${mebi(usage.mem)} of ${mebi(usage.memLimit)} MiB`}</>
  );
}

/** How often its engine has started it anew. */
export function RestartsCell({ row }: { row: ContainerRow }) {
  return <>{useUsage(row)?.restarts ?? "–"}</>;
}

const mebi = (bytes: number): number => Math.round(bytes / 1_048_576);
