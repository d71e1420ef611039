// The rollouts of a group of the fleet: its newest one, and what became of those before.

import { MINUTE } from "../../../src/model/instant.js";
import type { Rollout, RolloutFailure, RolloutPolicy, RolloutState } from "../../../src/model/rollout.js";
import { hostName, rolloutStates, type SeededGroup } from "./fleet.js";
import { CAUSE } from "./trouble.js";

const POLICY: RolloutPolicy = {
  maxParallel: 2,
  order: "start-first",
  wait: 0,
  minHealthyTime: 10_000,
  healthyDeadline: 5 * MINUTE,
  progressDeadline: 10 * MINUTE,
  onFailure: "rollback",
  steps: [],
};

/** Taken back, or about to be: by the newest one. */
const TAKEN_BACK: Partial<Record<RolloutState, RolloutState>> = {
  rolling_back: "running",
  rolled_back: "done",
  rollback_failed: "failed",
};

const MOVING: ReadonlySet<RolloutState> = new Set(["running", "paused", "rolling_back"]);

/** Newest first. */
export function rolloutsOf(group: SeededGroup, now: number): readonly Rollout[] {
  const state = rolloutStates[group.kind];
  if (state === undefined) return [];
  const { rev } = group;
  const begun = Math.max(group.change.time, now - (MOVING.has(state) ? 4 : 20) * MINUTE);
  const by = TAKEN_BACK[state];
  const own = by === undefined ? [rolloutOf(group, state, { to: rev, begun, now })] : takenBack(group, { begun, now });
  const stable = rolloutOf(group, "done", { to: rev - own.length, begun: begun - 30 * MINUTE, now });
  return stable.to > 0 ? [...own, stable] : own;
}

/** The one that failed, and the one by which it is taken back. */
function takenBack(group: SeededGroup, { begun, now }: { begun: number; now: number }): readonly Rollout[] {
  const state = rolloutStates[group.kind] ?? "failed";
  const { rev } = group;
  const by = rolloutOf(group, TAKEN_BACK[state] ?? "done", { to: rev, begun: begun + MINUTE, now });
  const failed = rolloutOf(group, state, { to: rev - 1, begun, now });
  const failure = failureOf(group, begun + MINUTE);
  return [
    { ...by, from: rev - 2, takesBack: rev - 1 },
    { ...failed, failure, backBy: rev },
  ];
}

type When = { readonly to: number; readonly begun: number; readonly now: number };

function rolloutOf(group: SeededGroup, state: RolloutState, { to, begun, now }: When): Rollout {
  const { size, change } = group;
  const isMoving = MOVING.has(state);
  const done = isMoving ? Math.floor(size / 2) : size;
  const slots = isMoving ? { [done + 1]: { begun: now - 6000, failuresBefore: 0 } } : {};
  return {
    ...{ to, state, policy: POLICY, replaces: true, started: begun, progressAt: begun + 20_000 },
    ...{ tried: true as const, done, stepsDone: 0, slots },
    ...(to > 1 ? { from: to - 1 } : {}),
    ...(isMoving ? {} : { ended: begun + 3 * MINUTE }),
    ...(state === "paused" ? { pause: { since: now - 5 * MINUTE, reason: "canary" as const, change } } : {}),
    ...(state === "superseded" ? { supersededBy: to + 1 } : {}),
    ...(state === "failed" ? { failure: failureOf(group, begun + MINUTE) } : {}),
  };
}

function failureOf({ ref, firstHost }: SeededGroup, at: number): RolloutFailure {
  const container = `${ref.service}.1.2-k3f9x2`;
  return { reason: "CONTAINER_EXITED", text: CAUSE, at, slot: 1, host: hostName(firstHost + 1), container };
}
