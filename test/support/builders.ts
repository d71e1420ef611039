// Groups, hosts and containers for tests that read like sentences. Everything has a sensible value; say only what matters.

import type { Action, ActionKind, ActionOf } from "../../src/model/action.js";
import type { ContainerInfo, Intent, ObservedContainer } from "../../src/model/container.js";
import { containerName } from "../../src/model/container-name.js";
import type { DrainState } from "../../src/model/drain.js";
import { fingerprint } from "../../src/model/fingerprint.js";
import type { ConfigRecord, GroupConfig, Pin } from "../../src/model/group.js";
import type { HostRecord, HostView } from "../../src/model/host.js";
import { MINUTE } from "../../src/model/instant.js";
import type { Group, Plan, PlanInput } from "../../src/model/plan.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import { NO_ROLLOUTS, type Rollout, type RolloutPolicy, type RolloutsRecord } from "../../src/model/rollout.js";
import type { SlotsRecord } from "../../src/model/slots.js";
import { reservesOf } from "../../src/planner/room.js";

export const NOW = Date.UTC(2026, 0, 1);
export const CLUSTER = "c0ffee";
export const ADDRESS = "172.17.0.1";

type GroupOptions = Partial<GroupConfig> & {
  readonly ref?: GroupRef;
  readonly uid?: string;
  readonly configRevision?: number;
  /** False: the image is not pinned yet. */
  readonly pinned?: boolean;
  readonly removing?: { readonly volumes: boolean };
};

/** "web/dev" of image web:1, pinned, one instance, no ports. */
export function aGroup(options: GroupOptions = {}): Group {
  const {
    ref = groupRef("web", ["dev"]),
    uid = "u1",
    configRevision = 1,
    pinned = true,
    removing,
    ...config
  } = options;
  const full: GroupConfig = { image: "web:1", ...config };
  const record: ConfigRecord = {
    config: full,
    configRevision,
    change: { actor: "ann@desk", command: "apply", message: "", time: NOW - 60 * MINUTE },
    ...(pinned ? { pin: aPin(full.image) } : {}),
    ...(removing === undefined ? {} : { removing }),
  };
  return { ref, uid, record };
}

export function aPin(image: string): Pin {
  return { asked: image, pinned: `${image}@sha256:0` };
}

/** The same group with another config, one revision later; pinned unless told otherwise. */
export function changed(group: Group, options: GroupOptions): Group {
  const { config, configRevision } = group.record;
  return aGroup({ ...config, ref: group.ref, uid: group.uid, configRevision: configRevision + 1, ...options });
}

export function aHost(options: Partial<HostView> = {}): HostView {
  return {
    name: "local",
    reachable: true,
    address: ADDRESS,
    labels: [],
    cpu: 4,
    mem: 8 * 2 ** 30,
    reservedCpu: 0,
    reservedMem: 0,
    takenPorts: new Map(),
    quarantinedPorts: new Set(),
    nextPort: 20000,
    takenNames: new Set(),
    ...options,
  };
}

export function aHostRecord(options: Partial<HostRecord> = {}): HostRecord {
  return {
    name: "local",
    engineId: "E1",
    engineVersion: "20.10.24",
    address: ADDRESS,
    labels: [],
    cpu: 4,
    mem: 8 * 2 ** 30,
    nextPort: 20000,
    freedPorts: {},
    lastSeen: NOW,
    ...options,
  };
}

/** An intent of this group's present config, phase running; pinned images give its fingerprint. */
export function anIntent(group: Group, options: Partial<Intent> = {}): Intent {
  const { slot = 1, generation = 1 } = options;
  const { config, configRevision, pin = aPin(config.image) } = group.record;
  const hostPorts = Object.fromEntries((config.ports ?? []).map(({ name }, i) => [name, 20000 + slot * 10 + i]));
  return {
    name: containerName({ clusterId: CLUSTER, group: group.ref, groupUid: group.uid }, slot, generation),
    slot,
    generation,
    configRevision,
    fingerprint: fingerprint(config, pin),
    host: "local",
    hostPorts,
    phase: "running",
    reserves: reservesOf(config),
    ...options,
  };
}

/** The container of an intent, running for an hour and stable; probes have not been tried. */
export function aRunning(group: Group, intent: Intent, options: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    id: `id-${intent.name}`,
    name: intent.name,
    host: intent.host,
    owner: {
      cluster: CLUSTER,
      group: group.ref,
      groupUid: group.uid,
      slot: intent.slot,
      generation: intent.generation,
      configRevision: intent.configRevision,
      fingerprint: intent.fingerprint,
    },
    status: "running",
    startedAt: NOW - 60 * MINUTE,
    outOfMemory: false,
    restartCount: 0,
    restartPolicy: "unless-stopped",
    health: "none",
    verdict: "untried",
    ...options,
  };
}

/** What is told of an intent's container. */
export function anInfo(group: Group, intent: Intent, options: Partial<ContainerInfo> = {}): ContainerInfo {
  const { config } = group.record;
  const mappings = (config.ports ?? []).map(
    ({ name, container, protocol = "tcp" }) =>
      [name, { external: intent.hostPorts[name] ?? 0, exposed: container, protocol }] as const,
  );
  return {
    instanceName: intent.name,
    instanceHost: ADDRESS,
    instancePort: mappings[0]?.[1].external ?? null,
    portMappings: Object.fromEntries(mappings),
    state: "ready",
    labels: group.ref.labels,
    host: intent.host,
    slot: intent.slot,
    generation: intent.generation,
    configRevision: intent.configRevision,
    origin: "managed",
    weight: config.weight ?? 100,
    since: NOW - 59 * MINUTE,
    ...options,
  };
}

/** One container as the store and the engine have it. */
export type Part = {
  readonly intent?: Intent;
  readonly container?: ObservedContainer;
  readonly info?: ContainerInfo;
};

type PartOptions = {
  readonly intent?: Partial<Intent>;
  readonly container?: Partial<ObservedContainer>;
  readonly info?: Partial<ContainerInfo>;
};

/** Running, told as ready, stable: nothing is to be done. */
export function ready(group: Group, slot = 1, options: PartOptions = {}): Required<Part> {
  const intent = anIntent(group, { slot, ...options.intent });
  return {
    intent,
    container: aRunning(group, intent, options.container),
    info: anInfo(group, intent, options.info),
  };
}

/** Started a moment ago, told as such. */
export function starting(group: Group, slot = 1, options: PartOptions = {}): Required<Part> {
  return ready(group, slot, {
    intent: { ...options.intent },
    container: { startedAt: NOW - 400, restartPolicy: "no", ...options.container },
    info: { state: "starting", since: NOW - 500, ...options.info },
  });
}

/** Ended by itself. */
export function exited(group: Group, slot = 1, exitCode = 1, options: PartOptions = {}): Required<Part> {
  const ended = { status: "exited", exitCode, finishedAt: NOW - 30_000, restartPolicy: "no" } as const;
  return ready(group, slot, { ...options, container: { ...ended, ...options.container } });
}

/** Out of discovery and not stopped yet; nobody is known to have been asked. */
export function draining(group: Group, slot = 1, options: PartOptions = {}): Required<Part> {
  return ready(group, slot, {
    intent: { phase: "draining", reason: "it is to go", ...options.intent },
    container: { restartPolicy: "no", ...options.container },
    info: { state: "draining", ...options.info },
  });
}

/** Of the container of this part: just begun, answered at once, to be answered within 10 s. */
export function aDrain({ intent }: Part, options: Partial<DrainState> = {}): DrainState {
  return { name: intent?.name ?? "", since: NOW, ackDeadline: 10_000, answeredAt: NOW, unanswered: [], ...options };
}

/** Assigned, and not created. */
export function assigned(group: Group, slot = 1, options: Partial<Intent> = {}): Part {
  return { intent: anIntent(group, { slot, phase: "creating", ...options }) };
}

/** Created, and not started. */
export function created(group: Group, slot = 1, options: PartOptions = {}): Part {
  const intent = anIntent(group, { slot, phase: "creating", ...options.intent });
  const { startedAt: _, ...container } = aRunning(group, intent, { status: "created", restartPolicy: "no" });
  return { intent, container: { ...container, ...options.container } };
}

/** What the planner is given for these parts; the slots record knows every generation that has an intent. */
export function situation(
  group: Group | undefined,
  parts: readonly Part[],
  options: Partial<PlanInput> = {},
): PlanInput {
  const intents = parts.flatMap(({ intent }) => intent ?? []);
  return {
    desired: group,
    clusterId: CLUSTER,
    intents,
    observed: parts.flatMap(({ container }) => container ?? []),
    infos: new Map(parts.flatMap(({ info }) => (info === undefined ? [] : [[info.instanceName, info] as const]))),
    slots: slotsOf(intents),
    rollouts: rolloutsOf(group, intents),
    drains: [],
    hosts: [aHost()],
    imageHasHealthcheck: false,
    uid: group?.uid,
    now: NOW,
    ...options,
  };
}

/** That of the present config: done where nothing is left to replace, else running, one at a time, stop-first. */
function rolloutsOf(group: Group | undefined, intents: readonly Intent[]): RolloutsRecord {
  if (group === undefined) return NO_ROLLOUTS;
  const present = anIntent(group).fingerprint;
  const isDone = intents.every(({ fingerprint: made }) => made === present);
  return { rollouts: [aRollout({ to: group.record.configRevision, state: isDone ? "done" : "running" })] };
}

/** Of revision 2, from 1, running since a moment ago, one at a time, stop-first, with the defaults of the group file. */
export function aRollout(
  options: Partial<Omit<Rollout, "policy">> & { readonly policy?: Partial<RolloutPolicy> } = {},
): Rollout {
  const { policy, ...rest } = options;
  return {
    to: 2,
    from: 1,
    state: "running",
    replaces: true,
    tried: true,
    started: NOW,
    progressAt: NOW,
    done: 0,
    stepsDone: 0,
    slots: {},
    ...rest,
    policy: {
      maxParallel: 1,
      order: "stop-first",
      wait: 0,
      minHealthyTime: 10_000,
      healthyDeadline: 5 * MINUTE,
      progressDeadline: 10 * MINUTE,
      onFailure: "rollback",
      steps: [],
      ...policy,
    },
  };
}

/** A slots record in which these intents were the last ones. */
export function slotsOf(intents: readonly Intent[]): SlotsRecord {
  const slots: Record<number, { generation: number; failures: number; host: string }> = {};
  for (const { slot, generation, host } of intents) {
    if ((slots[slot]?.generation ?? 0) < generation) slots[slot] = { generation, failures: 0, host };
  }
  return { slots, attention: [] };
}

/** What a plan would do, as short texts: "drain 2", "assign 1,3", "pinImage". Not what is noted of rollouts: notedRollout(). */
export function doings(plan: Plan): string[] {
  const done = plan.actions.filter(({ kind }) => kind !== "noteRollouts");
  return done.map((action) => `${action.kind} ${subject(action)}`.trim());
}

function subject(action: Action): string {
  switch (action.kind) {
    case "assign":
      return action.intents.map(({ slot }) => slot).join(",");
    case "launch":
    case "drain":
    case "stop":
    case "remove":
    case "release":
      return `${action.intent.slot}`;
    case "publish":
      return `${action.info.slot} ${action.info.state}`;
    case "setRestartPolicy":
      return action.policy;
    case "forgiveSlot":
      return `${action.slot}`;
    case "noteAttention":
      return action.attention.map(({ reason }) => reason).join(",");
    case "noteRollouts":
      return action.rollouts.map(({ to, state }) => `${to} ${state}`).join(",");
    case "rollBack":
      return `${action.rollout.to} to ${action.to}`;
    case "tryOut":
      return `${action.intent.slot}`;
    case "adopt":
      return action.intents.map(({ slot }) => slot).join(",");
    case "raiseSlots":
      return action.slots.map(({ slot, generation }) => `${slot}.${generation}`).join(",");
    case "pinImage":
    case "removeStray":
    case "stopStray":
    case "removeGroup":
      return "";
  }
}

/** The only action of this kind; fails when there is none, or more. */
export function only<K extends ActionKind>(plan: Plan, kind: K): ActionOf<K> {
  const found = plan.actions.filter((action): action is ActionOf<K> => action.kind === kind);
  const [first] = found;
  if (first === undefined || found.length !== 1)
    throw new Error(`expected one ${kind}, got: ${doings(plan).join("; ")}`);
  return first;
}

/** What the plan would store of the rollout of that revision; undefined: nothing new. */
export function notedRollout(plan: Plan, to: number): Rollout | undefined {
  const noted = plan.actions.flatMap((action) => (action.kind === "noteRollouts" ? action.rollouts : []));
  return noted.find((rollout) => rollout.to === to);
}
