// `theseus logs --previous`: the kept lines of containers that failed and are gone, merged by time.

import type { Evidence } from "../../gen/theseus/v1/rollout.js";
import type { LogLine, LogSource, LogTarget } from "../../gen/theseus/v1/theseus_service.js";
import type { Context } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { usage } from "../failure.js";
import { listGroups } from "../lists.js";
import { endText } from "../output/evidence.js";
import { refOf } from "../output/objects.js";
import { formatGroup } from "../references.js";
import type { Server } from "../server.js";
import type { Asked } from "./asked.js";
import type { Lines } from "./lines.js";

const NANOS = 1_000_000n;

type Part =
  | { readonly at: bigint; readonly kind: "line"; readonly line: LogLine; readonly source: LogSource }
  | { readonly at: bigint; readonly kind: "end"; readonly evidence: Evidence };

/** Of the newest container of each slot; of every one that is kept where all lines, or those of a stretch of time, are asked for. */
export async function printPrevious(
  { context, asked, lines }: { readonly context: Context; readonly asked: Asked; readonly lines: Lines },
  server: Server,
): Promise<ExitCode> {
  if (asked.follow) throw usage("what is gone writes no more: -f is not for --previous");
  const found = await Promise.all(asked.targets.map((target) => evidenceOf(server, target)));
  const kept = found.flat().filter(({ host }) => asked.host === "" || host === asked.host);
  const chosen = asked.tail === undefined ? kept : newestOfSlots(kept);
  const say = (text: string): void => {
    if (!context.globals.quiet) context.io.stderr.write(`${text}\n`);
  };
  if (chosen.length === 0) say("no output of a container that failed is kept");
  const merged = inOrder(chosen, asked);
  const parts = withinTail(merged, asked.tail);
  if (parts.length < merged.length)
    say(`last ${asked.tail === 1 ? "line" : `${asked.tail} lines`}; --tail all for everything`);
  for (const part of parts) {
    if (part.kind === "end") say(`-- ${endText(part.evidence)} --`);
    else if (asked.grep === undefined || asked.grep.test(part.line.text))
      context.io.stdout.write(lines.line(part.line, part.source));
  }
  return EXIT.ok;
}

async function evidenceOf(server: Server, { target, slots }: LogTarget): Promise<readonly Evidence[]> {
  if (target?.$case !== "selector") {
    const { evidence } = await server.theseus.listEvidence({ group: target?.value, slots: [...slots] }, server.call);
    return evidence;
  }
  const { items } = await listGroups(server, target.value);
  const all = await Promise.all(
    items.map((group) => server.theseus.listEvidence({ group: refOf(group), slots: [] }, server.call)),
  );
  return all.flatMap(({ evidence }) => evidence);
}

/** They come newest first. */
function newestOfSlots(kept: readonly Evidence[]): readonly Evidence[] {
  const newest = new Map<string, Evidence>();
  for (const one of kept) {
    const { namespace = "", service = "", labels = [] } = one.group ?? {};
    const slot = `${namespace} ${formatGroup({ service, labels })}:${one.slot}`;
    if (!newest.has(slot)) newest.set(slot, one);
  }
  return [...newest.values()];
}

/** The end of a container comes after its last line. */
function inOrder(chosen: readonly Evidence[], { since, until }: Asked): readonly Part[] {
  const from = since === undefined ? 0n : BigInt(since.getTime()) * NANOS;
  const to = until === undefined ? undefined : BigInt(until.getTime()) * NANOS;
  const isAsked = ({ at }: Part): boolean => at >= from && (to === undefined || at < to);
  const parts = chosen.flatMap((evidence, i): readonly Part[] => {
    const source = sourceOf(evidence, i + 1);
    const lines = evidence.lines.map(
      (line): Part => ({ at: line.timeUnixNanos, kind: "line", line: { ...line, source: i + 1 }, source }),
    );
    const told = BigInt(evidence.time?.getTime() ?? 0) * NANOS;
    const last = lines.at(-1)?.at ?? 0n;
    return [...lines, { at: told > last ? told : last, kind: "end", evidence }];
  });
  return parts.filter(isAsked).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** So many lines count; what is said in between of the containers does not. */
function withinTail(parts: readonly Part[], tail: number | undefined): readonly Part[] {
  if (tail === undefined) return parts;
  let left = parts.filter(({ kind }) => kind === "line").length - tail;
  return parts.filter(({ kind }) => kind === "end" || left-- <= 0);
}

function sourceOf(
  { group, container: name, slot, generation, host, configRevision }: Evidence,
  number: number,
): LogSource {
  return { number, group, name, slot, generation: Number(generation), host, configRevision };
}
