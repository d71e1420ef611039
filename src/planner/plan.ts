// What to do now about one group: one safe batch, decided from values alone. Start it, and plan again whenever one of
// its actions ends. Never throws, never mutates; the same facts in any order give the same plan.

import { groupStatus, presentAttention, wantedInstances } from "../model/group-status.js";
import type { GroupStatus, Plan, PlanInput } from "../model/plan.js";
import type { Attention } from "../model/slots.js";
import { restoredItems } from "./adopt.js";
import { assignStep } from "./assign.js";
import { attentionOf, noteStep } from "./attention.js";
import { classify } from "./classify.js";
import { damagedSteps } from "./damage.js";
import { departStep } from "./departure.js";
import { pinStep } from "./image.js";
import { removalStep } from "./removal.js";
import { toReplace } from "./replace.js";
import { isRestored, restoredSteps } from "./restored.js";
import { formerStep, rolloutStep, rolloutView } from "./rollout.js";
import { sortOut, surplusToStop } from "./scale.js";
import { isLeaving, type Scene } from "./scene.js";
import { anyHostAnswers, silenceStep } from "./silence.js";
import { stayStep } from "./stay.js";
import { NOTHING, type Step, together } from "./step.js";
import { leftoverSteps, straySteps } from "./strays.js";

export function plan(input: PlanInput): Plan {
  const scene = classify(input);
  const step = stepFor(scene);
  const attention = attentionOf(scene, step.notices);
  const later = step.times.filter((time) => time > input.now);
  return {
    actions: [...noteStep(scene, attention).actions, ...step.actions],
    status: statusOf(scene, attention),
    refusals: step.refusals,
    restored: restoredItems(scene),
    lookAgainAt: later.length === 0 ? undefined : Math.min(...later),
  };
}

function stepFor(scene: Scene): Step {
  if (!anyHostAnswers(scene)) return silenceStep(scene);
  if (isRestored(scene)) return together(silenceStep(scene), restoredSteps(scene));
  if (scene.config === undefined) return together(silenceStep(scene), straySteps(scene), damagedSteps(scene));
  const view = rolloutView(scene);
  const { keepers, surplus } = sortOut(scene);
  const replacement = toReplace(scene, keepers, view);
  const assigned = assignStep(scene, replacement.beside);
  const leaving = new Map([...surplusToStop(scene, surplus, view), ...replacement.leaving, ...alreadyLeaving(scene)]);
  return together(
    silenceStep(scene),
    pinStep(scene),
    view === undefined ? formerStep(scene) : rolloutStep(scene, view, slotsAssigned(assigned)),
    straySteps(scene),
    leftoverSteps(scene),
    replacement.step,
    memberSteps(scene, leaving),
    assigned,
    removalStep(scene),
  );
}

function slotsAssigned({ actions }: Step): readonly number[] {
  return actions.flatMap((action) => (action.kind === "assign" ? action.intents.map(({ slot }) => slot) : []));
}

/** At most one action for each container: those that leave take the next step out, the others what they need to stay. */
function memberSteps(scene: Scene, leaving: ReadonlyMap<string, string>): Step {
  const { config } = scene;
  if (config === undefined) return NOTHING;
  const going = scene.members.filter(({ intent }) => leaving.has(intent.name)).reverse();
  const staying = scene.members.filter(({ intent }) => !leaving.has(intent.name));
  return together(
    ...going.map((member) => departStep(scene, member, leaving.get(member.intent.name) ?? "")),
    ...staying.map((member) => stayStep(scene, member, config)),
  );
}

function alreadyLeaving(scene: Scene): readonly (readonly [string, string])[] {
  return scene.members
    .filter(({ intent }) => isLeaving(intent))
    .map(({ intent }) => [intent.name, intent.reason ?? "it is being stopped"]);
}

function statusOf(scene: Scene, attention: readonly Attention[]): GroupStatus {
  const { desired, slots, infos } = scene.input;
  const members = scene.members.map(({ intent, info }) => ({ intent, info }));
  const names = new Set(members.map(({ intent }) => intent.name));
  const others = [...infos].filter(([name]) => !names.has(name)).map(([, info]) => ({ info }));
  return groupStatus({
    record: desired?.record,
    containers: [...members, ...others],
    attention: presentAttention({ ...slots, attention }, wantedInstances(desired?.record)),
    fingerprint: scene.fingerprint,
  });
}
