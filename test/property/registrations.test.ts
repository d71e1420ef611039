// Over every course of heartbeats, pauses and new leaders: who is heard is kept, nobody goes before their time, and whoever
// stays away is gone in the end.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Standing } from "../../src/model/registration.js";
import { type Heard, judgeRegistrations, type Memory, NOTHING_HEARD } from "../../src/planner/registrations.js";

const LONGEST = 10_000;
const ttl = fc.constantFrom(2000, 5000, LONGEST);
const some = (most: number) => fc.uniqueArray(fc.nat(30), { maxLength: most });
const step = fc.record({
  pause: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 100, max: 900 }) }, fc.integer({ min: 1000, max: 30_000 })),
  turned: fc.oneof({ weight: 3, arbitrary: some(1) }, some(12)),
  newLeader: fc.boolean(),
});
const course = fc.record({
  ttls: fc.array(ttl, { minLength: 1, maxLength: 30 }),
  steps: fc.array(fc.record({ step, rarely: fc.nat(9) }), { maxLength: 60 }),
  /** Between looks while all is quiet: at once, or half of the shortest TTL and more. */
  quiet: fc.constantFrom(500, 1100),
});
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never;

type One = {
  ttl: number;
  standing: Standing | "gone";
  alive: boolean;
  silentSince: number;
  /** When a look missed it, and the time since, of which no pause counts more than a TTL; as this leader knows. */
  missed: { at: number; for: number } | undefined;
};

/** Goes the course and hands every look to the judge of it. */
function go({ ttls, steps, quiet }: Course, see: (look: Look) => void): void {
  const all = ttls.map((one): One => ({ ttl: one, standing: "kept", alive: true, silentSince: 0, missed: undefined }));
  let memory: Memory = NOTHING_HEARD;
  let [now, before] = [0, Number.NEGATIVE_INFINITY];
  const pass = (pause: number, turned: readonly number[], isNew: boolean): void => {
    now += pause;
    for (const i of turned) turn(all[i], now);
    if (isNew) memory = NOTHING_HEARD;
    for (const one of all) miss(one, now, isNew ? undefined : now - before);
    memory = look(all, memory, now);
    see({ all, now, cut: isNew ? Number.POSITIVE_INFINITY : now - before });
    before = now;
  };
  for (const { step: one, rarely } of steps) pass(one.pause, one.turned, one.newLeader && rarely === 0);
  for (let i = 0; i < 250; i++) pass(quiet, [], false);
}

type Look = { readonly all: readonly One[]; readonly now: number; readonly cut: number };

/** Whoever is removed has to register again. */
function turn(one: One | undefined, now: number): void {
  if (one === undefined || one.standing === "gone") return;
  one.alive = !one.alive;
  if (!one.alive) one.silentSince = now;
}

/** @param pause undefined: the leader is new. */
function miss(one: One, now: number, pause: number | undefined): void {
  if (one.alive) one.missed = undefined;
  else if (one.missed === undefined || pause === undefined) one.missed = { at: now, for: 0 };
  else one.missed.for += Math.min(pause, one.ttl);
}

/** In TTLs. */
const waited = ({ missed, ttl: length }: One): number => (missed?.for ?? 0) / length;

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
          const isWrong = ({ standing, alive, silentSince, ttl: length }: One): boolean =>
            standing === "gone" ? now - silentSince < 10 * length : (standing === "kept") !== alive;
          expect(all.filter(isWrong)).toEqual([]);
        });
      }),
      runs,
    );
  });

  it("are not withdrawn by a look that the store was silent before for more than half their TTL, unless waited for", () => {
    fc.assert(
      fc.property(course, (given) => {
        let lost = new Set<One>();
        go(given, ({ all, cut }) => {
          const isWrong = (one: One): boolean =>
            one.standing === "lost" && !lost.has(one) && cut > Math.max(one.ttl / 2, 900) && waited(one) <= 5;
          expect(all.filter(isWrong)).toEqual([]);
          lost = new Set(all.filter(({ standing }) => standing === "lost"));
        });
      }),
      runs,
    );
  });

  it("that are lost become stale again only by others that go within their own TTL", () => {
    fc.assert(
      fc.property(course, (given) => {
        let [lost, wentBefore] = [new Set<One>(), new Set<One>()];
        go(given, ({ all, now }) => {
          const went = all.filter((one) => one.missed?.at === now && !wentBefore.has(one));
          const back = all.filter((one) => lost.has(one) && one.standing === "stale");
          const isWrong = ({ missed, ttl: length }: One): boolean =>
            went.length === 0 || now - (missed?.at ?? 0) > length;
          expect(back.filter(isWrong)).toEqual([]);
          lost = new Set(all.filter(({ standing }) => standing === "lost"));
          wentBefore = new Set(all.filter(({ missed }) => missed !== undefined));
        });
      }),
      runs,
    );
  });

  it("are not stale for longer than seven TTLs of silence, of which no pause counts for more than one", () => {
    fc.assert(
      fc.property(course, (given) => {
        go(given, ({ all }) => {
          expect(all.filter((one) => one.standing === "stale" && waited(one) > 7)).toEqual([]);
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
