// The last transaction of a removal: only when nothing of the group is left anywhere.

import type { Scene } from "./scene.js";
import { doing, NOTHING, type Step } from "./step.js";

/** A container of another uid is of another group, and does not keep this one. */
export function removalStep(scene: Scene): Step {
  const removing = scene.input.desired?.record.removing;
  if (removing === undefined || scene.members.length > 0) return NOTHING;
  if (scene.strays.some(({ owner }) => owner.groupUid === scene.uid)) return NOTHING;
  return doing({ kind: "removeGroup", volumes: removing.volumes, reason: "every container of the group is gone" });
}
