// How many slots of a group serve, and how many have to: as the raw store tells it. Pure.

import type { RawConfig, RawStore } from "./raw-store.js";

/** Group to the slots in which something serves. */
export type Serving = ReadonlyMap<string, ReadonlySet<number>>;

/** What is meant to run and is told ready. */
export function servingSlots({ intents, infos }: RawStore): Serving {
  const slots = new Map<string, Set<number>>();
  for (const { group, name, slot, phase } of intents.values()) {
    if (phase !== "running" || infos.get(name)?.state !== "ready") continue;
    const ofGroup = slots.get(group) ?? new Set<number>();
    slots.set(group, ofGroup.add(slot));
  }
  return slots;
}

/** Why what serves after a write is too little, in words; undefined: it is enough, or was no more before. */
export function belowFloor(
  { instances, maxParallel, order }: RawConfig,
  before: ReadonlySet<number> | undefined,
  after: ReadonlySet<number> | undefined,
): string | undefined {
  const wanted = (slots: ReadonlySet<number> = new Set()): number =>
    [...slots].filter((one) => one <= instances).length;
  const [was, is] = [wanted(before), wanted(after)];
  const least = order === "start-first" ? Math.min(was, instances) : instances - maxParallel;
  return is < least && is < was ? `${is} of ${instances} serve, ${least} have to` : undefined;
}
