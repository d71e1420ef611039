// A group whose config was deleted by another hand: what runs is kept for a while, so that a person can undo it, then
// goes like a scale-down. What was on its way out goes on its way.

import { noticedSince } from "./attention.js";
import { departStep } from "./departure.js";
import { isLeaving, type Scene } from "./scene.js";
import { NOTHING, type Notice, noticing, type Step, together, waitingUntil } from "./step.js";
import { KEPT_AFTER_DAMAGE } from "./strays.js";

const NOTICE: Notice = {
  reason: "STORE_DAMAGED",
  text: "the config of this group was deleted by another hand: its containers are kept for 10 minutes, then stopped",
};

export function damagedSteps(scene: Scene): Step {
  const { input, members } = scene;
  if (members.length === 0) return NOTHING;
  const until = (noticedSince(scene, NOTICE) ?? input.damagedSince ?? input.now) + KEPT_AFTER_DAMAGE;
  const over = until <= input.now;
  const going = members.filter(({ intent, standing }) => over || isLeaving(intent) || standing === "gone");
  return together(
    noticing(NOTICE),
    over ? NOTHING : waitingUntil(until),
    ...going.map((member) => departStep(scene, member, member.intent.reason ?? NOTICE.text)),
  );
}
