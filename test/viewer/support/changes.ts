// Changes of containers of the fleet at a steady pace, written straight to the store; some of them are marked, so that it
// can be told when each one is seen, however late: a marked container is not changed again.

import type { EtcdWire } from "../../../src/model/ports.js";
import type { SeededGroup } from "../seeded/fleet.js";
import { containerOps } from "../seeded/group-records.js";

/** Ten times a second as many as come to the pace. */
const EVERY_MS = 100;
/** Above all ports of the fleet, so that the text is nowhere else. */
const FIRST_MARK = 40_000;

/** `writtenAt`: when the store had it, in milliseconds since 1970. */
export type Marked = { readonly text: string; readonly writtenAt: number };

export type Changed = {
  readonly changes: number;
  readonly seconds: number;
  readonly marked: readonly Marked[];
  /** What the store took for the slowest write, in milliseconds: on a busy disk that may be long. */
  readonly slowestWrite: number;
};

type Asked = {
  readonly seconds: number;
  readonly perSecond: number;
  /** Each of their containers is changed by one marked change and by nothing else. */
  readonly shown: readonly SeededGroup[];
};

/** The texts by which the marked changes are seen, in their order: one for each container of these groups. */
export const markTexts = (shown: readonly SeededGroup[]): readonly string[] =>
  placesOf(shown).map((_, index) => `:${FIRST_MARK + index}`);

const placesOf = (shown: readonly SeededGroup[]) =>
  shown.flatMap((group) => Array.from({ length: group.size }, (_, index) => ({ group, slot: index + 1 })));

/** @param groups of which any container may be changed, but those of the ones that are shown. */
export async function change(wire: EtcdWire, groups: readonly SeededGroup[], asked: Asked): Promise<Changed> {
  const others = groups.filter((group) => !asked.shown.includes(group) && group.kind === "steady");
  const places = placesOf(asked.shown);
  const begun = performance.now();
  const marked: Marked[] = [];
  let marks = 0;
  let slowestWrite = 0;
  const texts = markTexts(asked.shown);
  const writing = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  const write = (group: SeededGroup, slot: number, port: number, done?: () => void): void => {
    const ops = containerOps(group, slot, { now: Date.now(), rev: group.rev, port });
    const asked = performance.now();
    // On a busy machine the store's answer may be late; the same write again has the same effect.
    const once = (): Promise<unknown> => wire.txn([], ops.slice(-1));
    const written = once()
      .catch(once)
      .then(() => {
        slowestWrite = Math.max(slowestWrite, performance.now() - asked);
        done?.();
      })
      .catch((error: unknown) => failures.push(error))
      .finally(() => writing.delete(written));
    writing.add(written);
  };
  let changes = 0;
  const all = asked.seconds * asked.perSecond;
  while (changes < all) {
    const due = Math.min(all, Math.floor(((performance.now() - begun) / 1000) * asked.perSecond));
    for (; changes < due; changes++) {
      const group = others[(changes * 7919) % others.length];
      if (group !== undefined) write(group, 1 + (changes % group.size), 32_000 + (changes % 8_000));
      const [place, text] = [places[marks], texts[marks] ?? ""];
      if (place === undefined || marks >= ((changes + 1) / all) * places.length) continue;
      write(place.group, place.slot, FIRST_MARK + marks++, () => marked.push({ text, writtenAt: Date.now() }));
    }
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
  await Promise.all(writing);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} changes could not be written`);
  return { changes, seconds: (performance.now() - begun) / 1000, marked, slowestWrite };
}
