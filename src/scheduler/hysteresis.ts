// From single attempts to a verdict: enough in a row decide. Pure.

import type { Verdict } from "../model/container.js";

export type Tally = { readonly verdict: Verdict; readonly passes: number; readonly fails: number };

export const NO_TALLY: Tally = { verdict: "untried", passes: 0, fails: 0 };

/** @param counts false: a failure now says nothing (start period, or too early to expect an answer). */
export function tallied(
  tally: Tally,
  attempt: { readonly passed: boolean; readonly counts: boolean },
  needed: { readonly passes: number; readonly fails: number },
): Tally {
  if (attempt.passed) {
    const passes = tally.passes + 1;
    return { verdict: passes >= needed.passes ? "passing" : tally.verdict, passes, fails: 0 };
  }
  const fails = attempt.counts ? tally.fails + 1 : tally.fails;
  return { verdict: fails >= needed.fails ? "failing" : tally.verdict, passes: 0, fails };
}
