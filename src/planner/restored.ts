// A restored store: containers that it cannot know prove it. Nothing of the group is started, stopped or removed until a
// person has spoken; then exactly what was said is done with exactly the containers it was said of.

import type { UsedUp } from "../model/action.js";
import type { ObservedContainer } from "../model/container.js";
import { adoptStep } from "./adopt.js";
import { departStep } from "./departure.js";
import { hidesAnother, isProof, isToGo, isTooNew } from "./provenance.js";
import { publishStep } from "./publish.js";
import { isLeaving, type Member, type Scene } from "./scene.js";
import { liveStep } from "./stay.js";
import { doing, NOTHING, type Step, together } from "./step.js";
import { present, strayStep } from "./strays.js";

export function isRestored(scene: Scene): boolean {
  return scene.strays.some((stray) => isProof(scene, stray));
}

/** What is told stays true, what was said is done, and all else waits. */
export function restoredSteps(scene: Scene): Step {
  const tooNew = scene.strays.filter((stray) => isTooNew(scene, stray));
  return together(
    raiseStep(tooNew.filter((stray) => isToGo(scene, stray) && !hidesAnother(scene, stray))),
    ...present(scene).map((stray) => frozenStray(scene, stray)),
    ...scene.members.map((member) => frozenMember(scene, member)),
    adoptStep(scene),
  );
}

/** Once its generation is used up, a container that is to go is one like any other. */
function raiseStep(going: readonly ObservedContainer[]): Step {
  if (going.length === 0) return NOTHING;
  const highest = new Map<number, UsedUp>();
  for (const { owner, host } of going) {
    const { slot, generation } = owner;
    if (generation > (highest.get(slot)?.generation ?? 0)) highest.set(slot, { slot, generation, host });
  }
  const slots = [...highest.values()].sort((a, b) => a.slot - b.slot);
  return doing({ kind: "raiseSlots", slots, reason: "these generations were given out before the store was restored" });
}

function frozenStray(scene: Scene, stray: ObservedContainer): Step {
  const step = strayStep(scene, stray);
  return isToGo(scene, stray) ? step : { ...NOTHING, notices: step.notices };
}

function frozenMember(scene: Scene, member: Member): Step {
  const { standing, intent, info, container } = member;
  if (container !== undefined && isToGo(scene, container) && isLeaving(intent)) {
    return departStep(scene, member, intent.reason ?? "");
  }
  if (intent.phase !== "running" || info === undefined) return NOTHING;
  const wrong = standing === "gone" || standing === "ended";
  if (wrong) return publishStep(scene, member, { state: "lost", reason: "it does not run" }) ?? NOTHING;
  if (standing !== "live" || scene.config === undefined) return NOTHING;
  const { actions, times } = liveStep(scene, member, scene.config);
  return { ...NOTHING, actions: actions.filter(({ kind }) => kind === "publish"), times };
}
