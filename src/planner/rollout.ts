// What has become of the rollout of the present config: begun, standing still, done, failed, taken back. From facts alone,
// so that any leader goes on where another stopped. Must not know which container goes next.

import { DEFAULTS } from "../model/defaults.js";
import type { Change, GroupConfig } from "../model/group.js";
import type { Instant } from "../model/instant.js";
import {
  isOver,
  lastStable,
  type Rollout,
  type RolloutFailure,
  type RolloutPolicy,
  type RolloutsRecord,
  rolloutOf,
} from "../model/rollout.js";
import type { Steering } from "../model/steering.js";
import { isSame } from "./compare.js";
import { deadlines, failureOf, isStalled } from "./rollout-failure.js";
import { policyOf } from "./rollout-policy.js";
import { stepEnd, stepsBehind, waitsForPerson } from "./rollout-steps.js";
import type { Scene } from "./scene.js";
import { type SlotView, slotViews } from "./slot-view.js";
import { doing, NOTHING, type Step, together, waitingUntil } from "./step.js";
import { Successors } from "./successors.js";

export type RolloutView = {
  /** As it is from this pass on. */
  readonly rollout: Rollout;
  readonly slots: readonly SlotView[];
  /** As it was written last. */
  readonly stored: Rollout | undefined;
};

/** Undefined: there is nothing to roll out, or its image is not known yet. */
export function rolloutView(scene: Scene): RolloutView | undefined {
  const { config, input } = scene;
  const record = input.desired?.record;
  if (config === undefined || record === undefined || scene.removing) return undefined;
  const isKnown = scene.fingerprint !== undefined || scene.wanted === 0;
  if (!isKnown && record.steering?.aborted === undefined) return undefined;
  const stored = rolloutOf(input.rollouts, record.configRevision);
  const before = stored === undefined ? opened(scene, config, record.configRevision) : byOurClock(scene, stored);
  const slots = slotViews(scene, before.replaces ? before.policy.minHealthyTime : 0);
  const rollout = advanced(scene, before, slots, record.steering ?? { promotions: 0 });
  return { rollout, slots, stored };
}

/**
 * Writes what has changed; of one that has to be taken back it is the whole plan. @param assigned slots that are given a
 * container by this pass: it may have failed before anybody looks again, and that failure is this rollout's.
 */
export function rolloutStep(scene: Scene, view: RolloutView, assigned: readonly number[]): Step {
  const rollout = withBegun(scene, view.rollout, assigned);
  return together(changeStep(scene, view.stored, rollout), waitingUntil(...timesOf(scene, rollout, view.slots)));
}

function withBegun(scene: Scene, rollout: Rollout, assigned: readonly number[]): Rollout {
  const begun = goesOn(rollout) ? assigned.filter((slot) => rollout.slots[slot] === undefined) : [];
  if (begun.length === 0) return rollout;
  const more = begun.map((slot) => [slot, progressFrom(scene, rollout, slot)] as const);
  return { ...rollout, slots: { ...rollout.slots, ...Object.fromEntries(more) } };
}

function progressFrom({ input: { now, slots } }: Scene, rollout: Rollout, slot: number): Rollout["slots"][number] {
  // What it stood still is added when it goes on.
  const begun = rollout.pause?.since ?? rollout.silentSince ?? now;
  return { begun, failuresBefore: slots.slots[slot]?.failures ?? 0 };
}

/** Those before the present config give way to it, also while its own has not begun. */
export function formerStep(scene: Scene): Step {
  const { record } = scene.input.desired ?? {};
  if (record === undefined || scene.removing) return NOTHING;
  const rollouts = othersEnded(scene, { to: record.configRevision, state: "running" });
  if (rollouts.length === 0) return NOTHING;
  return doing({ kind: "noteRollouts", rollouts, reason: `rev ${record.configRevision} takes their place` });
}

/** Containers may be replaced now. */
export const goesOn = ({ state }: Rollout): boolean => state === "running";

function opened(scene: Scene, config: GroupConfig, to: number): Rollout {
  const { rollouts, now } = scene.input;
  const slots = slotViews(scene, 0);
  const outdated = slots.flatMap(({ slot, phase }) => (phase === "old" ? [slot] : []));
  const from = lastStable(rollouts, to);
  const failed = rollouts.rollouts.find(({ backBy }) => backBy === to);
  const replaces = failed === undefined ? isReplacing(rollouts, to, slots) : slots.some(({ current }) => !current);
  const policy = {
    ...policyOf(scene, config, outdated),
    ...scalePolicy(scene, config, replaces),
    ...restartPolicy(scene, to),
  };
  return {
    to,
    ...(from === undefined ? {} : { from }),
    state: "running",
    // Nobody is asked about a creation, which goes at once, nor about a way back, which is the cure.
    policy: replaces && failed === undefined ? policy : { ...policy, steps: [] },
    replaces,
    started: now,
    progressAt: now,
    done: 0,
    stepsDone: 0,
    slots: {},
    ...(failed === undefined ? {} : { takesBack: failed.to }),
  };
}

/** Where nothing is replaced, an empty slot that fits nowhere waits for what is too many, which then has to go first. */
function scalePolicy(scene: Scene, config: GroupConfig, replaces: boolean): Partial<RolloutPolicy> {
  const asked = config.update?.order ?? DEFAULTS.update.order;
  if (replaces || asked !== "auto" || scene.fingerprint === undefined) return {};
  return Successors.now(scene, config).stuck.size > 0 ? { order: "stop-first" } : {};
}

/** What was asked for this restart alone. */
function restartPolicy({ input }: Scene, to: number): Partial<RolloutPolicy> {
  const { restart, restartWait: wait } = input.desired?.record ?? {};
  return restart === to && wait !== undefined ? { wait } : {};
}

/** What has not been yet was written by another leader's clock: it counts from when this one came into office. */
function byOurClock({ input: { now, leadsSince = now } }: Scene, rollout: Rollout): Rollout {
  const past = (time: Instant): Instant => (time > now ? leadsSince : time);
  const slots = Object.entries(rollout.slots).map(([slot, one]) => [slot, { ...one, begun: past(one.begun) }] as const);
  return { ...rollout, progressAt: past(rollout.progressAt), slots: Object.fromEntries(slots) };
}

/** Or the one before was, and did not get to an end: what it has made has not proven itself. */
function isReplacing({ rollouts }: RolloutsRecord, to: number, slots: readonly SlotView[]): boolean {
  const before = rollouts.find((other) => other.to < to);
  return slots.some(({ old }) => old !== undefined) || (before?.replaces === true && before.state !== "done");
}

function advanced(scene: Scene, rollout: Rollout, slots: readonly SlotView[], steering: Steering): Rollout {
  if (rollout.state === "failed" && isComplete(scene, slots)) return ended(rollout, "done", scene.input.now);
  if (isOver(rollout) || rollout.state === "rolling_back") return rollout;
  if (steering.aborted !== undefined) return failing(scene, rollout, abortion(steering.aborted, scene.input.now));
  const next = paused(scene, heard(scene, progressed(scene, rollout, slots, steering), steering), steering);
  if (isComplete(scene, slots)) return ended(next, "done", scene.input.now);
  if (next.state === "paused") return next;
  const failure = next.failure ?? failureOf(scene, next, slots);
  return failure === undefined ? next : failing(scene, next, failure);
}

/** Slots that are done, steps that are behind it, and who has begun. */
function progressed(scene: Scene, rollout: Rollout, slots: readonly SlotView[], { promotions }: Steering): Rollout {
  const { now } = scene.input;
  const done = slots.filter(({ phase }) => phase === "done").length;
  const counted = done > rollout.done ? { ...rollout, done, progressAt: now } : rollout;
  const stepsDone = stepsBehind(counted, { wanted: scene.wanted, done, promotions, now });
  const stepped = stepsDone > rollout.stepsDone ? { ...counted, stepsDone, progressAt: now } : counted;
  return { ...stepped, slots: slotsBegun(scene, rollout, slots) };
}

/** Of what has proven itself nothing is kept: what becomes of it later begins anew. */
function slotsBegun(scene: Scene, rollout: Rollout, slots: readonly SlotView[]): Rollout["slots"] {
  const { now } = scene.input;
  const known = slots.flatMap(({ slot, current, phase, readySince }) => {
    const isProven = phase === "done" && readySince !== undefined && readySince + rollout.policy.minHealthyTime <= now;
    const before = rollout.slots[slot];
    if (isProven || (before === undefined && current === undefined)) return [];
    return [[slot, before ?? progressFrom(scene, rollout, slot)] as const];
  });
  return Object.fromEntries(known);
}

/** While it stands still no deadline comes nearer. */
function paused(scene: Scene, rollout: Rollout, { paused: asked }: Steering): Rollout {
  const { now } = scene.input;
  const wants = asked !== undefined || waitsForPerson(rollout);
  if (wants && rollout.pause === undefined) {
    const isCanary = rollout.stepsDone === 1 && (scene.config?.update?.canary ?? 0) > 0;
    const reason = asked !== undefined ? "asked" : isCanary ? "canary" : "step";
    const pause = { since: now, reason, ...(asked === undefined ? {} : { change: asked }) } as const;
    return { ...rollout, state: "paused", pause };
  }
  if (wants || rollout.pause === undefined) return rollout;
  return { ...afterStanding(rollout, rollout.pause.since, now), state: "running" };
}

/** While a host with containers of it is silent none does either: what it has there may well be ready. */
function heard(scene: Scene, rollout: Rollout, { paused: asked }: Steering): Rollout {
  const { now } = scene.input;
  const { silentSince } = rollout;
  const stands = asked !== undefined || rollout.pause !== undefined || waitsForPerson(rollout);
  if (!stands && scene.members.some(({ standing }) => standing === "silent")) {
    return silentSince === undefined ? { ...rollout, silentSince: now } : rollout;
  }
  return silentSince === undefined ? rollout : afterStanding(rollout, silentSince, now);
}

/** What was done meanwhile was done just now. */
function afterStanding(rollout: Rollout, since: Instant, now: Instant): Rollout {
  const later = (time: Instant): Instant => Math.min(time + Math.max(0, now - since), Math.max(time, now));
  const slots = Object.entries(rollout.slots).map(
    ([slot, one]) => [slot, { ...one, begun: later(one.begun) }] as const,
  );
  return { ...moving(rollout), progressAt: later(rollout.progressAt), slots: Object.fromEntries(slots) };
}

function moving({ pause: _, silentSince: __, ...rest }: Rollout): Rollout {
  return rest;
}

/** Everything that is wanted is there and stable, and nothing else. */
function isComplete({ members, wanted, fingerprint }: Scene, slots: readonly SlotView[]): boolean {
  if (wanted > 0 && fingerprint === undefined) return false;
  return members.length === wanted && slots.every(({ phase }) => phase === "done");
}

function abortion({ actor, message }: Change, at: Instant): RolloutFailure {
  const why = message === "" ? "" : `: "${message}"`;
  return { reason: "CANCELLED", text: `${actor} asked to take it back${why}`, at };
}

/** The policy decides; a way back that fails too is the end of it. */
function failing(scene: Scene, rollout: Rollout, failure: RolloutFailure): Rollout {
  const failed = { ...moving(rollout), failure };
  const isAsked = failure.reason === "CANCELLED";
  const goesBack = isAsked || rollout.policy.onFailure === "rollback";
  const isPossible = !rollout.replaces || rollout.tried || rollout.policy.order === "start-first";
  const goesOn = !isAsked && !isStalled(scene, rollout) && isPossible && rollout.policy.onFailure === "continue";
  if (goesOn) return { ...rollout, failure: rollout.failure ?? failure };
  if (!goesBack || rollout.from === undefined || rollout.takesBack !== undefined) {
    return ended(failed, "failed", scene.input.now);
  }
  return { ...failed, state: "rolling_back", backBy: rollout.to + 1 };
}

function ended(rollout: Rollout, state: "done" | "failed", at: Instant): Rollout {
  const { failure, ...rest } = moving(rollout);
  return { ...rest, state, ended: at, ...(state === "done" || failure === undefined ? {} : { failure }) };
}

function changeStep(scene: Scene, stored: Rollout | undefined, rollout: Rollout): Step {
  if (rollout.state === "rolling_back") return backStep(rollout);
  const changed = [
    ...(stored !== undefined && isSame(stored, rollout) && !isOfLostHistory(scene, rollout) ? [] : [rollout]),
    ...othersEnded(scene, rollout),
  ];
  if (changed.length === 0) return NOTHING;
  return doing({ kind: "noteRollouts", rollouts: changed, reason: `rollout r-${rollout.to} is ${rollout.state}` });
}

/** Some are newer than the config: the store was put back, and with the next note they go. */
function isOfLostHistory({ input: { rollouts } }: Scene, { to }: Rollout): boolean {
  return rollouts.rollouts.some((other) => other.to > to);
}

function backStep(rollout: Rollout): Step {
  const { from, failure, to } = rollout;
  if (from === undefined) return NOTHING;
  return doing({ kind: "rollBack", rollout, to: from, reason: failure?.text ?? `r-${to} failed` });
}

/** The one that this takes back ends with it; all others that have not ended gave way to it. */
function othersEnded({ input: { rollouts, now } }: Scene, rollout: Pick<Rollout, "to" | "state">): readonly Rollout[] {
  return rollouts.rollouts.flatMap((other): Rollout[] => {
    if (other.to >= rollout.to || isOver(other)) return [];
    if (other.backBy !== rollout.to) {
      return [{ ...moving(other), state: "superseded", supersededBy: rollout.to, ended: now }];
    }
    if (!isOver(rollout)) return [];
    return [{ ...other, state: wentBack(other, rollout), ended: now }];
  });
}

function wentBack({ failure }: Rollout, { state }: Pick<Rollout, "state">): Rollout["state"] {
  if (state !== "done") return "rollback_failed";
  return failure?.reason === "CANCELLED" ? "aborted" : "rolled_back";
}

function timesOf(scene: Scene, rollout: Rollout, slots: readonly SlotView[]): readonly (Instant | undefined)[] {
  if (isOver(rollout)) return [];
  const stable = slots.map(({ stableAt }) => stableAt);
  if (!goesOn(rollout)) return stable;
  return [...stable, stepEnd(rollout), ...deadlines(scene, rollout, slots)];
}
