// The planner played to the end in a world where every action succeeds, from any start.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { ActionOf } from "../../src/model/action.js";
import { fingerprint } from "../../src/model/fingerprint.js";
import type { UpdatePolicy } from "../../src/model/group.js";
import { currentPin } from "../../src/model/group-status.js";
import { plan } from "../../src/planner/plan.js";
import { aGroup, aHostRecord, CLUSTER, NOW } from "../support/builders.js";
import { inputOf, type Pass, settle, type World } from "../support/perfect-world.js";
import { anyWorld, changedWorld } from "../support/planner-arbitraries.js";

const RUNS = { numRuns: 100 };

describe("the planner", () => {
  it("settles from any start, and then has nothing more to do", () => {
    fc.assert(
      fc.property(anyWorld, (start) => {
        const { world } = settle(start);
        expect(plan(inputOf(world)).actions).toEqual([]);
      }),
      RUNS,
    );
  });

  it("ends with one container of the present config in every wanted slot that fits somewhere", () => {
    fc.assert(
      fc.property(anyWorld, (start) => {
        const { world } = settle(start);
        const { refusals } = plan(inputOf(world));
        const restarts = (start.group?.record.config.restart ?? "always") === "always";
        // What serves is not stopped for a slot that never gets ready.
        const sick = world.containers.some(({ verdict }) => verdict === "failing");
        // Nothing is replaced any more by a rollout that has failed.
        const stands = world.rollouts?.rollouts[0]?.state === "failed";
        if (world.group === undefined || refusals.length > 0 || !restarts || sick || stands) return;
        const pin = currentPin(world.group.record);
        const wanted = world.group.record.config.instances ?? 1;
        expect(world.containers.map(({ owner }) => owner.slot).sort()).toEqual(range(wanted));
        for (const { fingerprint: made } of world.intents) {
          expect(pin && fingerprint(world.group.record.config, pin)).toBe(made);
        }
      }),
      RUNS,
    );
  });

  it("leaves nothing of a group that is removed or lost its config", () => {
    fc.assert(
      fc.property(anyWorld, (start) => {
        const { world } = settle(start);
        if (world.group !== undefined) return;
        expect(world.intents).toEqual([]);
        expect(world.containers).toEqual([]);
      }),
      RUNS,
    );
  });

  it("gives the same plan for the same facts in any order", () => {
    fc.assert(
      fc.property(anyWorld, fc.integer(), (world, seed) => {
        const input = inputOf(world);
        const shuffled = {
          ...input,
          intents: shuffle(input.intents, seed),
          observed: shuffle(input.observed, seed),
          hosts: shuffle(input.hosts, seed),
          infos: new Map(shuffle([...input.infos], seed)),
          drains: shuffle(input.drains, seed),
          slots: { ...input.slots, attention: shuffle(input.slots.attention, seed) },
        };
        expect(plan(shuffled)).toEqual(plan(input));
      }),
      RUNS,
    );
  });

  it("never changes what it is given", () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        expect(() => plan(frozen(inputOf(world)))).not.toThrow();
      }),
      RUNS,
    );
  });

  it("never names a container twice in one plan", () => {
    everyPass(anyWorld, ({ plan: { actions } }) => {
      const names = actions.flatMap((action) => ("containerId" in action ? (action.containerId ?? []) : []));
      expect(new Set(names).size).toBe(names.length);
      const intents = actions.flatMap((action) => ("intent" in action ? action.intent.name : []));
      expect(new Set(intents).size).toBe(intents.length);
    });
  });

  it("never assigns a slot beyond the instances asked for, nor one that has one of the present config", () => {
    everyPass(anyWorld, ({ world, plan: { actions } }) => {
      const slots = actions
        .flatMap((action) => (action.kind === "assign" ? action.intents : []))
        .map(({ slot }) => slot);
      expect(slots.every((slot) => slot >= 1 && slot <= (world.group?.record.config.instances ?? 1))).toBe(true);
      expect(new Set(slots).size).toBe(slots.length);
      const record = world.group?.record;
      const present = record?.pin === undefined ? undefined : fingerprint(record.config, record.pin);
      const held = world.intents.filter(({ fingerprint: made, phase }) => made === present && phase !== "stopping");
      expect(held.filter(({ slot, phase }) => slots.includes(slot) && phase !== "draining")).toEqual([]);
    });
  });

  it("stops only what was drained before; removes only what has ended or never began", () => {
    everyPass(anyWorld, ({ world, plan: { actions } }) => {
      for (const action of actions) {
        if (action.kind === "stop") expect(mayStop(world, action)).toBe(true);
        if (action.kind === "remove") expect(statusOf(world, action.containerId)).toMatch(/created|exited|dead/);
      }
    });
  });

  it("stops what others were told of only once that was acknowledged, or its deadline has passed", () => {
    everyPass(anyWorld, ({ world, plan: { actions } }) => {
      const { drains } = inputOf(world);
      for (const action of actions) {
        if (action.kind !== "stop" || phaseOf(world, action.intent.name) === "stopping") continue;
        const drain = drains.find(({ name }) => name === action.intent.name);
        if (drain === undefined) expect(world.infos.has(action.intent.name)).toBe(false);
        else expect(world.now).toBeGreaterThanOrEqual(drain.answeredAt ?? drain.since + drain.ackDeadline);
      }
    });
  });

  it("looks again when a deadline passes that somebody has not answered by", () => {
    everyPass(anyWorld, ({ world, plan: { actions, lookAgainAt } }) => {
      if (actions.length > 0) return;
      const running = world.containers.filter(({ status }) => status === "running").map(({ name }) => name);
      const due = inputOf(world)
        .drains.filter(({ name, answeredAt }) => answeredAt === undefined && running.includes(name))
        .map(({ since, ackDeadline }) => since + ackDeadline)
        .filter((deadline) => deadline > world.now);
      if (due.length > 0) expect(lookAgainAt).toBeLessThanOrEqual(Math.min(...due));
    });
  });

  it("never lowers ready below the instances asked for by stopping something that is ready", () => {
    everyPass(anyWorld, ({ world, plan: { actions } }) => {
      const { group } = world;
      if (group === undefined || group.record.removing !== undefined) return;
      const drained = actions
        .filter(({ kind }) => kind === "drain")
        .map((action) => ("intent" in action ? action.intent : undefined));
      const served = readyNames(world);
      const lowered = drained.filter((intent) => intent !== undefined && served.has(intent.name)).length;
      const wanted = group.record.config.instances ?? 1;
      if (lowered > 0) expect(served.size - lowered).toBeGreaterThanOrEqual(Math.min(wanted - 1, served.size - 1));
    });
  });

  it("keeps the bounds of its policy while every container is replaced, and then the rollout is done", () => {
    fc.assert(
      fc.property(changedWorld, anyUpdate, (before, update) => {
        const start = withUpdate(before, update);
        const { passes, world: end } = settle(start);
        const wanted = start.group?.record.config.instances ?? 1;
        const { order, maxParallel } = update;
        const floor = order === "stop-first" ? wanted - Number(maxParallel) : wanted;
        const most = order === "stop-first" ? wanted : wanted + Number(maxParallel);
        const ceiling = Math.max(start.intents.length, most);
        for (const { world } of passes) {
          expect(readyNames(world).size).toBeGreaterThanOrEqual(floor);
          expect(world.intents.filter(({ phase }) => phase !== "stopping").length).toBeLessThanOrEqual(ceiling);
        }
        expect(readyNames(end).size).toBe(wanted);
        expect(end.rollouts?.rollouts[0]).toMatchObject({ state: "done", replaces: wanted > 0 });
      }),
      RUNS,
    );
  });

  it("fills a new group with one assignment", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (instances) => {
        const { passes, world } = settle(emptyWorld(instances));
        const assigns = passes.flatMap((pass) => pass.plan.actions.filter(({ kind }) => kind === "assign"));
        expect(assigns).toHaveLength(1);
        expect(readyNames(world).size).toBe(instances);
      }),
      { numRuns: 30 },
    );
  });
});

const anyUpdate = fc.record({
  order: fc.constantFrom("stop-first", "start-first"),
  maxParallel: fc.integer({ min: 1, max: 4 }).map(String),
  minHealthyTime: fc.constantFrom(0, 10_000),
  wait: fc.constantFrom(0, 5000),
});

function withUpdate(world: World, update: UpdatePolicy): World {
  const { group } = world;
  if (group === undefined) return world;
  return { ...world, group: { ...group, record: { ...group.record, config: { ...group.record.config, update } } } };
}

/** It left discovery, and its engine does not start it again; or that was asked for before. */
function mayStop(world: World, { intent }: ActionOf<"stop">): boolean {
  const phase = phaseOf(world, intent.name);
  return phase === "stopping" || phase === "draining";
}

function everyPass(worlds: fc.Arbitrary<World>, check: (pass: Pass) => void): void {
  fc.assert(
    fc.property(worlds, (start) => {
      for (const pass of settle(start).passes) check(pass);
    }),
    RUNS,
  );
}

function emptyWorld(instances: number): World {
  return {
    group: aGroup({ instances, pinned: false, ports: [{ name: "http", container: 8080 }] }),
    uid: "u1",
    clusterId: CLUSTER,
    intents: [],
    infos: new Map(),
    containers: [],
    slots: { slots: {}, attention: [] },
    hosts: [aHostRecord()],
    now: NOW,
  };
}

function readyNames(world: World): ReadonlySet<string> {
  const running = world.intents.filter(
    ({ name, phase }) => phase === "running" && world.infos.get(name)?.state === "ready",
  );
  return new Set(running.map(({ name }) => name));
}

function phaseOf(world: World, name: string): string {
  return world.intents.find((intent) => intent.name === name)?.phase ?? "no intent";
}

function statusOf(world: World, id: string): string {
  return world.containers.find((container) => container.id === id)?.status ?? "no container";
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i + 1);
}

function shuffle<T>(items: readonly T[], seed: number): T[] {
  return fc.sample(fc.shuffledSubarray([...items], { minLength: items.length }), { numRuns: 1, seed })[0] ?? [];
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of value instanceof Map ? value.values() : Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
