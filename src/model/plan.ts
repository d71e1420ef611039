// The planner's input and output. Values only.

import type { Action } from "./action.js";
import type { ContainerInfo, Intent, ObservedContainer } from "./container.js";
import type { DrainState } from "./drain.js";
import type { Reason } from "./errors.js";
import type { ConfigRecord } from "./group.js";
import type { HostView } from "./host.js";
import type { Instant } from "./instant.js";
import type { GivenWord, Making, StrayItem } from "./recovery.js";
import type { GroupRef } from "./reference.js";
import type { Order, RolloutsRecord } from "./rollout.js";
import type { SlotsRecord } from "./slots.js";

export type Group = {
  readonly ref: GroupRef;
  readonly uid: string;
  readonly record: ConfigRecord;
};

export type PlanInput = {
  /** Undefined: the group has no config (any more); containers of ours in it are strays. */
  readonly desired: Group | undefined;
  readonly clusterId: string;
  readonly intents: readonly Intent[];
  /** Containers of this group on every engine that answered. */
  readonly observed: readonly ObservedContainer[];
  /** What is told now; written again only when it differs. */
  readonly infos: ReadonlyMap<string, ContainerInfo>;
  readonly slots: SlotsRecord;
  readonly rollouts: RolloutsRecord;
  /** Of containers that leave; one that was never told of has none. */
  readonly drains: readonly DrainState[];
  readonly hosts: readonly HostView[];
  /** Whether the pinned image brings its own HEALTHCHECK; false while not known. */
  readonly imageHasHealthcheck: boolean;
  /** Uid of the group key, for when there is no config; undefined: no such key, so every container here has an unknown uid. */
  readonly uid?: string | undefined;
  /** When the config was first seen to be missing, where slots.attention cannot tell (there is no group key to store it under). */
  readonly damagedSince?: Instant | undefined;
  /** Absent: nobody has said anything, and nothing is known besides. */
  readonly recovery?: RecoveryFacts | undefined;
  /** Since when this leader has been in office, by the clock that says now; absent: for ever. */
  readonly leadsSince?: Instant | undefined;
  readonly now: Instant;
};

/** What is known of containers without an intent; everything by container id. */
export type RecoveryFacts = {
  readonly makings: ReadonlyMap<string, Making>;
  readonly words: ReadonlyMap<string, GivenWord>;
  /** Uids that the history knows besides the group's own: what is left of them is left over, and proves nothing. */
  readonly formerUids: ReadonlySet<string>;
  /** Ids of containers that the store names as waiting for a word: each waits for one, whatever becomes of the others. */
  readonly named: ReadonlySet<string>;
};

/** Every reason why one host does not take a container. */
export type HostRefusal = { readonly host: string; readonly reason: Reason; readonly text: string };
export type Refusal = { readonly slot: number; readonly hosts: readonly HostRefusal[] };

export const GROUP_STATES = ["steady", "starting", "rolling", "degraded", "failing", "removing", "unknown"] as const;
export type GroupState = (typeof GROUP_STATES)[number];

export type GroupStatus = {
  readonly state: GroupState;
  /** Undefined for a group without a config. */
  readonly wanted: number | undefined;
  readonly ready: number;
  readonly outdated: number;
};

/** One safe batch: start it, and plan again whenever one of its actions ends. */
export type Plan = {
  readonly actions: readonly Action[];
  readonly status: GroupStatus;
  readonly refusals: readonly Refusal[];
  /** What proves a restored store, and what a person's word would do with it. */
  readonly restored: readonly StrayItem[];
  /** The earliest time at which the same facts give another plan. */
  readonly lookAgainAt: Instant | undefined;
};

/** What a change would do, for people: made by the planner's own classification, policy and placement. */
export type Forecast = {
  readonly replaced: number;
  readonly created: number;
  readonly stopped: number;
  readonly placements: readonly { readonly slot: number; readonly host: string }[];
  readonly refusals: readonly Refusal[];
  /** In their order; what fits nowhere is not among them. */
  readonly actions: readonly PlannedAction[];
  /** Only where containers are replaced. */
  readonly transition?: Transition;
  readonly image?: PlannedImage;
};

/** What is done to one slot. */
export type PlannedAction = {
  readonly slot: number;
  readonly kind: "create" | "replace" | "stop";
  /** Hosts; of what is created, or stopped, one of them is absent. */
  readonly from?: string;
  readonly to?: string;
  /** From 1; 0: at once. */
  readonly batch: number;
};

/** How the containers of a group would be replaced. */
export type Transition = {
  readonly order: Order;
  /** Why no new container can run beside an old one; absent: it can, or nobody wants it to. */
  readonly whyNotBeside?: string;
  readonly maxParallel: number;
  readonly batches: number;
  /** Of those that are there now, how many stay at least. */
  readonly staying: number;
};

/** An image as it was found, without pulling it. */
export type FoundImage =
  | { readonly pinned: string }
  /** It certainly does not exist, by the word of this host. */
  | { readonly missing: HostRefusal }
  /** Why nothing is known. */
  | { readonly unknown: string };

/** What an image would be pinned to. */
export type PlannedImage = {
  readonly asked: string;
  /** What it was pinned to before. */
  readonly before?: string;
  /** Absent: not known. */
  readonly pinned?: string;
  /** Why it is not known, or cannot be had. */
  readonly problem?: string;
};
