// Groups, their status, changes and plans as the proto tells them.

import type {
  Group,
  Attention as ProtoAttention,
  Change as ProtoChange,
  GroupStatus as ProtoStatus,
} from "../../clients/gen/theseus/v1/group.js";
import type { GroupPlan, PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import type { Change, ConfigRecord, GroupConfig } from "../model/group.js";
import type { Instant } from "../model/instant.js";
import type { Forecast, GroupStatus, Refusal } from "../model/plan.js";
import type { GroupRef } from "../model/reference.js";
import type { Attention } from "../model/slots.js";
import { diffConfigs } from "./config-diff.js";
import { fromConfig } from "./convert-config.js";
import { fromGroupRef } from "./convert-container.js";
import { toDate } from "./convert-time.js";
import { GROUP_STATE } from "./convert-words.js";
import { protoReason } from "./status.js";

/** A group with everything that is known of it, wherever it was read. */
export type KnownGroup = {
  readonly ref: GroupRef;
  readonly uid?: string | undefined;
  readonly created?: Instant | undefined;
  readonly record?: ConfigRecord | undefined;
  readonly status: GroupStatus;
  readonly attention: readonly Attention[];
  readonly revision: bigint;
};

export function fromGroup(group: KnownGroup): Group {
  const { record } = group;
  return {
    ref: fromGroupRef(group.ref),
    uid: group.uid ?? "",
    config: record === undefined ? undefined : fromConfig(record.config),
    status: fromStatus(group.status, group.attention),
    configRevision: BigInt(record?.configRevision ?? 0),
    revision: group.revision,
    createTime: toDate(group.created),
    lastChange: record === undefined ? undefined : fromChange(record.change),
    pinnedImage: record?.pin?.pinned ?? "",
  };
}

function fromStatus(status: GroupStatus, attention: readonly Attention[]): ProtoStatus {
  return {
    state: GROUP_STATE[status.state],
    wanted: status.wanted,
    ready: status.ready,
    outdated: status.outdated,
    attention: attention.map(fromAttention),
  };
}

function fromAttention(attention: Attention): ProtoAttention {
  return {
    reason: protoReason(attention.reason),
    text: attention.text,
    slot: attention.slot ?? 0,
    host: attention.host ?? "",
    sinceTime: attention.since === 0 ? undefined : toDate(attention.since),
    retryTime: toDate(attention.retryAt),
  };
}

function fromChange({ actor, command, message, time }: Change): ProtoChange {
  return { actor, command, message, time: toDate(time) };
}

/** What a change of one group does, before it is told. */
export type PlannedChange = {
  readonly ref: GroupRef;
  readonly action: PlanAction;
  readonly before: ConfigRecord | undefined;
  readonly after: GroupConfig | undefined;
  /** 0: there was none. */
  readonly fromRevision: number;
  readonly toRevision: number;
  readonly forecast: Forecast;
};

export function fromPlan({ ref, action, before, after, fromRevision, toRevision, forecast }: PlannedChange): GroupPlan {
  return {
    ref: fromGroupRef(ref),
    action,
    fromRevision: BigInt(fromRevision),
    toRevision: BigInt(toRevision),
    fields: diffConfigs(before?.config, after),
    replaced: forecast.replaced,
    created: forecast.created,
    stopped: forecast.stopped,
    placements: forecast.placements.map(({ slot, host }) => ({ slot, host })),
    refusals: forecast.refusals.map(fromRefusal),
  };
}

function fromRefusal({ slot, hosts }: Refusal): GroupPlan["refusals"][number] {
  return { slot, hosts: hosts.map(({ host, reason, text }) => ({ host, reason: protoReason(reason), text })) };
}
