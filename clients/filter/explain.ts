// Which term of a filter took the last row away. Pure.

import { filterBy, type Subject } from "./match.js";
import type { Clause, Filter } from "./term.js";

export interface Removal {
  readonly clause: Clause;
  /** How many rows had been left before it. */
  readonly removed: number;
}

/** The first clause, in the order in which they are written, behind which nothing was left; none when something is. */
export function lastRemoval(filter: Filter, subjects: Iterable<Subject>): Removal | undefined {
  let left = [...subjects];
  for (const clause of filter) {
    const before = left.length;
    const passes = filterBy([clause]);
    left = left.filter(passes);
    if (left.length === 0) return before === 0 ? undefined : { clause, removed: before };
  }
  return undefined;
}
