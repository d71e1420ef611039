// Updates that change how large containers are, on hosts that are nearly full: no host ever has more than it can hold,
// nothing that was promised is stopped for a place that does not exist, and everything comes to rest.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { rolloutOf } from "../../src/model/rollout.js";
import { plan } from "../../src/planner/plan.js";
import { aGroup, aHostRecord, CLUSTER, NOW } from "../support/builders.js";
import { applied, inputOf, type Pass, settle, type World } from "../support/perfect-world.js";

const GIB = 2 ** 30;
const HOST_MEM = 8 * GIB;
const LIMIT = 3000;

const aChange = fc.record({
  image: fc.constantFrom("web:1", "web:2", "web:3"),
  instances: fc.integer({ min: 1, max: 6 }),
  mem: fc.constantFrom(1, 2, 3, 5),
  distinctHost: fc.boolean(),
  update: fc.record({
    order: fc.constantFrom("stop-first" as const, "start-first" as const, "auto" as const),
    maxParallel: fc.constantFrom("1", "2", "3"),
    onFailure: fc.constantFrom("rollback" as const, "pause" as const),
  }),
  passes: fc.nat({ max: 30 }),
});
type Change = typeof aChange extends fc.Arbitrary<infer T> ? T : never;

describe("updates on hosts that are nearly full", () => {
  it("overcommit none of them, keep their bounds, and end", () => {
    fc.assert(
      fc.property(fc.array(aChange, { minLength: 1, maxLength: 6 }), (changes) => {
        let world = settled();
        for (const change of changes) world = run(changed(world, change), change.passes);
        const end = run(world, LIMIT);
        const present = rolloutOf(end.rollouts ?? { rollouts: [] }, end.group?.record.configRevision);
        expect(present?.state).toMatch(/^(done|failed)$/);
      }),
      { numRuns: 150 },
    );
  });
});

function settled(): World {
  const group = aGroup({ instances: 3, mem: 2 * GIB, restart: "on-failure" });
  const hosts = ["local", "b"].map((name) => aHostRecord({ name, mem: HOST_MEM }));
  const world = settle({
    ...{ group, uid: "u1", clusterId: CLUSTER, intents: [], infos: new Map(), containers: [], hosts },
    ...{ slots: { slots: {}, attention: [] }, now: NOW },
  }).world;
  return { ...world, history: new Map([[1, group.record]]) };
}

function changed(world: World, { passes: _, mem, ...asked }: Change): World {
  const { group } = world;
  if (group === undefined) return world;
  const configRevision = group.record.configRevision + 1;
  const made = aGroup({ ...group.record.config, ...asked, mem: mem * GIB, configRevision });
  const record = { ...made.record, change: { ...made.record.change, time: world.now } };
  return remembered({ ...world, group: { ...group, record } });
}

function remembered(world: World): World {
  const { record } = world.group ?? {};
  if (record === undefined) return world;
  return { ...world, history: new Map([...(world.history ?? []), [record.configRevision, record]]) };
}

function run(start: World, passes: number): World {
  let world = start;
  for (let count = 0; count < passes; count++) {
    const next = plan(inputOf(world));
    check({ world, plan: next });
    for (const action of next.actions) world = applied(world, action);
    world = remembered(world);
    const passing = world.containers
      .filter(({ status, verdict }) => status === "running" && verdict === "untried")
      .map(({ startedAt = 0 }) => startedAt + 300);
    const times = [...passing, next.lookAgainAt ?? 0].filter((time) => time > world.now);
    if (next.actions.length === 0 && times.length === 0) return world;
    world = { ...world, now: next.actions.length > 0 ? world.now + 10 : Math.min(...times) };
  }
  if (passes === LIMIT) throw new Error("it does not end");
  return world;
}

function check({ world, plan: { actions } }: Pass): void {
  const { config, configRevision } = world.group?.record ?? {};
  const assigned = actions.flatMap((action) => (action.kind === "assign" ? action.intents : []));
  for (const host of world.hosts) {
    const held = [...world.intents, ...assigned].filter((intent) => intent.host === host.name);
    // By the config of its own revision, not by what it says itself.
    const mem = held.reduce((sum, intent) => sum + (world.history?.get(intent.configRevision)?.config.mem ?? 0), 0);
    if (assigned.some((intent) => intent.host === host.name)) expect(mem).toBeLessThanOrEqual(HOST_MEM);
  }
  const noted = actions.flatMap((action) => (action.kind === "noteRollouts" ? action.rollouts : []));
  const rollouts = [...noted, ...(world.rollouts?.rollouts ?? [])];
  const rollout = rollouts.find(({ to }) => to === configRevision);
  const serving = world.intents.filter(
    ({ name, phase }) => phase === "running" && world.infos.get(name)?.state === "ready",
  );
  const drained = actions.flatMap((action) => (action.kind === "drain" ? [action.intent.name] : []));
  const lowered = serving.filter(({ name }) => drained.includes(name)).length;
  if (lowered === 0 || rollout === undefined || config === undefined) return;
  const { order, maxParallel } = rollout.policy;
  const least = (config.instances ?? 1) - (order === "start-first" ? 0 : maxParallel);
  expect(serving.length - lowered).toBeGreaterThanOrEqual(least);
}
