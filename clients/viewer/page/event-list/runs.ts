// Events as they are listed: the same thing again and again is one line with a count. Pure.

import type { EventRow } from "../../wire.js";

export interface Run {
  /** The newest of them. */
  readonly event: EventRow;
  readonly count: number;
  /** Of the oldest of them. */
  readonly since: number;
  readonly key: string;
}

/** Newest first. Only neighbours are put together, so that the order of things stays what it was. */
export function runsOf(events: readonly EventRow[]): Run[] {
  const runs: Run[] = [];
  const keys = new Map<string, number>();
  for (const event of [...events].sort((a, b) => b.time - a.time)) {
    const last = runs.at(-1);
    if (last !== undefined && isAlike(last.event, event)) {
      runs[runs.length - 1] = { ...last, count: last.count + 1, since: event.time };
      continue;
    }
    runs.push({ event, count: 1, since: event.time, key: keyOf(event, keys) });
  }
  return runs;
}

/** What a person did, and not Theseus by itself. */
export function isByPerson({ actor }: Pick<EventRow, "actor">): boolean {
  return actor !== "" && actor !== "theseus";
}

function isAlike(a: EventRow, b: EventRow): boolean {
  const fields = ["ns", "ref", "slot", "host", "rev", "kind", "actor"] as const;
  return fields.every((field) => a[field] === b[field]) && ofAnyTry(a.text) === ofAnyTry(b.text);
}

function keyOf({ ns, ref, slot, time, kind }: EventRow, keys: Map<string, number>): string {
  const key = [time, ns, ref, slot, kind].join(" ");
  const nth = keys.get(key) ?? 0;
  keys.set(key, nth + 1);
  return `${key} ${nth}`;
}

/** Another try is another container: its name ends with its generation. */
function ofAnyTry(text: string): string {
  return text.replaceAll(/\b(\S+\.\d+)\.\d+-[a-z0-9]{4,10}\b/g, "$1");
}
