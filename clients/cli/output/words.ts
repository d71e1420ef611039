// Enum numbers of the wire as the words that people and JSON see: the words of the store.

import { ContainerState, Origin } from "../../gen/theseus/v1/container.js";
import { ErrorReason } from "../../gen/theseus/v1/error_reason.js";
import {
  GroupState,
  OnFailure,
  OnReturn,
  Profile,
  Protocol,
  PullPolicy,
  RestartPolicy,
  UpdateOrder,
  VolumeScope,
} from "../../gen/theseus/v1/group.js";
import { HostState } from "../../gen/theseus/v1/host.js";
import { PlanAction, PlannedActionKind } from "../../gen/theseus/v1/plan.js";
import { RolloutPauseReason, RolloutSlotState, RolloutState } from "../../gen/theseus/v1/rollout.js";

type NumberedEnum = Readonly<Record<number, string>>;

/** A value that this program does not know, or that is not set, has no word. */
function word(values: NumberedEnum, value: number): string | undefined {
  const name = values[value];
  return value <= 0 ? undefined : name;
}

const lower = (values: NumberedEnum, value: number) => word(values, value)?.toLowerCase();
const dashed = (values: NumberedEnum, value: number) => lower(values, value)?.replaceAll("_", "-");

export const groupStateWord = (value: GroupState) => lower(GroupState, value) ?? "unknown";
export const containerStateWord = (value: ContainerState) => lower(ContainerState, value) ?? "unknown";
export const originWord = (value: Origin) => lower(Origin, value) ?? "unknown";
export const hostStateWord = (value: HostState) => lower(HostState, value) ?? "unknown";
export const protocolWord = (value: Protocol) => lower(Protocol, value) ?? "tcp";
export const pullWord = (value: PullPolicy) => lower(PullPolicy, value);
export const restartWord = (value: RestartPolicy) => dashed(RestartPolicy, value);
export const profileWord = (value: Profile) => lower(Profile, value);
export const scopeWord = (value: VolumeScope) => lower(VolumeScope, value);
export const onReturnWord = (value: OnReturn) => lower(OnReturn, value);
export const orderWord = (value: UpdateOrder) => dashed(UpdateOrder, value);
export const onFailureWord = (value: OnFailure) => lower(OnFailure, value);
/** "rolled back" */
export const rolloutStateWord = (value: RolloutState) => lower(RolloutState, value)?.replaceAll("_", " ") ?? "unknown";
/** ROLLED_BACK, as programs compare them. */
export const rolloutStateCode = (value: RolloutState) => word(RolloutState, value) ?? "UNKNOWN";
export const rolloutSlotWord = (value: RolloutSlotState) => lower(RolloutSlotState, value) ?? "unknown";
export const pauseReasonWord = (value: RolloutPauseReason) => lower(RolloutPauseReason, value) ?? "unknown";
/** CREATE UPDATE REMOVE NONE, as programs compare them. */
export const actionWord = (value: PlanAction) => word(PlanAction, value) ?? "NONE";
/** CREATE REPLACE STOP */
export const plannedKindWord = (value: PlannedActionKind) => word(PlannedActionKind, value) ?? "UNKNOWN";
/** The code of a failure. */
export const reasonCode = (value: ErrorReason) => word(ErrorReason, value) ?? "INTERNAL";
