// A store and engines that do every action at once and at no risk: what the planner decides, played to the end. It throws
// where an action would break a promise, so that a property sees it.

import type { Action, ActionOf } from "../../src/model/action.js";
import type { ContainerInfo, Intent, ObservedContainer } from "../../src/model/container.js";
import type { DrainState } from "../../src/model/drain.js";
import type { ConfigRecord } from "../../src/model/group.js";
import { HOST_PORT_FIRST, HOST_PORT_LAST, type HostRecord } from "../../src/model/host.js";
import { hostView } from "../../src/model/host-view.js";
import type { Instant, Milliseconds } from "../../src/model/instant.js";
import { heldByOthers } from "../../src/model/others.js";
import type { Group, Plan, PlanInput, RecoveryFacts } from "../../src/model/plan.js";
import type { Stranger } from "../../src/model/ports.js";
import { NO_ROLLOUTS, type RolloutsRecord, withRollout } from "../../src/model/rollout.js";
import type { SlotRecord, SlotsRecord } from "../../src/model/slots.js";
import type { OpenDrain } from "../../src/model/store.js";
import { plan } from "../../src/planner/plan.js";

export type World = {
  readonly group: Group | undefined;
  readonly uid: string | undefined;
  readonly clusterId: string;
  readonly intents: readonly Intent[];
  readonly infos: ReadonlyMap<string, ContainerInfo>;
  readonly containers: readonly ObservedContainer[];
  readonly slots: SlotsRecord;
  /** Absent: none. */
  readonly rollouts?: RolloutsRecord;
  /** Configs to go back to, by revision. */
  readonly history?: ReadonlyMap<number, ConfigRecord>;
  /** Absent: none is open. */
  readonly drains?: readonly OpenDrain[];
  /** How long it takes until a drain is answered; "never": it is not. */
  readonly answersAfter?: Milliseconds | "never";
  readonly hosts: readonly HostRecord[];
  readonly now: Instant;
  readonly recovery?: RecoveryFacts;
};

/** One pass: what was seen, what was decided. */
export type Pass = { readonly world: World; readonly plan: Plan };

/** How long a container runs before its checks pass. */
const CHECKS_PASS_AFTER = 300;

export function inputOf(world: World): PlanInput {
  return {
    desired: world.group,
    uid: world.uid,
    clusterId: world.clusterId,
    intents: world.intents,
    observed: world.containers.map((container) => checked(container, world.now)),
    infos: world.infos,
    slots: world.slots,
    rollouts: world.rollouts ?? NO_ROLLOUTS,
    drains: (world.drains ?? []).map((drain) => drainState(world, drain)),
    hosts: world.hosts.map((host) =>
      hostView(host, {
        now: world.now,
        others: () =>
          heldByOthers(host.name, { reservations: [], strangers: straysOn(world, host.name), otherNames: [] }),
      }),
    ),
    imageHasHealthcheck: false,
    recovery: world.recovery,
    now: world.now,
  };
}

function drainState(world: World, { name, asked: since, ackDeadline }: OpenDrain): DrainState {
  const answered = answeredAt(world, since);
  if (answered !== undefined && answered <= world.now) {
    return { name, since, ackDeadline, answeredAt: answered, unanswered: [] };
  }
  return { name, since, ackDeadline, answeredAt: undefined, unanswered: [{ server: "s1", awaits: undefined }] };
}

function answeredAt({ answersAfter = 0 }: World, asked: Instant): Instant | undefined {
  return answersAfter === "never" ? undefined : asked + answersAfter;
}

/** What no intent stands for holds its ports all the same. */
function straysOn({ containers, intents, recovery }: World, host: string): Stranger[] {
  const strays = containers.filter(({ owner }) => {
    return !intents.some(({ slot, generation }) => slot === owner.slot && generation === owner.generation);
  });
  return strays
    .filter((stray) => stray.host === host)
    .map(({ id, name }) => ({ id, name, hostPorts: Object.values(recovery?.makings.get(id)?.hostPorts ?? {}) }));
}

/** Plans and does until nothing is left to do and no time changes that; throws after so many passes. */
export function settle(start: World, limit = 400): { readonly world: World; readonly passes: readonly Pass[] } {
  let world = start;
  const passes: Pass[] = [];
  while (passes.length < limit) {
    const next = plan(inputOf(world));
    passes.push({ world, plan: next });
    if (next.actions.length > 0) {
      for (const action of next.actions) world = applied(world, action);
      world = { ...world, now: world.now + 10 };
      continue;
    }
    const later = nextTime(world, next);
    if (later === undefined) return { world, passes };
    world = { ...world, now: later };
  }
  const last = passes.at(-1)?.plan.actions.map(({ kind, reason }) => `${kind}: ${reason}`);
  throw new Error(`it does not settle; last plan: ${JSON.stringify(last)}`);
}

/** Checks that are about to pass and answers that are about to come change the facts too. */
function nextTime(world: World, { lookAgainAt }: Plan): Instant | undefined {
  const passing = world.containers
    .filter(({ status, verdict }) => status === "running" && verdict === "untried")
    .map(({ startedAt = 0 }) => startedAt + CHECKS_PASS_AFTER)
    .filter((time) => time > world.now);
  const answered = (world.drains ?? [])
    .map(({ asked }) => answeredAt(world, asked) ?? 0)
    .filter((at) => at > world.now);
  const times = [...passing, ...answered, ...(lookAgainAt === undefined ? [] : [lookAgainAt])];
  return times.length === 0 ? undefined : Math.min(...times);
}

function checked(container: ObservedContainer, now: Instant): ObservedContainer {
  const { status, startedAt = 0, verdict } = container;
  if (status !== "running" || verdict !== "untried" || startedAt + CHECKS_PASS_AFTER > now) return container;
  return { ...container, verdict: "passing", health: container.health === "none" ? "none" : "healthy" };
}

export function applied(world: World, action: Action): World {
  switch (action.kind) {
    case "pinImage":
      return pinned(world, action.image);
    case "assign":
      return action.intents.reduce(assigned, world);
    case "launch":
      return launched(world, action.intent);
    case "publish":
      held(world, action.name);
      return withInfo(world, action.name, action.info);
    case "drain":
      return drained(world, action);
    case "stop":
      heard(world, action.intent.name);
      return stopped(withIntent(world, action.intent), action.containerId);
    case "remove":
      return removed(world, action.containerId);
    case "removeStray":
      return removed(world, action.containerId);
    case "stopStray":
      return stopped(withContainer(world, action.containerId, { restartPolicy: "no" }), action.containerId);
    case "raiseSlots":
      return action.slots.reduce(raised, world);
    case "adopt":
      return adopted(world, action);
    case "release":
      return released(world, action.intent, action.failure);
    case "setRestartPolicy":
      return withContainer(world, action.containerId, { restartPolicy: action.policy });
    case "forgiveSlot":
      return withSlot(world, action.slot, ({ generation, host }) => ({
        generation,
        failures: 0,
        ...(host === undefined ? {} : { host }),
      }));
    case "noteAttention":
      return { ...world, slots: { ...world.slots, attention: action.attention } };
    case "noteRollouts":
      return { ...world, rollouts: action.rollouts.reduce(withRollout, world.rollouts ?? NO_ROLLOUTS) };
    case "tryOut":
      return { ...world, rollouts: withRollout(world.rollouts ?? NO_ROLLOUTS, { ...action.rollout, tried: true }) };
    case "rollBack":
      return rolledBack(world, action);
    case "removeGroup":
      if (world.intents.length > 0) throw new Error("the group is removed while it has intents");
      return { ...world, group: undefined, uid: undefined, slots: { slots: {}, attention: [] } };
  }
}

function rolledBack(world: World, { rollout, to }: ActionOf<"rollBack">): World {
  const { group } = world;
  const former = world.history?.get(to);
  if (group === undefined || former === undefined) throw new Error(`there is no rev ${to} to go back to`);
  const { instances = 1 } = group.record.config;
  const configRevision = group.record.configRevision + 1;
  const record = { ...former, configRevision, config: { ...former.config, instances } };
  const rollouts = withRollout(world.rollouts ?? NO_ROLLOUTS, rollout);
  return { ...world, rollouts, group: { ...group, record } };
}

function drained(world: World, { intent, info, ackDeadline }: ActionOf<"drain">): World {
  const left = withIntent(world, intent);
  if (info === undefined) return left;
  const others = (world.drains ?? []).filter(({ name }) => name !== intent.name);
  const drains = [...others, { name: intent.name, ackDeadline, asked: world.now }];
  return { ...withInfo(left, intent.name, info), drains };
}

/** Nobody who was told of a container goes on using it when it is stopped. */
function heard(world: World, name: string): void {
  const phase = world.intents.find((intent) => intent.name === name)?.phase;
  const drain = inputOf(world).drains.find((one) => one.name === name);
  if (phase === "stopping" || (!world.infos.has(name) && drain === undefined)) return;
  if (drain === undefined) throw new Error(`${name} is stopped, and nobody was asked`);
  if (drain.answeredAt === undefined && drain.since + drain.ackDeadline > world.now) {
    throw new Error(`${name} is stopped unheard`);
  }
}

function raised(world: World, { slot, generation, host }: Pick<Intent, "slot" | "generation" | "host">): World {
  return withSlot(world, slot, (old) => (old.generation >= generation ? old : { ...old, generation, host }));
}

function adopted(world: World, { uid = world.uid, record, intents, infos }: ActionOf<"adopt">): World {
  for (const { slot, generation, host } of intents) {
    const there = world.containers.some(
      (one) =>
        one.owner.groupUid === uid &&
        one.owner.slot === slot &&
        one.owner.generation === generation &&
        one.host === host,
    );
    if (!there) throw new Error(`slot ${slot} is adopted without a container`);
    if (world.intents.some((intent) => intent.slot === slot)) throw new Error(`slot ${slot} is not empty`);
  }
  const ref = world.group?.ref ?? world.containers[0]?.owner.group;
  const present = record ?? world.group?.record;
  if (ref === undefined || uid === undefined || present === undefined) throw new Error("no group to adopt for");
  if (uid !== world.uid && world.intents.length > 0) throw new Error("another group is replaced while it has intents");
  const slots = uid === world.uid ? world.slots : { slots: {}, attention: [] };
  const next = {
    ...world,
    uid,
    slots,
    group: { ref, uid, record: present },
    intents: [...world.intents, ...intents],
    infos: new Map([...world.infos, ...infos]),
  };
  return intents.reduce(raised, next);
}

function pinned(world: World, image: string): World {
  const { group } = world;
  if (group === undefined) throw new Error("no group to pin an image for");
  const record = { ...group.record, pin: { asked: image, pinned: `${image}@sha256:0` } };
  return { ...world, group: { ...group, record } };
}

function assigned(world: World, intent: Intent): World {
  const others = world.intents.filter(({ slot }) => slot === intent.slot);
  const isBeside = others.length === 1 && others.every((other) => isOlder(other, intent));
  if (others.length > 0 && !isBeside) throw new Error(`slot ${intent.slot} is not empty`);
  if (intent.generation <= (world.slots.slots[intent.slot]?.generation ?? 0)) throw new Error("an old generation");
  const ports = Object.values(intent.hostPorts);
  const taken = world.intents
    .filter(({ host }) => host === intent.host)
    .flatMap(({ hostPorts }) => Object.values(hostPorts));
  if (ports.some((port) => taken.includes(port))) throw new Error(`a port is given twice on ${intent.host}`);
  const hosts = world.hosts.map((host) =>
    host.name === intent.host ? { ...host, nextPort: nextPortAfter(host.nextPort, ports) } : host,
  );
  const next = { ...world, hosts, intents: [...world.intents, intent] };
  const { generation, host } = intent;
  return withSlot(next, intent.slot, (old) => ({ ...old, generation, host }));
}

/** Of another config, or of before a restart. */
function isOlder(a: Intent, b: Intent): boolean {
  return a.fingerprint !== b.fingerprint || a.configRevision < b.configRevision;
}

function launched(world: World, intent: Intent): World {
  const { group } = world;
  if (group === undefined) throw new Error("no group to launch for");
  const running: ObservedContainer = {
    id: `id-${intent.name}`,
    name: intent.name,
    host: intent.host,
    owner: {
      cluster: world.clusterId,
      group: group.ref,
      groupUid: group.uid,
      slot: intent.slot,
      generation: intent.generation,
      configRevision: intent.configRevision,
      fingerprint: intent.fingerprint,
    },
    status: "running",
    startedAt: world.now,
    outOfMemory: false,
    restartCount: 0,
    restartPolicy: "no",
    health: "none",
    verdict: "untried",
  };
  const others = world.containers.filter(
    ({ owner }) => owner.slot !== intent.slot || owner.generation !== intent.generation || owner.groupUid !== group.uid,
  );
  const next = withIntent({ ...world, containers: [...others, running] }, { ...intent, phase: "running" });
  return withInfo(next, intent.name, {
    instanceName: intent.name,
    instanceHost: "172.17.0.1",
    instancePort: null,
    portMappings: {},
    state: "starting",
    origin: "managed",
    since: world.now,
  });
}

function stopped(world: World, containerId: string | undefined): World {
  if (containerId === undefined) return world;
  return withContainer(world, containerId, { status: "exited", exitCode: 143, finishedAt: world.now });
}

function removed(world: World, containerId: string): World {
  return { ...world, containers: world.containers.filter(({ id }) => id !== containerId) };
}

function released(world: World, intent: Intent, failure: Extract<Action, { kind: "release" }>["failure"]): World {
  const { slot, generation, name } = intent;
  if (
    world.containers.some((one) => one.owner.slot === slot && one.owner.generation === generation && one.name === name)
  ) {
    throw new Error(`${name} is released while it exists`);
  }
  const infos = new Map(world.infos);
  infos.delete(name);
  const hosts = world.hosts.map((host) => (host.name === intent.host ? freed(host, intent, world.now) : host));
  const drains = (world.drains ?? []).filter((one) => one.name !== name);
  const next = { ...world, hosts, infos, drains, intents: world.intents.filter((one) => one.name !== name) };
  if (failure === undefined) return next;
  const { attention } = failure;
  return withSlot(next, slot, (old) => ({
    ...old,
    failures: old.failures + 1,
    ...(attention.retryAt === undefined ? {} : { notBefore: attention.retryAt }),
    attention,
  }));
}

function freed(host: HostRecord, intent: Intent, now: Instant): HostRecord {
  const ports = Object.values(intent.hostPorts).map((port) => [port, now] as const);
  return { ...host, freedPorts: { ...host.freedPorts, ...Object.fromEntries(ports) } };
}

function held(world: World, name: string): void {
  if (!world.intents.some((intent) => intent.name === name)) throw new Error(`${name} has no intent`);
}

function withIntent(world: World, intent: Intent): World {
  return { ...world, intents: [...world.intents.filter(({ name }) => name !== intent.name), intent] };
}

function withInfo(world: World, name: string, info: ContainerInfo): World {
  return { ...world, infos: new Map([...world.infos, [name, info]]) };
}

function withContainer(world: World, id: string, change: Partial<ObservedContainer>): World {
  if (!world.containers.some((one) => one.id === id)) throw new Error(`there is no container ${id}`);
  const containers = world.containers.map((one) => (one.id === id ? { ...one, ...change } : one));
  return { ...world, containers };
}

function withSlot(world: World, slot: number, change: (old: SlotRecord) => SlotRecord): World {
  const old = world.slots.slots[slot] ?? { generation: 0, failures: 0 };
  return { ...world, slots: { ...world.slots, slots: { ...world.slots.slots, [slot]: change(old) } } };
}

/** After the furthest of the given ports, going round. */
function nextPortAfter(nextPort: number, given: readonly number[]): number {
  const count = HOST_PORT_LAST - HOST_PORT_FIRST + 1;
  const steps = given
    .filter((port) => port >= HOST_PORT_FIRST && port <= HOST_PORT_LAST)
    .map((port) => (port - nextPort + count) % count);
  if (steps.length === 0) return nextPort;
  return HOST_PORT_FIRST + ((nextPort - HOST_PORT_FIRST + Math.max(...steps) + 1) % count);
}
