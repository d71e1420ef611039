// Rollouts and config revisions as the proto tells them.

import { UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import {
  RolloutState as ProtoState,
  type Revision,
  type Rollout,
  RolloutPauseReason,
  RolloutSlotState,
} from "../../clients/gen/theseus/v1/rollout.js";
import type { ConfigRecord } from "../model/group.js";
import type { GroupRef } from "../model/reference.js";
import { type RolloutFailure, type RolloutPause, type RolloutState, rolloutId } from "../model/rollout.js";
import { fromConfig } from "./convert-config.js";
import { fromGroupRef } from "./convert-container.js";
import { fromChange } from "./convert-group.js";
import { toDate } from "./convert-time.js";
import { UPDATE_ORDER } from "./convert-words.js";
import type { Counted, SlotState, ToldSlot } from "./rollout-slots.js";
import { protoReason } from "./status.js";
import type { ToldRollout } from "./told-rollout.js";

const STATE: Record<RolloutState, ProtoState> = {
  running: ProtoState.RUNNING,
  paused: ProtoState.PAUSED,
  done: ProtoState.DONE,
  failed: ProtoState.FAILED,
  rolling_back: ProtoState.ROLLING_BACK,
  rolled_back: ProtoState.ROLLED_BACK,
  rollback_failed: ProtoState.ROLLBACK_FAILED,
  superseded: ProtoState.SUPERSEDED,
  aborted: ProtoState.ABORTED,
};

const PAUSE_REASON: Record<RolloutPause["reason"], RolloutPauseReason> = {
  asked: RolloutPauseReason.ASKED,
  canary: RolloutPauseReason.CANARY,
  step: RolloutPauseReason.STEP,
};

const SLOT_STATE: Record<SlotState, RolloutSlotState> = {
  waiting: RolloutSlotState.WAITING,
  starting: RolloutSlotState.STARTING,
  ready: RolloutSlotState.READY,
  done: RolloutSlotState.DONE,
  failed: RolloutSlotState.FAILED,
};

/** A rollout with everything that is known of it. */
export type KnownRollout = {
  readonly ref: GroupRef;
  readonly told: ToldRollout;
  readonly ready: Counted;
  /** Absent: it is not that of the present config. */
  readonly counts?: { readonly made: Counted; readonly slots: readonly ToldSlot[] };
  readonly slots: readonly ToldSlot[];
};

export function fromRollout({ ref, told, ready, counts, slots }: KnownRollout): Rollout {
  const slotsIn = (state: SlotState): number => counts?.slots.filter((one) => one.state === state).length ?? 0;
  return {
    group: fromGroupRef(ref),
    id: rolloutId(told.to),
    fromRevision: BigInt(told.from ?? 0),
    toRevision: BigInt(told.to),
    state: STATE[told.state],
    order: told.order === undefined ? UpdateOrder.UNSPECIFIED : UPDATE_ORDER[told.order],
    maxParallel: told.maxParallel,
    wanted: told.wanted,
    readyNew: ready.fresh,
    readyOld: ready.old,
    promised: told.promised,
    startTime: toDate(told.started),
    deadlineTime: toDate(told.deadline),
    endTime: toDate(told.ended),
    change: told.change && fromChange(told.change),
    pause: told.pause && fromPause(told.pause),
    failure: told.failure && fromFailure(told.failure),
    rollbackRevision: BigInt(told.backBy ?? 0),
    rollbackOf: BigInt(told.takesBack ?? 0),
    supersededBy: BigInt(told.supersededBy ?? 0),
    slots: slots.map(fromSlot),
    madeNew: counts?.made.fresh ?? 0,
    madeOld: counts?.made.old ?? 0,
    slotsDone: slotsIn("done"),
    slotsFailed: slotsIn("failed"),
  };
}

function fromPause({ since, reason, change }: RolloutPause): Rollout["pause"] {
  return { sinceTime: toDate(since), reason: PAUSE_REASON[reason], change: change && fromChange(change) };
}

function fromFailure({ reason, text, at, slot, host, container }: RolloutFailure): Rollout["failure"] {
  return {
    reason: protoReason(reason),
    text,
    slot: slot ?? 0,
    host: host ?? "",
    time: toDate(at),
    container: container ?? "",
    lastLines: [],
  };
}

function fromSlot({ slot, state, host, since, text }: ToldSlot): Rollout["slots"][number] {
  return { slot, state: SLOT_STATE[state], host, sinceTime: toDate(since), text };
}

export function fromRevision(
  { config, configRevision, change, pin }: ConfigRecord,
  rollout: Rollout | undefined,
): Revision {
  return {
    configRevision: BigInt(configRevision),
    config: fromConfig(config),
    change: fromChange(change),
    pinnedImage: pin?.pinned ?? "",
    rollout,
  };
}
