// Messages of the wire as the slim rows that the page keeps. Pure; must not know who asks for them.

import { namespaceOf } from "../../cli/output/objects.js";
import {
  containerStateWord,
  groupStateWord,
  hostStateWord,
  orderWord,
  originWord,
  pauseReasonWord,
  reasonCode,
  rolloutStateCode,
} from "../../cli/output/words.js";
import { formatGroup } from "../../cli/references.js";
import type { Container } from "../../gen/theseus/v1/container.js";
import type { Attention, Change, Group } from "../../gen/theseus/v1/group.js";
import type { Host } from "../../gen/theseus/v1/host.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Rollout, RolloutFailure } from "../../gen/theseus/v1/rollout.js";
import type {
  AttentionRow,
  ChangeRow,
  ContainerRow,
  ContainerState,
  FailureRow,
  GroupKey,
  GroupRow,
  GroupState,
  HostRow,
  RolloutRow,
  RolloutState,
} from "../wire.js";

const NO_REF: GroupRef = { namespace: "", service: "", labels: [] };

export function keyOf(ref: GroupRef = NO_REF): GroupKey {
  return { ns: namespaceOf(ref), ref: formatGroup(ref) };
}

/** The id of a group's row. */
export function groupId(ref: GroupRef | undefined): string {
  const key = keyOf(ref);
  return `${key.ns} ${key.ref}`;
}

/** The id of a container's row. */
export function containerId(ref: GroupRef | undefined, name: string): string {
  return `${groupId(ref)} ${name}`;
}

export function timeOf(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}

/** @param rollout of the group, where it says something. */
export function groupRow(group: Group, rollout: RolloutRow | null): GroupRow {
  const { ref = NO_REF, config, status, configRevision, createTime, lastChange, pinnedImage } = group;
  return {
    ...keyOf(ref),
    id: groupId(ref),
    service: ref.service,
    labels: [...ref.labels],
    rev: Number(configRevision),
    image: config?.image ?? "",
    pinned: pinnedImage,
    wanted: status?.wanted ?? 0,
    ready: status?.ready ?? 0,
    old: status?.outdated ?? 0,
    state: groupStateWord(status?.state ?? 0) as GroupState,
    attention: (status?.attention ?? []).map(attentionRow),
    created: timeOf(createTime),
    last: changeRow(lastChange),
    rollout,
  };
}

function attentionRow({ reason, text, slot, host, sinceTime, retryTime }: Attention): AttentionRow {
  return { reason: reasonCode(reason), text, slot, host, since: timeOf(sinceTime), retry: timeOf(retryTime) };
}

export function changeRow(change: Change | undefined): ChangeRow {
  return { actor: change?.actor ?? "", message: change?.message ?? "", time: timeOf(change?.time) };
}

export function containerRow(container: Container): ContainerRow {
  const { group, name, slot, generation, configRevision, state, phase, origin, host, address, port } = container;
  const more = container.ports.map(({ external }) => external).filter((one) => one !== port && one !== 0);
  return {
    ...keyOf(group),
    id: containerId(group, name),
    group: groupId(group),
    name,
    slot,
    generation: Number(generation),
    rev: Number(configRevision),
    state: containerStateWord(state) as ContainerState,
    phase,
    origin: originWord(origin) as ContainerRow["origin"],
    host,
    address,
    port,
    ...(more.length === 0 ? {} : { morePorts: more }),
    since: timeOf(container.sinceTime),
    problem: container.problem,
  };
}

export function hostRow(host: Host): HostRow {
  return {
    name: host.name,
    state: hostStateWord(host.state) as HostRow["state"],
    address: host.address,
    engine: host.engineVersion,
    labels: [...host.labels],
    cpu: host.cpu,
    mem: Number(host.memBytes),
    cpuReserved: host.cpuReserved,
    memReserved: Number(host.memBytesReserved),
    containers: host.containers,
    seen: timeOf(host.lastSeenTime),
    problem: host.problem,
  };
}

export function rolloutRow(rollout: Rollout): RolloutRow {
  return {
    id: rollout.id,
    from: Number(rollout.fromRevision),
    to: Number(rollout.toRevision),
    state: rolloutStateCode(rollout.state).toLowerCase().replaceAll("_", "-") as RolloutState,
    order: (orderWord(rollout.order) ?? "") as RolloutRow["order"],
    maxParallel: rollout.maxParallel,
    wanted: rollout.wanted,
    readyNew: rollout.readyNew,
    readyOld: rollout.readyOld,
    promised: rollout.promised,
    started: timeOf(rollout.startTime),
    deadline: timeOf(rollout.deadlineTime),
    ended: timeOf(rollout.endTime),
    change: changeRow(rollout.change),
    pause: rollout.pause === undefined ? "" : pauseReasonWord(rollout.pause.reason),
    failure: rollout.failure === undefined ? null : failureRow(rollout.failure),
    rollbackRev: Number(rollout.rollbackRevision),
    rollbackOf: Number(rollout.rollbackOf),
    supersededBy: Number(rollout.supersededBy),
  };
}

function failureRow({ reason, text, slot, host, time, container, lastLines }: RolloutFailure): FailureRow {
  return { reason: reasonCode(reason), text, slot, host, time: timeOf(time), container, lines: [...lastLines] };
}

const GOES_ON: ReadonlySet<RolloutState> = new Set(["running", "paused", "rolling-back"]);

/** It is not over. */
export function goesOn({ state }: RolloutRow): boolean {
  return GOES_ON.has(state);
}

/** A rollout that ended as it should says nothing about the group any more. */
export function saysSomething(rollout: RolloutRow): boolean {
  return rollout.state !== "done";
}
