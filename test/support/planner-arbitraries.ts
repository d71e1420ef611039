// Random groups, hosts and containers for properties of the planner: sound worlds, and worlds that something went wrong in.

import fc from "fast-check";
import type { ContainerInfo, Intent, ObservedContainer } from "../../src/model/container.js";
import type { GroupConfig } from "../../src/model/group.js";
import type { Milliseconds } from "../../src/model/instant.js";
import type { Group } from "../../src/model/plan.js";
import type { SlotRecord } from "../../src/model/slots.js";
import type { OpenDrain } from "../../src/model/store.js";
import { ADDRESS, aGroup, aHostRecord, anInfo, anIntent, aRunning, CLUSTER, changed, NOW } from "./builders.js";
import type { World } from "./perfect-world.js";

const SITUATIONS = [
  "assigned",
  "created",
  "starting",
  "ready",
  "unhealthy",
  "exited",
  "vanished",
  "draining",
  "draining-unasked",
  "stopping",
  "released-soon",
  "lost-record",
  "late-create",
] as const;
type Situation = (typeof SITUATIONS)[number];

const config: fc.Arbitrary<Partial<GroupConfig>> = fc.record(
  {
    instances: fc.integer({ min: 0, max: 5 }),
    ports: fc.constantFrom(
      [{ name: "http", container: 8080 }],
      [
        { name: "http", container: 8080 },
        { name: "admin", container: 9000 },
      ],
    ),
    restart: fc.constantFrom("always", "on-failure", "never"),
    maxPerHost: fc.integer({ min: 0, max: 2 }),
    distinctHost: fc.boolean(),
    cpu: fc.constantFrom(0.5, 1.5),
    health: fc.constantFrom(
      { check: { kind: "none" } } as const,
      { check: { kind: "exec", command: ["true"] } } as const,
    ),
    volumes: fc.constant([{ name: "data", at: "/data" }]),
    stop: fc.constantFrom({ drainWait: 500 }, { ackDeadline: 2000 }, { ackDeadline: 0 }),
    spread: fc.constantFrom("host", "zone", "none"),
  },
  { requiredKeys: ["instances"] },
);

type Drawn = {
  readonly config: Partial<GroupConfig>;
  readonly slots: readonly {
    readonly situation: Situation;
    readonly outdated: boolean;
    readonly host: number;
    readonly twice: boolean;
  }[];
  readonly hosts: number;
  readonly fate: "asked" | "removing" | "unpinned" | "config gone";
  readonly answersAfter?: Milliseconds | "never";
};

const drawn: fc.Arbitrary<Drawn> = fc.record({
  config,
  slots: fc.array(
    fc.record({
      situation: fc.constantFrom(...SITUATIONS),
      outdated: fc.boolean(),
      host: fc.nat({ max: 2 }),
      twice: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
  hosts: fc.integer({ min: 1, max: 3 }),
  fate: fc.constantFrom("asked", "asked", "asked", "removing", "unpinned", "config gone"),
  answersAfter: fc.constantFrom<Milliseconds | "never">(0, 0, 30, 5000, "never"),
});

/** Any mix of what crashes, hands and other leaders may leave behind. */
export const anyWorld: fc.Arbitrary<World> = drawn.map(worldOf);

/** All slots ready and stable, of an older config: a change has just been asked for. */
export const changedWorld: fc.Arbitrary<World> = fc
  .record({
    instances: fc.integer({ min: 1, max: 6 }),
    hosts: fc.integer({ min: 1, max: 3 }),
    fewer: fc.nat({ max: 2 }),
  })
  .map(({ instances, hosts, fewer }) => {
    const config = { instances, ports: [{ name: "http", container: 8080 }] };
    const slots = Array.from({ length: instances }, (_, i) => ({
      situation: "ready" as const,
      outdated: true,
      host: i % hosts,
      twice: false,
    }));
    const world = worldOf({ config, slots, hosts, fate: "asked" });
    const wanted = Math.max(instances - fewer, 1);
    return world.group === undefined ? world : { ...world, group: changed(world.group, { instances: wanted }) };
  });

function worldOf({ config, slots, hosts, fate, answersAfter = 0 }: Drawn): World {
  const group = aGroup({
    ...config,
    configRevision: 2,
    pinned: fate !== "unpinned",
    ...(fate === "removing" ? { removing: { volumes: false } } : {}),
  });
  const older = aGroup({ ...config, image: "web:0" });
  const parts = slots.flatMap(({ situation, outdated, host, twice }, i) => {
    const of = outdated ? older : group;
    const make = (generation: number, what: Situation): Part =>
      partOf(of, { slot: i + 1, generation, host: `h${host % hosts}` }, what);
    return twice ? [make(1, "ready"), make(2, situation)] : [make(1, situation)];
  });
  const records: Record<number, SlotRecord> = {};
  for (const [i, { twice }] of slots.entries()) records[i + 1] = { generation: twice ? 2 : 1, failures: i % 3 };
  return {
    group: fate === "config gone" ? undefined : group,
    uid: group.uid,
    clusterId: CLUSTER,
    intents: parts.flatMap(({ intent }) => intent ?? []),
    infos: new Map(parts.flatMap(({ info }) => (info === undefined ? [] : [[info.instanceName, info] as const]))),
    containers: parts.flatMap(({ container }) => container ?? []),
    slots: { slots: records, attention: [] },
    drains: parts.flatMap(({ drain }) => drain ?? []),
    answersAfter,
    hosts: Array.from({ length: hosts }, (_, i) =>
      aHostRecord({ name: `h${i}`, address: ADDRESS, labels: [`zone=z${i % 2}`] }),
    ),
    now: NOW,
  };
}

type Part = {
  readonly intent?: Intent;
  readonly container?: ObservedContainer;
  readonly info?: ContainerInfo;
  readonly drain?: OpenDrain;
};

function partOf(group: Group, at: Pick<Intent, "slot" | "generation" | "host">, situation: Situation): Part {
  const intent = anIntent(group, at);
  // Ports of another generation are other ports.
  const hostPorts = Object.fromEntries(
    Object.entries(intent.hostPorts).map(([name, port]) => [name, port + at.generation * 100]),
  );
  return situated(group, { ...intent, hostPorts }, situation);
}

function situated(group: Group, intent: Intent, situation: Situation): Part {
  const container = aRunning(group, intent);
  const info = anInfo(group, intent);
  const neverStarted = (({ startedAt: _, ...rest }) => ({
    ...rest,
    status: "created" as const,
    restartPolicy: "no" as const,
  }))(container);
  switch (situation) {
    case "assigned":
      return { intent: { ...intent, phase: "creating" } };
    case "created":
      return { intent: { ...intent, phase: "creating" }, container: neverStarted };
    case "starting":
      return {
        intent,
        container: { ...container, startedAt: NOW - 10, restartPolicy: "no" },
        info: { ...info, state: "starting", since: NOW - 20 },
      };
    case "ready":
      return { intent, container, info };
    case "unhealthy":
      return { intent, container: { ...container, verdict: "failing" }, info: { ...info, state: "unhealthy" } };
    case "exited":
      return {
        intent,
        container: {
          ...container,
          status: "exited",
          exitCode: intent.slot % 2,
          finishedAt: NOW - 60_000,
          restartPolicy: "no",
        },
        info,
      };
    case "vanished":
      return { intent, info };
    case "draining":
      return {
        intent: { ...intent, phase: "draining" },
        container,
        info: { ...info, state: "draining", since: NOW - 5 },
        drain: { name: intent.name, ackDeadline: 3000, asked: NOW - 5 },
      };
    case "draining-unasked":
      return {
        intent: { ...intent, phase: "draining" },
        container,
        info: { ...info, state: "draining", since: NOW - 60_000 },
      };
    case "stopping":
      return {
        intent: { ...intent, phase: "stopping" },
        container: { ...container, status: "exited", exitCode: 0 },
        info,
      };
    case "released-soon":
      return { intent: { ...intent, phase: "stopping" }, info };
    case "lost-record":
      return { container };
    case "late-create":
      return { container: neverStarted };
  }
}
