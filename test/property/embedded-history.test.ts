// The embedded store's memory against a plain list of everything that ever happened: any revision, any range, with
// compactions and roll backs in between, and the same again from what stands on the disk.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { countKept, planCompaction } from "../../src/embedded/compaction.js";
import { History, type Version } from "../../src/embedded/history.js";
import { type DiskRecord, readRecord, revisionRecord } from "../../src/embedded/records.js";
import { SortedMap } from "../../src/embedded/sorted-map.js";
import type { Span } from "../../src/embedded/span.js";

const KEYS = ["a", "b", "ba", "c", "\0", "\xff", "a\xe9"];
const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      puts: fc.uniqueArray(key, { maxLength: 3 }),
      deletes: fc.uniqueArray(key, { maxLength: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("compact" as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("roll back" as const), by: fc.integer({ min: 1, max: 3 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const span: fc.Arbitrary<Span> = fc.oneof(
  key.map((first) => ({ first, end: undefined, single: true })),
  fc.record({ first: key, end: fc.option(key, { nil: undefined }), single: fc.constant(false) }),
);

/** What stood at each revision: state[revision]. */
type States = Map<string, { value: string; create: number; version: number }>[];

class Both {
  readonly history = new History();
  states: States = [new Map(), new Map()];

  run(one: Step): void {
    switch (one.do) {
      case "write":
        this.#write(one.puts, one.deletes);
        break;
      case "compact":
        this.#compact(Math.ceil(one.at * this.history.head));
        break;
      case "roll back":
        this.#rollBack(this.history.head - one.by);
        break;
    }
  }

  #write(puts: readonly string[], deletes: readonly string[]): void {
    const state = new Map(this.states.at(-1));
    const revision = this.history.head + 1;
    for (const name of deletes) {
      const found = this.history.at(name, revision);
      if (found !== undefined) this.history.delete(found);
      state.delete(name);
    }
    for (const name of puts) {
      this.history.put(Buffer.from(name, "latin1"), Buffer.from(`${revision}`), 0n);
      const before = state.get(name);
      state.set(name, {
        value: `${revision}`,
        create: before?.create ?? revision,
        version: (before?.version ?? 0) + 1,
      });
    }
    if (this.history.finish() !== undefined) this.states.push(state);
  }

  #compact(revision: number): void {
    if (revision <= this.history.compacted) return;
    const { dropped, left } = planCompaction(this.history, revision);
    const kept = countKept(this.history, revision, dropped);
    this.history.compact(revision, dropped, left);
    expect(countKept(this.history, revision)).toBe(kept);
  }

  #rollBack(revision: number): void {
    if (revision < Math.max(1, this.history.compacted)) return;
    this.history.rollBack(revision);
    this.states.length = revision + 1;
  }
}

function found(history: History, where: Span, revision: number) {
  const { versions, count } = history.find(where, revision);
  expect(count).toBe(versions.length);
  return versions.map(({ key: name, kv }) => [
    name,
    kv.value.toString(),
    Number(kv.createRevision),
    Number(kv.version),
  ]);
}

function expected(states: States, where: Span, revision: number) {
  return [...(states[revision] ?? [])]
    .filter(([name]) =>
      where.single ? name === where.first : name >= where.first && (where.end === undefined || name < where.end),
    )
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { value, create, version }]) => [name, value, create, version]);
}

/** Through the records that stand on the disk. */
function again(history: History): History {
  const copy = new History();
  if (history.compacted > 0) copy.loadCompacted(history.compacted);
  const records: DiskRecord[] = [...history.revisions()].map((one) => revisionRecord(one, history.changesOf(one)));
  for (const record of records) {
    const stored = readRecord(record);
    if (stored.kind === "revision") copy.load(stored.revision, stored.changes);
  }
  return copy;
}

describe("the memory of the embedded store", () => {
  it("knows every revision that is not compacted, now and after a restart", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(span, { minLength: 3, maxLength: 5 }), (steps, spans) => {
        const both = new Both();
        for (const one of steps) both.run(one);
        for (const history of [both.history, again(both.history)]) {
          for (let revision = Math.max(1, history.compacted); revision <= both.history.head; revision++) {
            for (const where of spans)
              expect(found(history, where, revision)).toEqual(expected(both.states, where, revision));
          }
          expect(history.bytes).toBe(both.history.bytes);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps nothing of a key that was deleted before the compacted revision", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const both = new Both();
        for (const one of steps) both.run(one);
        both.run({ do: "write", puts: ["last"], deletes: KEYS });
        both.run({ do: "write", puts: ["last"], deletes: [] });
        both.run({ do: "compact", at: 1 });
        const left: Version[] = [...both.history.revisions()].flatMap((one) => [...both.history.changesOf(one)]);
        expect(left.map((version) => version.key)).toEqual(["last"]);
      }),
    );
  });
});

describe("a sorted map", () => {
  it("holds and shows what a plain one does", () => {
    const change = fc.record({
      key: fc.integer({ min: 0, max: 3000 }).map((n) => `${n * 7919}`),
      remove: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3000, size: "max" }), fc.string(), (changes, from) => {
        const { sorted, plain } = changed(changes);
        for (const to of [undefined, `${from}9`, "5"]) {
          const seen: string[] = [];
          sorted.visit(from, to, (one) => seen.push(one));
          expect(seen).toEqual([...plain].filter((one) => one >= from && (to === undefined || one < to)).sort());
        }
        expect(sorted.size).toBe(plain.size);
      }),
      { numRuns: 30 },
    );
  });
});

type Change = { readonly key: string; readonly remove: boolean };

function changed(changes: readonly Change[]): { readonly sorted: SortedMap<string>; readonly plain: Set<string> } {
  const sorted = new SortedMap<string>();
  const plain = new Set<string>();
  for (const { key: name, remove } of changes) {
    if (remove) sorted.remove(name);
    else if (!plain.has(name)) sorted.add(name, name);
    if (remove) plain.delete(name);
    else plain.add(name);
  }
  return { sorted, plain };
}
