// Groups, their status, changes and plans as the proto tells them.

import {
  type Group,
  type Attention as ProtoAttention,
  type Change as ProtoChange,
  type GroupStatus as ProtoStatus,
  UpdateOrder,
} from "../../clients/gen/theseus/v1/group.js";
import { type GroupPlan, type PlanAction, PlannedActionKind } from "../../clients/gen/theseus/v1/plan.js";
import type { Change, ConfigRecord, GroupConfig } from "../model/group.js";
import type { Instant } from "../model/instant.js";
import type { Forecast, GroupStatus, PlannedAction, PlannedImage, Refusal } from "../model/plan.js";
import type { GroupRef } from "../model/reference.js";
import type { Attention } from "../model/slots.js";
import { diffConfigs } from "./config-diff.js";
import { fromConfig } from "./convert-config.js";
import { fromGroupRef } from "./convert-container.js";
import { toDate } from "./convert-time.js";
import { GROUP_STATE, UPDATE_ORDER } from "./convert-words.js";
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

export function fromChange({ actor, command, message, time }: Change): ProtoChange {
  return { actor, command, message, time: toDate(time) };
}

/** What a change of one group does, before it is told. */
export type PlannedChange = {
  readonly ref: GroupRef;
  /** Undefined: there is no such group, or it does not matter any more which one it was. */
  readonly uid?: string | undefined;
  readonly action: PlanAction;
  readonly before: ConfigRecord | undefined;
  readonly after: GroupConfig | undefined;
  /** 0: there was none. */
  readonly fromRevision: number;
  readonly toRevision: number;
  readonly forecast: Forecast;
};

export function fromPlan(plan: PlannedChange): GroupPlan {
  const { ref, action, before, after, fromRevision, toRevision, forecast } = plan;
  const { transition, image } = forecast;
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
    order: transition === undefined ? UpdateOrder.UNSPECIFIED : UPDATE_ORDER[transition.order],
    whyNotStartFirst: transition?.whyNotBeside ?? "",
    maxParallel: transition?.maxParallel ?? 0,
    batches: transition?.batches ?? 0,
    minReady: transition?.staying ?? 0,
    actions: forecast.actions.map(fromAction),
    image: image && fromImage(image),
  };
}

function fromRefusal({ slot, hosts }: Refusal): GroupPlan["refusals"][number] {
  return { slot, hosts: hosts.map(({ host, reason, text }) => ({ host, reason: protoReason(reason), text })) };
}

const KIND = {
  create: PlannedActionKind.CREATE,
  replace: PlannedActionKind.REPLACE,
  stop: PlannedActionKind.STOP,
} as const;

function fromAction({ slot, kind, from = "", to = "", batch }: PlannedAction): GroupPlan["actions"][number] {
  return { slot, kind: KIND[kind], fromHost: from, toHost: to, batch };
}

function fromImage({ asked, before = "", pinned = "", problem = "" }: PlannedImage): GroupPlan["image"] {
  return { image: asked, fromPinned: before, toPinned: pinned, problem };
}
