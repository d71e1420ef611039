// What makes a rollout fail: a slot that failed too often, a container that does not become stable in time, or no progress
// at all. While a host is silent nothing counts.

import type { Reason } from "../model/errors.js";
import { type Instant, MINUTE, type Milliseconds } from "../model/instant.js";
import type { Rollout, RolloutFailure } from "../model/rollout.js";
import type { Attention } from "../model/slots.js";
import { stepEnd } from "./rollout-steps.js";
import type { Scene } from "./scene.js";
import type { SlotView } from "./slot-view.js";

/** One bad start may be the machine's fault. */
const FAILURES = 3;
/** Before time alone makes fail what another leader has begun, a leader has had a look of its own for so long. */
const FIRST_LOOK: Milliseconds = MINUTE;
/** Trying again changes nothing. */
const TERMINAL: readonly Reason[] = ["COMMAND_NOT_FOUND", "CONTAINER_REFUSED", "NETWORK_NOT_FOUND", "IMAGE_PLATFORM"];

/** The first cause, by slot; undefined: it may still come out well. */
export function failureOf(scene: Scene, rollout: Rollout, slots: readonly SlotView[]): RolloutFailure | undefined {
  if (scene.members.some(({ standing }) => standing === "silent")) return undefined;
  for (const slot of slots) {
    const failure = slotFailure(scene, rollout, slot);
    if (failure !== undefined) return failure;
  }
  return isStalled(scene, rollout) ? stalled(scene, rollout, slots) : undefined;
}

export function isStalled(scene: Scene, rollout: Rollout): boolean {
  return stallsAt(scene, rollout) <= scene.input.now;
}

function stallsAt(scene: Scene, rollout: Rollout): Instant {
  const end = progressEnd(rollout);
  return overAt(scene, rollout.progressAt, end - rollout.progressAt);
}

/**
 * A deadline counts from the stored time, whoever leads. But a new leader's clock may be ahead of the one that wrote that
 * time, and nobody may have been in office meanwhile: then it is over before anybody has looked.
 */
function overAt({ input: { leadsSince } }: Scene, from: Instant, length: Milliseconds): Instant {
  if (leadsSince === undefined || from >= leadsSince) return from + length;
  return Math.max(from + length, leadsSince + Math.min(FIRST_LOOK, length));
}

/** When it fails unless it gets on; what its policy makes it wait does not count. */
export function progressEnd(rollout: Rollout): Instant {
  const { wait, progressDeadline } = rollout.policy;
  return (stepEnd(rollout) ?? rollout.progressAt) + wait + progressDeadline;
}

/** Of a slot that is being replaced, or made for the first time. */
export function slotFailure(scene: Scene, rollout: Rollout, slot: SlotView): RolloutFailure | undefined {
  const progress = rollout.slots[slot.slot];
  if (progress === undefined || slot.phase === "done" || slot.phase === "stable") return undefined;
  const { now, slots } = scene.input;
  const record = slots.slots[slot.slot];
  const failures = (record?.failures ?? 0) - progress.failuresBefore;
  const attention = failures > 0 ? record?.attention : undefined;
  if (attention !== undefined && (failures >= FAILURES || TERMINAL.includes(attention.reason))) {
    return failed(attention, `${attention.text}, ${failures} of ${FAILURES} tries`, now);
  }
  const { healthyDeadline } = rollout.policy;
  if (overAt(scene, progress.begun, healthyDeadline) > now) return undefined;
  if (attention === undefined) return unhealthy(scene, rollout, slot);
  const late = `slot ${slot.slot} was not ready within ${healthyDeadline / 1000} s`;
  return failed(attention, `${attention.text}; ${late}`, now);
}

/** When time alone makes it fail. */
export function deadlines(scene: Scene, rollout: Rollout, slots: readonly SlotView[]): readonly Instant[] {
  const { healthyDeadline } = rollout.policy;
  const begun = slots.flatMap(({ slot, phase }) => {
    const progress = phase === "done" || phase === "stable" ? undefined : rollout.slots[slot];
    return progress === undefined ? [] : [overAt(scene, progress.begun, healthyDeadline)];
  });
  return [...begun, stallsAt(scene, rollout)];
}

function unhealthy({ input: { now } }: Scene, { policy }: Rollout, { slot, current }: SlotView): RolloutFailure {
  const within = `within ${policy.healthyDeadline / 1000} s`;
  if (current === undefined)
    return { reason: "CONTAINER_EXITED", text: `slot ${slot} was not ready ${within}`, at: now, slot };
  const { name, host } = current.intent;
  const state = current.info?.state === "unhealthy" ? "its checks fail" : "its checks have not passed";
  const fault = current.container?.fault;
  const times = fault === undefined || fault.times === 1 ? "" : `, ${fault.times} times`;
  const saw = fault === undefined ? "" : `: ${fault.text}${times}`;
  const text = `${name} on ${host} was not ready ${within}: ${state}${saw}`;
  return { reason: "CONTAINER_UNHEALTHY", text, at: now, slot, host, container: name };
}

function stalled(scene: Scene, { policy }: Rollout, slots: readonly SlotView[]): RolloutFailure {
  const { now, slots: record } = scene.input;
  const [known] = [...record.attention, ...slots.flatMap(({ slot }) => record.slots[slot]?.attention ?? [])];
  const text = `no slot was done within ${policy.progressDeadline / 1000} s`;
  if (known !== undefined) return failed(known, `${text}: ${known.text}`, now);
  return { reason: "CONTAINER_UNHEALTHY", text, at: now };
}

/** Only of one that ended the text begins with the name of the container. */
function failed({ reason, slot, host, text: cause }: Attention, text: string, at: Instant): RolloutFailure {
  const container = reason === "CONTAINER_EXITED" ? cause.split(" ")[0] : undefined;
  return {
    ...{ reason, text, at },
    ...(slot === undefined ? {} : { slot }),
    ...(host === undefined ? {} : { host }),
    ...(container === undefined ? {} : { container }),
  };
}
