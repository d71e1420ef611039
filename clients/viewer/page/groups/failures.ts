// How often containers of each group failed in the last half hour. Pure.

import type { EventRow } from "../../wire.js";

const SPAN = 30 * 60_000;
const STEPS = 15;

/** By group id: failures in each two minutes, oldest first. A group without any is not in it. */
export function failuresByGroup(events: readonly EventRow[], now: number): ReadonlyMap<string, readonly number[]> {
  const byGroup = new Map<string, number[]>();
  for (const { kind, ns, ref, time } of events) {
    const step = Math.floor(((time - (now - SPAN)) / SPAN) * STEPS);
    if (kind !== "container-failed" || step < 0 || step >= STEPS) continue;
    const id = `${ns} ${ref}`;
    const steps = byGroup.get(id) ?? Array.from({ length: STEPS }, () => 0);
    steps[step] = (steps[step] ?? 0) + 1;
    byGroup.set(id, steps);
  }
  return byGroup;
}
