// Stats as a table and as objects.

import type { ContainerStats } from "../../gen/theseus/v1/theseus_service.js";
import { formatGroup } from "../references.js";
import { cpuText, isNearLimit, memText, netText, sparkline, UNKNOWN } from "../stats/figures.js";
import type { GroupRows, Row } from "../stats/rows.js";
import { compact } from "./config-object.js";
import { namespaceOf, refOf } from "./objects.js";
import type { Style } from "./style.js";
import { type Column, sortItems } from "./table.js";

export interface StatsLook {
  readonly style: Style;
  readonly allNamespaces: boolean;
  /** Each row by itself, as a program reads it. */
  readonly isFlat: boolean;
  /** With the load of the last samples. */
  readonly load: boolean;
  readonly isUtf8: boolean;
}

export function statsColumns(look: StatsLook): Column<Row>[] {
  const namespace = { id: "namespace", title: "NAMESPACE", value: ({ group }: Row) => namespaceOf(group) };
  const load = { id: "load", title: "LOAD", value: (row: Row) => loadText(row, look.isUtf8) };
  return [
    ...(look.allNamespaces ? [namespace] : []),
    { id: "name", title: "GROUP/CONTAINER", value: (row) => (look.isFlat ? fullName(row) : nameText(row)) },
    { id: "cpu", title: "CPU", value: ({ cpu }) => cpuText(cpu), order: ({ cpu }) => cpu.used ?? -1 },
    { id: "mem", title: "MEM", value: ({ mem }) => memText(mem), order: ({ mem }) => mem.used ?? -1 },
    {
      id: "net",
      title: "NET in/out",
      value: ({ net }) => netText(net),
      order: ({ net }) => (net === undefined ? -1 : net.rx + net.tx),
    },
    {
      id: "restarts",
      title: "RESTARTS",
      value: ({ restarts }) => String(restarts ?? UNKNOWN),
      order: ({ restarts }) => restarts ?? -1,
    },
    { id: "rev", title: "REV", value: ({ container }) => String(container?.configRevision ?? ""), wide: true },
    { id: "container", title: "CONTAINER", value: ({ container }) => container?.name ?? "", wide: true },
    ...(look.load ? [load] : []),
    { id: "note", title: "", value: (row) => noteText(row, look.style) },
  ];
}

function nameText({ group, container }: Row): string {
  return container === undefined ? formatGroup(group) : `  :${container.slot} ${container.host}`;
}

/** Pasteable. */
export function fullName({ group, container }: Row): string {
  return container === undefined ? formatGroup(group) : `${formatGroup(group)}:${container.slot}`;
}

function loadText({ cpu: { limit }, load }: Row, isUtf8: boolean): string {
  const most = Math.max(...load.map((value) => value ?? 0));
  return sparkline(load, limit ?? Math.max(1, most), isUtf8);
}

function noteText({ container, mem }: Row, { paint }: Style): string {
  if (container === undefined) return "";
  if (container.problem !== "") return paint("yellow", container.problem.replaceAll(/\s+/g, " "));
  return isNearLimit(mem) ? paint("yellow", "near mem limit") : "";
}

/** Groups by their sums, and in each its containers alike. @param column undefined: as they are. */
export function sortedRows(groups: readonly GroupRows[], column: Column<Row> | undefined, descending: boolean): Row[] {
  if (column === undefined) return groups.flatMap(({ sums, containers }) => [sums, ...containers]);
  const of = new Map(groups.map(({ sums, containers }) => [sums, containers]));
  const sorted = (rows: readonly Row[]) => sortItems(rows, column, descending);
  return sorted([...of.keys()]).flatMap((sums) => [sums, ...sorted(of.get(sums) ?? [])]);
}

/** One of the items of a StatsList: cores, bytes, and bytes a second. */
export function statsObject(stats: ContainerStats): Record<string, unknown> {
  const ref = refOf({ ref: stats.group });
  const { netRxBytes, netTxBytes, netRxBytesPerSecond: rxPerSecond, netTxBytesPerSecond: txPerSecond } = stats;
  return compact({
    ref: formatGroup(ref),
    namespace: namespaceOf(ref),
    slot: stats.slot,
    host: stats.host,
    container: stats.name,
    rev: Number(stats.configRevision),
    cpu: compact({ used: stats.cpu, limit: stats.cpuLimit }),
    mem: compact({ used: whole(stats.memBytes), limit: whole(stats.memLimitBytes) }),
    net: compact({ rx: whole(netRxBytes), tx: whole(netTxBytes), rxPerSecond, txPerSecond }),
    restarts: stats.restarts,
    problem: stats.problem,
  });
}

function whole(bytes: bigint | undefined): number | undefined {
  return bytes === undefined ? undefined : Number(bytes);
}
