// Who stays and who is too many. Highest slots leave first, and never so many that fewer than wanted are ready, nor the
// last that serves of a slot that is wanted.

import { goesOn, type RolloutView } from "./rollout.js";
import type { Member, Scene } from "./scene.js";
import { isLeaving, isMistold, keeperOf, servesNow } from "./scene.js";
import { Successors } from "./successors.js";

export type Sorted = {
  /** One for each wanted slot that has any: keeperOf(). */
  readonly keepers: readonly Member[];
  readonly surplus: readonly Member[];
};

/** Those on their way out already are neither. */
export function sortOut(scene: Scene): Sorted {
  const staying = scene.members.filter((member) => !isLeaving(member.intent));
  const bySlot = new Map<number, Member[]>();
  for (const member of staying) {
    const { slot } = member.intent;
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), member]);
  }
  const keepers = new Set([...bySlot.values()].map(keeperOf));
  const keeps = (member: Member): boolean => isWanted(scene, member) && keepers.has(member);
  return { keepers: staying.filter(keeps), surplus: staying.filter((member) => !keeps(member)) };
}

/** Name -> why, of those that may be stopped now; one that serves stays until enough others do. */
export function surplusToStop(
  scene: Scene,
  surplus: readonly Member[],
  view: RolloutView | undefined,
): ReadonlyMap<string, string> {
  const spare = scene.members.filter(servesNow).length - scene.wanted;
  const free = surplus.filter((member) => !isHeld(scene, member, view) && !isMistold(member));
  const serving = free.filter((one) => servesNow(one) && !isLastOfSlot(scene, free, one)).reverse();
  const stopped = [...serving.slice(0, Math.max(spare, 0)), ...free.filter((member) => !servesNow(member))];
  const leaving = new Map(stopped.map((member) => [member.intent.name, whySurplus(scene, member)]));
  return leaving.size > 0 ? leaving : givingWay(scene, serving, view);
}

/**
 * One that serves in place of a slot that is empty, and whose own place is what that slot waits for: else neither would
 * ever come to an end. Where the group may have fewer for a while, as when one is stopped for its successor.
 */
function givingWay(
  scene: Scene,
  serving: readonly Member[],
  view: RolloutView | undefined,
): ReadonlyMap<string, string> {
  const { config, members, wanted } = scene;
  const rests = members.every((one) => one.standing === "live" && !isLeaving(one.intent));
  if (config === undefined || view === undefined || !goesOn(view.rollout) || !rests) return new Map();
  const { order, maxParallel } = view.rollout.policy;
  if (order === "start-first") return new Map();
  const least = wanted - maxParallel;
  if (serving.length === 0 || members.filter(servesNow).length <= least) return new Map();
  const successors = Successors.now(scene, config);
  for (const member of serving) {
    const slot = successors.unstuckBy(member);
    if (slot === undefined) continue;
    const why = `${whySurplus(scene, member)}, and slot ${slot} fits only where it is`;
    return new Map([[member.intent.name, why]]);
  }
  return new Map();
}

/** Of a wanted slot: no other that serves there stays, or is newer. Those of other slots do not stand in for it. */
function isLastOfSlot(scene: Scene, free: readonly Member[], member: Member): boolean {
  if (!isWanted(scene, member)) return false;
  const { slot, generation } = member.intent;
  const others = scene.members.filter((one) => one !== member && one.intent.slot === slot && servesNow(one));
  return others.every((one) => one.intent.generation < generation && free.includes(one));
}

/** The old one of a slot stays until its successor is stable; while the image is not known nobody can tell which is which. */
function isHeld(scene: Scene, member: Member, view: RolloutView | undefined): boolean {
  const { intent, standing } = member;
  if (scene.fingerprint === undefined) return standing === "live" && isWanted(scene, member);
  const slot = view?.slots[intent.slot - 1];
  return standing === "live" && slot?.old?.intent.name === intent.name && slot.phase !== "stable";
}

function whySurplus(scene: Scene, member: Member): string {
  if (scene.removing) return "the group is being removed";
  if (isWanted(scene, member)) return `slot ${member.intent.slot} has a newer container`;
  const instances = scene.wanted === 1 ? "1 instance" : `${scene.wanted} instances`;
  return `slot ${member.intent.slot} is above the ${instances} asked for`;
}

function isWanted(scene: Scene, { intent }: Member): boolean {
  return intent.slot >= 1 && intent.slot <= scene.wanted;
}
