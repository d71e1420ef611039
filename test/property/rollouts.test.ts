// Updates, scales, restarts, crashes and what people ask, one in the middle of the other: what was promised holds in every
// pass, and everything comes to an end.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Intent } from "../../src/model/container.js";
import type { ConfigRecord } from "../../src/model/group.js";
import { isOver, type Rollout, rolloutOf } from "../../src/model/rollout.js";
import { type SteeringAct, steered } from "../../src/model/steering.js";
import { plan } from "../../src/planner/plan.js";
import { aGroup, aHostRecord, aRollout, CLUSTER, NOW } from "../support/builders.js";
import { applied, inputOf, type Pass, settle, type World } from "../support/perfect-world.js";

const RUNS = { numRuns: 200 };
const LIMIT = 5000;

/** "sick" never passes its checks, "short" ends as soon as it is started. */
const anyImage = fc.constantFrom("web:1", "web:2", "web:3", "sick", "short");

const anyEvent = fc.oneof(
  fc.record({
    kind: fc.constant("change" as const),
    image: anyImage,
    instances: fc.integer({ min: 1, max: 5 }),
    pinned: fc.boolean(),
    update: fc.record({
      order: fc.constantFrom("stop-first" as const, "start-first" as const, "auto" as const),
      maxParallel: fc.constantFrom("1", "2", "3"),
      canary: fc.constantFrom(0, 1),
      wait: fc.constantFrom(0, 5000),
      onFailure: fc.constantFrom("rollback" as const, "pause" as const, "continue" as const),
    }),
  }),
  fc.record({ kind: fc.constant("crash" as const), index: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant("sicken" as const), index: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant("restart" as const) }),
  fc.record({ kind: fc.constantFrom("silence" as const, "answer" as const), host: fc.constantFrom("local", "b") }),
  fc.record({ kind: fc.constantFrom<SteeringAct>("pause", "resume", "promote", "abort") }),
);
type Happening = typeof anyEvent extends fc.Arbitrary<infer T> ? T : never;

const aStory = fc.record({
  instances: fc.integer({ min: 1, max: 5 }),
  events: fc.array(fc.record({ event: anyEvent, passes: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 40 })) }), {
    minLength: 1,
    maxLength: 9,
  }),
});

describe("rollouts in any mixture", () => {
  it("keep their bounds, and end", () => {
    fc.assert(
      fc.property(aStory, ({ instances, events }) => {
        let world = settled(instances);
        for (const { event, passes } of events) {
          world = happened(world, event);
          world = run(world, passes);
        }
        world = promoted(withProblem(withProblem(world, "b", undefined), "local", undefined));
        const end = run(happened(world, { kind: "resume" }), LIMIT);
        const [newest] = end.rollouts?.rollouts ?? [];
        expect(newest?.to).toBe(end.group?.record.configRevision);
        expect(newest !== undefined && isOver(newest)).toBe(true);
        const unfinished = end.rollouts?.rollouts.filter((one) => !isOver(one));
        expect(unfinished).toEqual([]);
        if (newest?.state === "done") expect(end.intents).toHaveLength(wantedOf(end));
      }),
      RUNS,
    );
  });
});

function settled(instances: number): World {
  const group = aGroup({ instances, ports: [{ name: "http", container: 8080 }], restart: "on-failure" });
  const world = settle({
    ...{ group, uid: "u1", clusterId: CLUSTER, intents: [], infos: new Map(), containers: [] },
    ...{ slots: { slots: {}, attention: [] }, hosts: [aHostRecord(), aHostRecord({ name: "b" })], now: NOW },
  }).world;
  return { ...world, history: new Map([[1, group.record]]) };
}

function run(start: World, passes: number): World {
  let world = start;
  for (let count = 0; count < passes; count++) {
    const next = plan(inputOf(world));
    check({ world, plan: next });
    for (const action of next.actions) world = applied(world, action);
    world = remembered(spoilt(world));
    if (next.actions.length > 0) {
      world = { ...world, now: world.now + 10 };
      continue;
    }
    const passing = world.containers
      .filter(({ status, verdict }) => status === "running" && verdict === "untried")
      .map(({ startedAt = 0 }) => startedAt + 300)
      .filter((time) => time > world.now);
    const times = [...passing, ...(next.lookAgainAt === undefined ? [] : [next.lookAgainAt])];
    // Back-off never ends by itself.
    if (times.length === 0 || (passes === LIMIT && isAtRest(world))) return world;
    world = { ...world, now: Math.min(...times) };
  }
  if (passes === LIMIT) throw new Error("it does not end");
  return world;
}

function isAtRest(world: World): boolean {
  const [newest] = world.rollouts?.rollouts ?? [];
  return newest !== undefined && newest.state === "failed" && newest.to === world.group?.record.configRevision;
}

/** What the images are like. */
function spoilt(world: World): World {
  const containers = world.containers.map((one) => {
    if (one.status !== "running") return one;
    const image = imageOf(world, one.owner.configRevision);
    if (image === "sick") return { ...one, verdict: "failing" as const };
    const ended = { status: "exited" as const, exitCode: 1, finishedAt: world.now };
    return image === "short" ? { ...one, ...ended } : one;
  });
  return { ...world, containers };
}

const imageOf = (world: World, revision: number): string => world.history?.get(revision)?.config.image ?? "";

function remembered(world: World): World {
  const { group } = world;
  if (group === undefined) return world;
  const { steering: _, ...record } = group.record;
  return { ...world, history: new Map([...(world.history ?? []), [record.configRevision, record]]) };
}

function happened(world: World, event: Happening): World {
  const { group } = world;
  if (group === undefined) return world;
  const { record } = group;
  const configRevision = record.configRevision + 1;
  const change = { ...record.change, time: world.now };
  const { steering: _, pin, ...rest } = record;
  const withRecord = (next: ConfigRecord): World => remembered({ ...world, group: { ...group, record: next } });
  switch (event.kind) {
    case "change": {
      const { image, instances, update, pinned } = event;
      const { pin: own } = aGroup({ image }).record;
      const kept = image === record.config.image ? pin : pinned ? own : undefined;
      const config = { ...record.config, image, instances, update };
      return withRecord({ ...rest, config, configRevision, change, ...(kept === undefined ? {} : { pin: kept }) });
    }
    case "restart":
      return withRecord({ ...rest, ...(pin && { pin }), configRevision, change, restart: configRevision });
    case "silence":
      return withProblem(world, event.host, "HOST_UNREACHABLE");
    case "answer":
      return withProblem(world, event.host, undefined);
    case "crash":
      return spoilOne(world, event.index, { status: "exited", exitCode: 1, finishedAt: world.now });
    case "sicken":
      return spoilOne(world, event.index, { verdict: "failing" });
    case "pause":
    case "resume":
    case "promote":
    case "abort":
      return withRecord({ ...record, steering: steered(record.steering, event.kind, change) });
  }
}

function withProblem(world: World, host: string, reason: "HOST_UNREACHABLE" | undefined): World {
  const hosts = world.hosts.map((one) => {
    if (one.name !== host) return one;
    const { problem: _, ...rest } = one;
    return reason === undefined ? rest : { ...rest, problem: { reason, text: "it is silent", since: world.now } };
  });
  return { ...world, hosts };
}

function promoted(world: World): World {
  const { group } = world;
  if (group === undefined) return world;
  const steering = steered(group.record.steering, "promote", group.record.change, 5);
  return { ...world, group: { ...group, record: { ...group.record, steering } } };
}

function spoilOne(world: World, index: number, how: Partial<World["containers"][number]>): World {
  const running = world.containers.filter(({ status }) => status === "running");
  const one = running[index % Math.max(1, running.length)];
  const containers = world.containers.map((container) => (container === one ? { ...container, ...how } : container));
  return { ...world, containers };
}

const wantedOf = (world: World): number => world.group?.record.config.instances ?? 1;

function check({ world, plan: { actions } }: Pass): void {
  const { group } = world;
  if (group === undefined) return;
  const noted = actions.flatMap((action) => (action.kind === "noteRollouts" ? action.rollouts : []));
  const to = group.record.configRevision;
  const rollout: Rollout | undefined =
    rolloutOf({ rollouts: noted }, to) ?? rolloutOf(world.rollouts ?? { rollouts: [] }, to);
  const { order, maxParallel } = (rollout ?? aRollout({ policy: { order: "start-first", maxParallel: 0 } })).policy;
  const wanted = wantedOf(world);
  const serving = new Set(servingIn(world));
  const drained = actions.flatMap((action) => (action.kind === "drain" ? [action.intent.name] : []));
  const lowered = drained.filter((name) => serving.has(name)).length;
  const floor = order === "stop-first" ? wanted - maxParallel : wanted;
  if (lowered > 0) expect(serving.size - lowered).toBeGreaterThanOrEqual(floor);
  const assigned = actions.flatMap((action): readonly Intent[] => (action.kind === "assign" ? action.intents : []));
  const held = new Set(world.intents.map(({ slot }) => slot));
  for (const one of held) expect(world.intents.filter(({ slot }) => slot === one).length).toBeLessThanOrEqual(2);
  const beside = assigned.filter(({ slot }) => held.has(slot));
  if (beside.length > 0) {
    expect(order).toBe("start-first");
    // What is being stopped counts as gone.
    const present = world.intents.filter(({ phase }) => phase !== "stopping").length;
    expect(present + assigned.length).toBeLessThanOrEqual(wanted + maxParallel);
  }
}

function servingIn(world: World): readonly string[] {
  const input = inputOf(world);
  return world.intents.flatMap(({ name, slot, generation, phase }) => {
    const one = input.observed.find(({ owner }) => owner.slot === slot && owner.generation === generation);
    const serves = phase === "running" && world.infos.get(name)?.state === "ready";
    return serves && one?.status === "running" && one.verdict === "passing" ? [name] : [];
  });
}
