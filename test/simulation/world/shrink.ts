// A smaller run that still breaks the same promise: kinds of faults are left out one by one, as long as it does.

import { AIMED_FAULTS, FAULTS, type Fault } from "./faults.js";
import { type Outcome, runSeed } from "./run-seed.js";

const ALL: readonly Fault[] = [...AIMED_FAULTS, ...FAULTS];

export type Smaller = { readonly off: ReadonlySet<Fault>; readonly outcome: Outcome };

export async function shrink(first: Outcome): Promise<Smaller> {
  const invariant = first.violations[0]?.invariant;
  let smallest: Smaller = { off: new Set(), outcome: first };
  for (const fault of ALL) {
    if (!smallest.outcome.faults.has(fault)) continue;
    const off = new Set([...smallest.off, fault]);
    const outcome = await runSeed(first.seed, { off });
    if (outcome.violations[0]?.invariant === invariant) smallest = { off, outcome };
  }
  // What never happens in what is left need not be named.
  const off = new Set(ALL.filter((fault) => !smallest.outcome.faults.has(fault)));
  const outcome = await runSeed(first.seed, { off });
  return outcome.violations[0]?.invariant === invariant ? { off, outcome } : smallest;
}
