// How one config revision of a group comes into effect: what is stored of it, and what a person asks of it. Types, and
// what both the planner and those who tell of it have to agree on.

import type { Reason } from "./errors.js";
import type { Change, UpdatePolicy } from "./group.js";
import type { Instant, Milliseconds } from "./instant.js";

export const ROLLOUT_STATES = [
  "running",
  "paused",
  /** Everything is of the new config and ready: the revision is stable. */
  "done",
  /** It stands still for good; what serves goes on serving. */
  "failed",
  "rolling_back",
  "rolled_back",
  "rollback_failed",
  /** A newer one took its place. */
  "superseded",
  /** Taken back because a person asked for that. */
  "aborted",
] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

export const ORDERS = ["start-first", "stop-first"] as const;
export type Order = (typeof ORDERS)[number];

export const PAUSE_REASONS = ["asked", "canary", "step"] as const;

export const FAILURE_POLICIES = ["rollback", "pause", "continue"] as const;

/** The update policy as it was when the rollout began, with its defaults. */
export type RolloutPolicy = {
  /** As a number of containers. */
  readonly maxParallel: number;
  readonly order: Order;
  readonly wait: Milliseconds;
  readonly minHealthyTime: Milliseconds;
  readonly healthyDeadline: Milliseconds;
  readonly progressDeadline: Milliseconds;
  readonly onFailure: NonNullable<UpdatePolicy["onFailure"]>;
  /** Canaries are the first of them. */
  readonly steps: readonly string[];
};

export type RolloutPause = {
  readonly since: Instant;
  readonly reason: (typeof PAUSE_REASONS)[number];
  /** Who asked for it. */
  readonly change?: Change;
};

export type RolloutFailure = {
  readonly reason: Reason;
  readonly text: string;
  readonly at: Instant;
  readonly slot?: number;
  readonly host?: string;
  /** Name of the container. */
  readonly container?: string;
};

/** What reality does not tell about a slot that is being replaced. */
export type SlotProgress = {
  /** Since when its new container has had a place; times in which the rollout stood still are added. */
  readonly begun: Instant;
  /** Failures that the slot had before. */
  readonly failuresBefore: number;
};

export type Rollout = {
  /** The config revision; "r-42" for people. */
  readonly to: number;
  /** The last stable one before it. */
  readonly from?: number;
  readonly state: RolloutState;
  readonly policy: RolloutPolicy;
  /** Whether containers are replaced at all. */
  readonly replaces: boolean;
  /** A container like those to come could be created, so one that serves may be stopped for it. */
  readonly tried?: true;
  readonly started: Instant;
  /** Since when a host with containers of it has not answered: no deadline comes nearer. */
  readonly silentSince?: Instant;
  /** When a slot was last done; times in which the rollout stood still are added. */
  readonly progressAt: Instant;
  /** The most slots that were done. */
  readonly done: number;
  /** Of the policy's steps, those that are behind it. */
  readonly stepsDone: number;
  readonly pause?: RolloutPause;
  /** By slot number. */
  readonly slots: Readonly<Record<number, SlotProgress>>;
  readonly failure?: RolloutFailure;
  /** The config revision by which it is taken back. */
  readonly backBy?: number;
  /** The config revision that this one takes back. */
  readonly takesBack?: number;
  readonly supersededBy?: number;
  readonly ended?: Instant;
};

/** The record /theseus/rollouts/{ns}/{group uid}: newest first, at most ROLLOUTS_KEPT, the last stable one among them. */
export type RolloutsRecord = { readonly rollouts: readonly Rollout[] };

export const NO_ROLLOUTS: RolloutsRecord = { rollouts: [] };
export const ROLLOUTS_KEPT = 10;

export const rolloutId = (to: number): string => `r-${to}`;

/** Nothing more comes of it by itself. */
export function isOver({ state }: Pick<Rollout, "state">): boolean {
  return state !== "running" && state !== "paused" && state !== "rolling_back";
}

export function rolloutOf({ rollouts }: RolloutsRecord, to: number | undefined): Rollout | undefined {
  return rollouts.find((rollout) => rollout.to === to);
}

/**
 * The newest revision before that one whose rollout was done: what a rollback and an undo go back to. One of which nothing
 * ever ran, since it asked for no instances, only where there is no other.
 */
export function lastStable({ rollouts }: RolloutsRecord, before: number): number | undefined {
  return newestStable(rollouts.filter(({ to }) => to < before))?.to;
}

function newestStable(rollouts: readonly Rollout[]): Rollout | undefined {
  const stable = rollouts.filter(({ state }) => state === "done").sort((a, b) => b.to - a.to);
  return stable.find(({ done }) => done > 0) ?? stable[0];
}

/** Without those of later config revisions; all where there is no config. */
export function upTo({ rollouts }: RolloutsRecord, configRevision = Number.POSITIVE_INFINITY): RolloutsRecord {
  return { rollouts: rollouts.filter(({ to }) => to <= configRevision) };
}

/** With this one in place of that of the same revision, or as the newest. */
export function withRollout({ rollouts }: RolloutsRecord, rollout: Rollout): RolloutsRecord {
  const others = rollouts.filter(({ to }) => to !== rollout.to);
  const inOrder = [...others, rollout].sort((a, b) => b.to - a.to);
  const kept = inOrder.slice(0, ROLLOUTS_KEPT);
  const stable = newestStable(inOrder);
  // Without it nothing could be taken back any more.
  return { rollouts: stable === undefined || kept.includes(stable) ? kept : [...kept.slice(0, -1), stable] };
}
