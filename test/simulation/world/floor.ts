// How many slots of a group serve and have to, and how many containers there may be: as the raw store tells it. Pure.

import type { RawConfig, RawIntent, RawStore } from "./raw-store.js";

/** Group to the slots in which something serves. */
export type Serving = ReadonlyMap<string, ReadonlySet<number>>;
export type SlotsOfOne = ReadonlySet<number> | undefined;

/** What is meant to run and is told ready, but for what is known to have ended. */
export function servingSlots({ intents, infos }: RawStore, hasEnded: (name: string) => boolean): Serving {
  const slots = new Map<string, Set<number>>();
  for (const { group, name, slot, phase } of intents.values()) {
    if (phase !== "running" || infos.get(name)?.state !== "ready" || hasEnded(name)) continue;
    const ofGroup = slots.get(group) ?? new Set<number>();
    slots.set(group, ofGroup.add(slot));
  }
  return slots;
}

/** Why what serves after a write is too little, in words; undefined: it is enough, or was no more before. */
export function belowFloor(
  { instances, maxParallel, order }: RawConfig,
  before: SlotsOfOne,
  after: SlotsOfOne,
): string | undefined {
  const wanted = (slots: ReadonlySet<number> = new Set()): number =>
    [...slots].filter((one) => one <= instances).length;
  const [was, is] = [wanted(before), wanted(after)];
  const least = order === "start-first" ? Math.min(was, instances) : instances - maxParallel;
  return is < least && is < was ? `${is} of ${instances} serve, ${least} have to` : undefined;
}

/** Why a successor beside one that runs is one too many, in words: there is room for some more than was asked, not for more. */
export function tooManyBeside(
  { intents }: RawStore,
  { instances, maxParallel }: RawConfig,
  { group, name, slot }: RawIntent,
  runs: (name: string) => boolean,
): string | undefined {
  const others = [...intents.values()].filter((one) => one.group === group && one.name !== name);
  const members = others.filter(({ phase }) => phase !== "stopping");
  const isBeside = members.some((one) => one.slot === slot && one.phase === "running" && runs(one.name));
  const most = instances + maxParallel;
  return isBeside && members.length >= most
    ? `${name} is begun beside ${members.length}, at most ${most} may be`
    : undefined;
}
