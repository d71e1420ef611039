// Who stays and who is too many. Highest slots leave first, and never so many that fewer than wanted are ready.

import type { Member, Scene } from "./scene.js";
import { isLeaving, servesNow } from "./scene.js";

export type Sorted = {
  /** One for each wanted slot that has any: the newest. */
  readonly keepers: readonly Member[];
  readonly surplus: readonly Member[];
};

/** Those on their way out already are neither. */
export function sortOut(scene: Scene): Sorted {
  const staying = scene.members.filter((member) => !isLeaving(member.intent));
  // Members come in the order of their generations, so the last one of a slot is its newest.
  const newest = new Map(staying.map((member) => [member.intent.slot, member]));
  const keeps = (member: Member): boolean => isWanted(scene, member) && newest.get(member.intent.slot) === member;
  return { keepers: staying.filter(keeps), surplus: staying.filter((member) => !keeps(member)) };
}

/** Name -> why, of those that may be stopped now; one that serves stays until enough others do. */
export function surplusToStop(scene: Scene, surplus: readonly Member[]): ReadonlyMap<string, string> {
  const spare = scene.members.filter(servesNow).length - scene.wanted;
  const serving = surplus.filter(servesNow).reverse();
  const stopped = [...serving.slice(0, Math.max(spare, 0)), ...surplus.filter((member) => !servesNow(member))];
  return new Map(stopped.map((member) => [member.intent.name, whySurplus(scene, member)]));
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
