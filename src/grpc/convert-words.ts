// Words of the model <-> numbers of the proto enums, one table each, complete by type.

import { Origin as ProtoOrigin, ContainerState as ProtoState } from "../../clients/gen/theseus/v1/container.js";
import {
  OnFailure,
  OnReturn,
  Profile,
  Protocol,
  GroupState as ProtoGroupState,
  PullPolicy,
  RestartPolicy,
  UpdateOrder,
  VolumeScope,
} from "../../clients/gen/theseus/v1/group.js";
import type { ContainerState, Origin } from "../model/container.js";
import type { GroupState } from "../model/plan.js";
import type { Report } from "./violations.js";

export const CONTAINER_STATE: Record<ContainerState, ProtoState> = {
  starting: ProtoState.STARTING,
  ready: ProtoState.READY,
  unhealthy: ProtoState.UNHEALTHY,
  draining: ProtoState.DRAINING,
  stopped: ProtoState.STOPPED,
  failed: ProtoState.FAILED,
  lost: ProtoState.LOST,
  stale: ProtoState.STALE,
};

/** "unknown" for a number that is no state. */
export function stateWord(state: ProtoState): string {
  return Object.entries(CONTAINER_STATE).find(([, value]) => value === state)?.[0] ?? "unknown";
}

export const ORIGIN: Record<Origin, ProtoOrigin> = {
  managed: ProtoOrigin.MANAGED,
  registered: ProtoOrigin.REGISTERED,
  docker: ProtoOrigin.DOCKER,
  foreign: ProtoOrigin.FOREIGN,
};

export const GROUP_STATE: Record<GroupState, ProtoGroupState> = {
  steady: ProtoGroupState.STEADY,
  starting: ProtoGroupState.STARTING,
  rolling: ProtoGroupState.ROLLING,
  degraded: ProtoGroupState.DEGRADED,
  failing: ProtoGroupState.FAILING,
  removing: ProtoGroupState.REMOVING,
  unknown: ProtoGroupState.UNKNOWN,
};

export const PULL = { missing: PullPolicy.MISSING, always: PullPolicy.ALWAYS, never: PullPolicy.NEVER } as const;
export const RESTART = {
  always: RestartPolicy.ALWAYS,
  "on-failure": RestartPolicy.ON_FAILURE,
  never: RestartPolicy.NEVER,
} as const;
export const PROFILE = { default: Profile.DEFAULT, restricted: Profile.RESTRICTED } as const;
export const PROTOCOL = { tcp: Protocol.TCP, udp: Protocol.UDP } as const;
export const VOLUME_SCOPE = { slot: VolumeScope.SLOT, group: VolumeScope.GROUP } as const;
export const ON_RETURN = { keep_new: OnReturn.KEEP_NEW, keep_old: OnReturn.KEEP_OLD } as const;
export const UPDATE_ORDER = {
  auto: UpdateOrder.AUTO,
  "start-first": UpdateOrder.START_FIRST,
  "stop-first": UpdateOrder.STOP_FIRST,
} as const;
export const ON_FAILURE = {
  rollback: OnFailure.ROLLBACK,
  pause: OnFailure.PAUSE,
  continue: OnFailure.CONTINUE,
} as const;

/** The word of a set enum field. Absent stays absent; a number that is no word is reported. */
export function wordOf<W extends string>(
  table: Readonly<Record<W, number>>,
  value: number | undefined,
  report: Report,
): W | undefined {
  if (value === undefined) return undefined;
  const words = Object.keys(table) as W[];
  const word = words.find((candidate) => table[candidate] === value);
  if (word === undefined) report("", `it is none of ${words.join(", ")}`);
  return word;
}
