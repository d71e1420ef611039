// A rollout as it is told: what the leader has stored of it, and what people have asked of it since. Pure.

import { DEFAULTS } from "../model/defaults.js";
import type { Change, ConfigRecord } from "../model/group.js";
import { wantedInstances } from "../model/group-status.js";
import type { HistoryRecord } from "../model/history.js";
import type { Instant } from "../model/instant.js";
import {
  isOver,
  lastStable,
  type Order,
  ROLLOUTS_KEPT,
  type Rollout,
  type RolloutFailure,
  type RolloutPause,
  type RolloutState,
  type RolloutsRecord,
  rolloutOf,
} from "../model/rollout.js";
import type { Steering } from "../model/steering.js";
import { progressEnd } from "../planner/rollout-failure.js";
import { countOf } from "../planner/rollout-policy.js";
import { stepsBehind, waitsForPerson } from "../planner/rollout-steps.js";

/** What is stored of a group's config revisions and of what became of them. */
export type RolloutFacts = {
  readonly record: ConfigRecord;
  readonly rollouts: RolloutsRecord;
  /** Newest first; empty where only the present revision is asked for. */
  readonly history: readonly HistoryRecord[];
};

export type ToldRollout = {
  readonly to: number;
  readonly from: number | undefined;
  readonly state: RolloutState;
  /** Undefined: nothing is replaced, or it is not decided yet. */
  readonly order: Order | undefined;
  readonly maxParallel: number;
  readonly wanted: number;
  /** Never fewer were to be ready, as far as they were. */
  readonly promised: number;
  readonly started: Instant | undefined;
  readonly deadline: Instant | undefined;
  readonly ended: Instant | undefined;
  readonly change: Change | undefined;
  readonly pause: RolloutPause | undefined;
  readonly failure: RolloutFailure | undefined;
  readonly backBy: number | undefined;
  readonly takesBack: number | undefined;
  readonly supersededBy: number | undefined;
  /** Undefined: the leader has not begun it. */
  readonly stored: Rollout | undefined;
};

/** The rollout of that config revision; the present one always has one. Undefined: nothing is kept of it. */
export function toldRollout(facts: RolloutFacts, to: number, now: Instant): ToldRollout | undefined {
  const stored = rolloutOf(facts.rollouts, to);
  if (stored !== undefined) return begun(facts, stored, now);
  return to === facts.record.configRevision ? awaited(facts) : passedOver(facts, to);
}

/** The config of that revision and who asked for it; undefined: not kept. */
export function revisionOf({ record, history }: RolloutFacts, to: number): ConfigRecord | undefined {
  const recorded = history.find(({ configRevision }) => configRevision === to);
  if (to !== record.configRevision) return recorded;
  // While a group is removed, who asked for that stands where who asked for the config was.
  return record.removing === undefined ? record : { ...record, change: recorded?.change ?? record.change };
}

/** It waits at a barrier that nobody has opened yet. */
export function isHeldBack(rollout: Rollout, steering: Steering | undefined): boolean {
  const facts = { wanted: 0, done: 0, promotions: steering?.promotions ?? 0, now: 0 };
  return waitsForPerson(rollout) && stepsBehind(rollout, facts) === rollout.stepsDone;
}

function begun(facts: RolloutFacts, stored: Rollout, now: Instant): ToldRollout {
  const { to, from, policy, replaces, started, failure, backBy, takesBack } = stored;
  const revision = revisionOf(facts, to);
  const standing = standingOf(facts, stored);
  const wanted = wantedInstances(revision) ?? stored.done;
  return {
    ...{ to, from, started, failure, backBy, takesBack, stored, wanted },
    ...standing,
    order: replaces ? policy.order : undefined,
    maxParallel: policy.maxParallel,
    promised: replaces && policy.order === "stop-first" ? Math.max(0, wanted - policy.maxParallel) : wanted,
    deadline: standing.state === "running" ? deadlineOf(stored, now) : undefined,
    change: revision?.change,
  };
}

type Standing = Pick<ToldRollout, "state" | "pause" | "ended" | "supersededBy">;

/** What was asked for counts at once; the leader stores it a moment later. */
function standingOf({ record }: RolloutFacts, stored: Rollout): Standing {
  const { state, ended, supersededBy } = stored;
  const { configRevision, steering, change, config } = record;
  const as = { pause: undefined, ended, supersededBy };
  if (isOver(stored)) return { ...as, state };
  if (stored.to !== configRevision && stored.backBy !== configRevision) {
    return { ...as, state: "superseded", ended: change.time, supersededBy: configRevision };
  }
  if (state === "rolling_back" || steering?.aborted !== undefined) return { ...as, state: "rolling_back" };
  const since = stored.pause?.since;
  if (steering?.paused !== undefined) return { ...as, ...pausedBy(steering.paused, since) };
  if (!isHeldBack(stored, steering)) return { ...as, state: "running" };
  const reason = stored.stepsDone === 1 && (config.update?.canary ?? 0) > 0 ? "canary" : "step";
  return { ...as, state: "paused", pause: { since: since ?? stored.progressAt, reason } };
}

function pausedBy(change: Change, since: Instant | undefined): Pick<ToldRollout, "state" | "pause"> {
  return { state: "paused", pause: { since: since ?? change.time, reason: "asked", change } };
}

function deadlineOf(rollout: Rollout, now: Instant): Instant {
  const since = rollout.pause?.since ?? rollout.silentSince ?? now;
  return progressEnd(rollout) + Math.max(0, now - since);
}

/** The leader has not got to it, or its image cannot be had. */
function awaited(facts: RolloutFacts): ToldRollout {
  const { record, rollouts } = facts;
  const { configRevision: to, steering } = record;
  const told = { ...unknown(facts, to), from: lastStable(rollouts, to), state: "running" } as const;
  if (steering?.aborted !== undefined) return { ...told, state: "rolling_back" };
  return steering?.paused === undefined ? told : { ...told, ...pausedBy(steering.paused, undefined) };
}

/** A newer config came before the leader got to this one. */
function passedOver(facts: RolloutFacts, to: number): ToldRollout | undefined {
  const { record, history, rollouts } = facts;
  const known = history.some(({ configRevision }) => configRevision === to);
  const isForgotten = rollouts.rollouts.length >= ROLLOUTS_KEPT && rollouts.rollouts.every((one) => one.to > to);
  if (!known || isForgotten) return undefined;
  const next = history.findLast(({ configRevision }) => configRevision > to) ?? record;
  return {
    ...unknown(facts, to),
    from: lastStable(rollouts, to),
    state: "superseded",
    ended: next.change.time,
    supersededBy: next.configRevision,
  };
}

/** What a config tells of a rollout that was never begun. */
function unknown(facts: RolloutFacts, to: number): Omit<ToldRollout, "from" | "state"> {
  const revision = revisionOf(facts, to);
  const wanted = wantedInstances(revision) ?? 0;
  const maxParallel = countOf(revision?.config.update?.maxParallel ?? DEFAULTS.update.maxParallel, wanted);
  const change = revision?.change;
  return {
    ...{ to, wanted, maxParallel, change },
    promised: Math.max(0, wanted - maxParallel),
    started: change?.time,
    ...{ order: undefined, deadline: undefined, ended: undefined, pause: undefined, failure: undefined },
    ...{ backBy: undefined, takesBack: undefined, supersededBy: undefined, stored: undefined },
  };
}
