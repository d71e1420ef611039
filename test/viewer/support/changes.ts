// Changes of containers of the fleet at a steady pace, written straight to the store; some of them are marked, so that it
// can be told when each one is seen.

import type { EtcdWire } from "../../../src/model/ports.js";
import type { SeededGroup } from "../seeded/fleet.js";
import { containerOps } from "../seeded/group-records.js";

/** Ten times a second as many as come to the pace. */
const EVERY_MS = 100;
/** Above all ports of the fleet, so that the text is nowhere else. */
const FIRST_MARK = 40_000;
const MARKS = 20_000;

export type Marked = { readonly text: string; readonly writtenAt: number };

export type Changed = {
  readonly changes: number;
  readonly seconds: number;
  readonly marked: readonly Marked[];
};

type Asked = {
  readonly seconds: number;
  readonly perSecond: number;
  readonly marks: number;
  /** Its containers are changed by the marked changes alone, one after another. */
  readonly shown: SeededGroup;
};

/** The texts by which the marked changes are seen, in their order. */
export const markTexts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `:${FIRST_MARK + (index % MARKS)}`);

/** @param groups of which any container may be changed, but those of the one that is shown. */
export async function change(wire: EtcdWire, groups: readonly SeededGroup[], asked: Asked): Promise<Changed> {
  const others = groups.filter((group) => group.uid !== asked.shown.uid && group.kind === "steady");
  const begun = performance.now();
  const marked: Marked[] = [];
  const texts = markTexts(asked.marks);
  const writing = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  const write = (group: SeededGroup, slot: number, port?: number): void => {
    const ops = containerOps(group, slot, { now: Date.now(), rev: group.rev, ...(port === undefined ? {} : { port }) });
    // On a busy machine the store's answer may be late; the same write again has the same effect.
    const once = (): Promise<unknown> => wire.txn([], ops.slice(-1));
    const written = once()
      .catch(once)
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
      const isMark = marked.length < ((changes + 1) / all) * asked.marks && marked.length < asked.marks;
      if (!isMark) continue;
      write(asked.shown, 1 + (marked.length % asked.shown.size), FIRST_MARK + marked.length);
      marked.push({ text: texts[marked.length] ?? "", writtenAt: Date.now() });
    }
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
  await Promise.all(writing);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} changes could not be written`);
  return { changes, seconds: (performance.now() - begun) / 1000, marked };
}
