// A group whose store went back to an older backup, whatever had been asked of it since.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { plan } from "../../src/planner/plan.js";
import { inputOf, settle, type World } from "../support/perfect-world.js";
import { restoredWorld, withWordOn } from "../support/restored-worlds.js";

const RUNS = { numRuns: 40 };
const HARMLESS = new Set(["noteAttention", "publish"]);

const runningIds = ({ containers }: World) =>
  containers
    .filter(({ status }) => status === "running")
    .map(({ id }) => id)
    .sort();
const takers = (world: World, word: "adopt" | "remove") =>
  plan(inputOf(world))
    .restored.filter(({ takes }) => takes.includes(word))
    .map(({ id }) => id);

describe("after a restored store", () => {
  it("nothing but telling is planned until a person has spoken, in whatever order the facts come", () => {
    fc.assert(
      fc.property(restoredWorld, fc.integer(), ({ world, younger }, seed) => {
        const input = inputOf(world);
        const next = plan(input);
        expect(next.actions.filter(({ kind }) => !HARMLESS.has(kind))).toEqual([]);
        expect(next.restored.map(({ id }) => id).sort()).toEqual([...younger].sort());
        const shuffled = {
          ...input,
          intents: shuffle(input.intents, seed),
          observed: shuffle(input.observed, seed),
          infos: new Map(shuffle([...input.infos], seed)),
        };
        expect(plan(shuffled)).toEqual(next);
        expect(runningIds(settle(world).world)).toEqual(runningIds(world));
      }),
      RUNS,
    );
  });

  it("adopting leaves every running container alone, and then nothing is left to do", () => {
    fc.assert(
      fc.property(restoredWorld, (start) => {
        const { world, passes } = settle(withWordOn(start, "adopt", start.younger));
        expect(takers(start.world, "adopt").sort()).toEqual([...start.younger].sort());
        for (const pass of passes) {
          const harm = pass.plan.actions.filter(({ kind }) => /drain|stop|remove|raiseSlots/i.test(kind));
          expect(harm).toEqual([]);
        }
        const after = new Set(runningIds(world));
        expect(runningIds(start.world).filter((id) => !after.has(id))).toEqual([]);
        expect(plan(inputOf(world))).toMatchObject({ restored: [], status: { state: "steady", outdated: 0 } });
        const newest = Math.max(...start.world.containers.map(({ owner }) => owner.configRevision));
        expect(world.group?.record.configRevision).toBeGreaterThanOrEqual(newest);
      }),
      RUNS,
    );
  });

  it("removing takes exactly what was named, uses no name again, and ends as the store has the group", () => {
    fc.assert(
      fc.property(restoredWorld, (start) => {
        const { world, passes } = settle(withWordOn(start, "remove", start.younger));
        const named = new Set(start.younger);
        expect(runningIds(world).filter((id) => named.has(id))).toEqual([]);
        const assigned = passes.flatMap((pass) =>
          pass.plan.actions.flatMap((action) => (action.kind === "assign" ? action.intents : [])),
        );
        const used = new Set(start.world.containers.map(({ name }) => name));
        expect(assigned.filter(({ name }) => used.has(name))).toEqual([]);
        expect(plan(inputOf(world)).restored).toEqual([]);
        expect(world.group).toEqual(start.world.group);
        expect(world.containers).toHaveLength(start.world.group?.record.config.instances ?? 0);
      }),
      RUNS,
    );
  });

  it("a word on some of them touches none of the others", () => {
    fc.assert(
      fc.property(restoredWorld, fc.nat(), fc.constantFrom("adopt" as const, "remove" as const), (start, n, word) => {
        const named = start.younger.slice(0, n % (start.younger.length + 1));
        const others = start.younger.filter((id) => !named.includes(id));
        const { world } = settle(withWordOn(start, word, named));
        expect(others.filter((id) => !runningIds(world).includes(id))).toEqual([]);
        expect(
          plan(inputOf(world))
            .restored.map(({ id }) => id)
            .sort(),
        ).toEqual([...others].sort());
      }),
      RUNS,
    );
  });
});

function shuffle<T>(items: readonly T[], seed: number): T[] {
  return fc.sample(fc.shuffledSubarray([...items], { minLength: items.length }), { numRuns: 1, seed })[0] ?? [];
}
