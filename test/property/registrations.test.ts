// Over every course of heartbeats, pauses and new leaders: who is heard is kept, nobody goes before their time, and whoever
// stays away is gone in the end.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Standing } from "../../src/model/registration.js";
import { type Heard, judgeRegistrations, type Memory, NOTHING_HEARD } from "../../src/planner/registrations.js";

type Step = {
  readonly pause: number;
  /** Those whose number is one of these change sides: heard, not heard. Once each: a lease outlives the time between looks. */
  readonly turned: readonly number[];
  readonly newLeader: boolean;
};

const LONGEST = 10_000;
const ttl = fc.constantFrom(2000, 5000, LONGEST);
const step = fc.record({
  pause: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 100, max: 900 }) }, fc.integer({ min: 1000, max: 30_000 })),
  turned: fc.uniqueArray(fc.nat(30), { maxLength: 12 }),
  newLeader: fc.boolean(),
});
const course = fc.record({
  ttls: fc.array(ttl, { minLength: 1, maxLength: 30 }),
  steps: fc.array(fc.record({ ...{ step }, rarely: fc.nat(9) }), { maxLength: 60 }),
});

type One = { ttl: number; standing: Standing | "gone"; alive: boolean; silentSince: number };

/** Goes the course and hands every look to the judge of it. */
function go(
  { ttls, steps }: { ttls: readonly number[]; steps: readonly { step: Step; rarely: number }[] },
  see: (look: Look) => void,
): void {
  const all = ttls.map((one): One => ({ ttl: one, standing: "kept", alive: true, silentSince: 0 }));
  let memory: Memory = NOTHING_HEARD;
  let [now, before] = [0, Number.NEGATIVE_INFINITY];
  for (const { step: one, rarely } of steps) {
    now += one.pause;
    for (const i of one.turned) turn(all[i], now);
    const isNew = one.newLeader && rarely === 0;
    if (isNew) memory = NOTHING_HEARD;
    memory = look(all, memory, now);
    see({ all, now, cut: isNew || before < 0 ? Number.POSITIVE_INFINITY : now - before });
    before = now;
  }
  // All is quiet from here on.
  for (let i = 0; i < 250; i++) {
    now += 500;
    memory = look(all, memory, now);
  }
  see({ all, now, cut: 0 });
}

type Look = { readonly all: readonly One[]; readonly now: number; readonly cut: number };

/** Whoever is removed has to register again. */
function turn(one: One | undefined, now: number): void {
  if (one === undefined || one.standing === "gone") return;
  one.alive = !one.alive;
  if (!one.alive) one.silentSince = now;
}

function look(all: readonly One[], memory: Memory, now: number): Memory {
  const heard = all.flatMap(({ standing, alive, ttl: length }, i): Heard[] =>
    standing === "gone" ? [] : [{ id: String(i), ttl: length, standing, alive }],
  );
  const judged = judgeRegistrations(memory, heard, now);
  for (const { id, to } of judged.verdicts) {
    const one = all[Number(id)];
    if (one !== undefined) one.standing = to;
  }
  return judged.memory;
}

const runs = { numRuns: 200 };

describe("registrations", () => {
  it("are kept while they are heard, and removed at the earliest after ten TTLs of silence", () => {
    fc.assert(
      fc.property(course, (given) => {
        go(given, ({ all, now }) => {
          const gone = all.filter(({ standing }) => standing === "gone");
          expect(gone.filter(({ silentSince, ttl: length }) => now - silentSince < 10 * length)).toEqual([]);
          for (const one of all) if (one.standing !== "gone") expect(one.standing === "kept").toBe(one.alive);
        });
      }),
      runs,
    );
  });

  it("are never withdrawn by a look that the store was silent before for more than half their TTL", () => {
    fc.assert(
      fc.property(course, (given) => {
        let lost = new Set<One>();
        go(given, ({ all, cut }) => {
          for (const one of all) {
            if (one.standing === "lost" && !lost.has(one)) expect(cut).toBeLessThanOrEqual(Math.max(one.ttl / 2, 900));
          }
          lost = new Set(all.filter(({ standing }) => standing === "lost"));
        });
      }),
      runs,
    );
  });

  it("that stay away are gone in the end, however many went together", () => {
    fc.assert(
      fc.property(course, (given) => {
        let last: readonly One[] = [];
        go(given, ({ all }) => {
          last = all;
        });
        expect(last.filter(({ alive, standing }) => !alive && standing !== "gone")).toEqual([]);
      }),
      runs,
    );
  });
});
