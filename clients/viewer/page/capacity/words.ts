// A rollout's capacity in words and figures, for those who do not see the picture. Pure.

import type { RolloutRow } from "../../wire.js";
import { clockText } from "../parts/time-text.js";
import { belowPromise, lowestOf, type Stretch, totalOf } from "./stretches.js";

export interface CapacityWords {
  /** "6 of 6 ready: 3 new and 3 old" */
  readonly present: string;
  /** "never below the promised 5" */
  readonly promise: string;
  readonly isBroken: boolean;
}

/** Of what was seen; that nothing was seen is said too. */
export function capacityWords(row: RolloutRow, stretches: readonly Stretch[]): CapacityWords {
  const last = stretches.at(-1);
  const lowest = lowestOf(stretches);
  if (last === undefined || lowest === undefined)
    return { present: "no capacity was seen", promise: `promised ${row.promised}`, isBroken: false };
  const present = `${totalOf(last)} of ${row.wanted} ready: ${last.new} new and ${last.old} old`;
  const below = lowestOf(belowPromise(stretches, row.promised));
  const { promised } = row;
  if (below !== undefined) {
    const text = `below the promised ${promised}: ${totalOf(below)} at ${clockText(below.from)}`;
    return { present, promise: text, isBroken: true };
  }
  if (totalOf(lowest) >= promised) {
    const low = `lowest ${totalOf(lowest)} at ${clockText(lowest.from)}`;
    return { present, promise: `never below the promised ${promised} · ${low}`, isBroken: false };
  }
  const reached = stretches.find((one) => totalOf(one) >= promised);
  const since =
    reached === undefined
      ? `has not reached the promised ${promised} yet`
      : `at the promised ${promised} since ${clockText(reached.from)}`;
  return { present, promise: since, isBroken: false };
}

/** One row each time that a figure changed, oldest first; the newest `most`. */
export function capacityRows(stretches: readonly Stretch[], most = 50): readonly Stretch[] {
  return stretches.slice(-most);
}
