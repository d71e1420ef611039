// What is kept of the past: cursors into the store's timeline, contracts.md 2, and the configs that a group has had.

import type { Change, GroupConfig, Pin } from "./group.js";
import { HOUR, type Instant, type Milliseconds } from "./instant.js";
import type { LabelSet } from "./labels.js";

/** A resume point: a revision is only meaningful within its stretch of history. */
export type Cursor = { readonly epoch: string; readonly revision: bigint };

/** One config revision of a group as it was asked for. It names the group, since a removed one has no other key. */
export type HistoryRecord = {
  readonly service: string;
  readonly labels: LabelSet;
  readonly config: GroupConfig;
  readonly configRevision: number;
  readonly change: Change;
  /** Set by the leader once the image is known on an engine. */
  readonly pin?: Pin;
  /** Only on the last one: the group is gone since then. `asked` is absent when nobody had asked for it. */
  readonly removed?: { readonly at: Instant; readonly asked?: Change };
};

/** Config revisions that are kept of a group. */
export const REVISIONS_KEPT = 10;
/** How long the last config of a removed group is kept. */
export const REMOVED_KEPT: Milliseconds = 30 * 24 * HOUR;

/** Config revisions, newest first. */
export const newestFirst = (revisions: readonly number[]): number[] => [...revisions].sort((a, b) => b - a);

/**
 * Of the config revisions recorded of one group, those that go: all beyond the newest ten; of a removed group all but
 * the last, and that one too after 30 days.
 */
export function pastKeeping(
  group: { readonly revisions: readonly number[]; readonly removedAt: Instant | undefined },
  now: Instant,
): number[] {
  const inOrder = newestFirst(group.revisions);
  if (group.removedAt === undefined) return inOrder.slice(REVISIONS_KEPT);
  return inOrder.slice(group.removedAt < now - REMOVED_KEPT ? 0 : 1);
}
