// Containers that are not of the present config go one slot at a time, each only while every other slot serves.

import type { GroupConfig } from "../model/group.js";
import { refused, volumeHostOf } from "./assign.js";
import { hasSlotVolume, place } from "./place.js";
import { roomsFor } from "./room.js";
import type { Member, Scene } from "./scene.js";
import { isLeaving, servesNow } from "./scene.js";
import { NOTHING, type Step } from "./step.js";

export type Replacement = {
  /** Name -> why, of those to stop now. */
  readonly leaving: ReadonlyMap<string, string>;
  /** Why a slot is not replaced although its turn has come. */
  readonly step: Step;
};

const WHY = "it is not made from the present config";

/** What does not run is replaced at once; of what runs, one: first those that do not serve anyway, then the lowest slot. */
export function toReplace(scene: Scene, keepers: readonly Member[]): Replacement {
  const outdated = keepers.filter((member) => member.outdated);
  const idle = outdated.filter(({ standing }) => standing !== "live" && standing !== "silent");
  const next = nextToReplace(scene, keepers, outdated);
  const step = next === undefined || scene.config === undefined ? NOTHING : refusalOf(scene, scene.config, next);
  const chosen = next === undefined || step.refusals.length > 0 ? idle : [...idle, next];
  return { leaving: new Map(chosen.map(({ intent }) => [intent.name, WHY])), step };
}

function nextToReplace(scene: Scene, keepers: readonly Member[], outdated: readonly Member[]): Member | undefined {
  const live = outdated.filter(({ standing }) => standing === "live");
  const idle = live.find((member) => !servesNow(member));
  if (idle !== undefined) return isSomeSlotEmptying(scene) ? undefined : idle;
  const [first] = live;
  return first !== undefined && servingOthers(keepers, first) === scene.wanted - 1 ? first : undefined;
}

/** A wanted slot whose container is on its way out: its successor comes first. */
function isSomeSlotEmptying(scene: Scene): boolean {
  return scene.members.some(({ intent }) => isLeaving(intent) && intent.slot <= scene.wanted);
}

function servingOthers(keepers: readonly Member[], member: Member): number {
  return keepers.filter((other) => other !== member && servesNow(other)).length;
}

/** Nothing is stopped whose successor would fit nowhere: tried as if it were gone already. */
function refusalOf(scene: Scene, config: GroupConfig, member: Member): Step {
  const { slot, host, name } = member.intent;
  const others = scene.members.filter((other) => other.intent.name !== name).map(({ intent }) => intent);
  const volumeHost = hasSlotVolume(config) ? (volumeHostOf(scene, config, slot) ?? host) : undefined;
  const found = place(config, roomsFor(scene.hosts, others, config), volumeHost);
  return "refusals" in found ? refused(slot, found.refusals) : NOTHING;
}
