// The capacity of a rollout, and of the way back when it was taken back, as one line over time. Pure.

import type { RolloutDetail } from "../../wire.js";
import { type Stretch, stretchesOf } from "../capacity/stretches.js";

/** What is told of a rollout reaches that far beyond its end. */
const TOLD_AFTER_END = 20_000;

/**
 * New is what is of this rollout's revision, old is everything else, also on the way back.
 * @param back the rollout that takes it back
 * @param now up to then the newest figures hold, as far as is known
 */
export function seenCapacity(detail: RolloutDetail, back: RolloutDetail | undefined, now: number): Stretch[] {
  const { capacity: points, seenFrom, row, blind = [] } = detail;
  // A figure may be newer than the clock of this page by less than a second: it holds all the same.
  const newest = Math.max(now, ...points.map(({ time }) => time + 1));
  const end = endShown(row, back?.row);
  const until = row.ended > 0 ? Math.min(newest, end, row.ended + TOLD_AFTER_END) : newest;
  return stretchesOf({ points, from: Math.max(seenFrom, row.started), until, blind });
}

/** Of both, with a little of what came after it: what the last step led to is seen after it. */
export function endShown(row: RolloutDetail["row"], back: RolloutDetail["row"] | undefined): number {
  const ended = Math.max(row.ended, back?.ended ?? 0);
  return ended + Math.min(TOLD_AFTER_END, Math.max(3_000, (ended - row.started) * 0.04));
}
