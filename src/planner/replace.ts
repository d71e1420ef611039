// Whose turn it is to be replaced: as many slots at a time as the policy allows, and never one more than what was promised
// can spare. A slot that is done makes room at once.

import type { Intent } from "../model/container.js";
import type { GroupConfig } from "../model/group.js";
import type { Rollout } from "../model/rollout.js";
import { refused, volumeHostOf } from "./assign.js";
import { hasSlotVolume, place } from "./place.js";
import { goesOn, type RolloutView } from "./rollout.js";
import { slotFailure } from "./rollout-failure.js";
import { allowedBySteps } from "./rollout-steps.js";
import { roomsFor } from "./room.js";
import { isLeaving, type Member, type Scene, servesNow } from "./scene.js";
import type { SlotView } from "./slot-view.js";
import { doing, NOTHING, type Step, waitingUntil } from "./step.js";

export type Replacement = {
  /** Name -> why, of those to stop now. */
  readonly leaving: ReadonlyMap<string, string>;
  /** Slots that get a successor beside their old container. */
  readonly beside: readonly number[];
  /** Why a slot is not replaced although its turn has come, and when the next one is due. */
  readonly step: Step;
};

const WHY = "it is not made from the present config";
const NOBODY: Replacement = { leaving: new Map(), beside: [], step: NOTHING };

/** What does not run is replaced at once; of what runs, as many as the rollout allows. */
export function toReplace(scene: Scene, keepers: readonly Member[], view: RolloutView | undefined): Replacement {
  const idle = keepers.filter(({ outdated, standing }) => outdated && standing !== "live" && standing !== "silent");
  const next = view === undefined ? NOBODY : ofTheRollout(scene, view);
  const gone = idle.map(({ intent }) => [intent.name, WHY] as const);
  return { ...next, leaving: new Map([...gone, ...next.leaving]) };
}

function ofTheRollout(scene: Scene, { rollout, slots }: RolloutView): Replacement {
  if (!goesOn(rollout) || scene.config === undefined) return NOBODY;
  const until = restsUntil(scene, rollout, slots);
  if (until !== undefined && until > scene.input.now) return { ...NOBODY, step: waitingUntil(until) };
  const free = Math.max(0, seats(scene, rollout, slots));
  const turn = inTurn(rollout, slots);
  if (rollout.policy.order === "stop-first") {
    return insteadOf(scene, rollout, { config: scene.config, due: turn.slice(0, free) });
  }
  const due = turn.filter((member) => isAlone(scene, member)).slice(0, free);
  return besideOf(scene, rollout, { slots, due });
}

/** Old ones that run: first those that were begun before, then those that do not serve anyway, then by slot. */
function inTurn(rollout: Rollout, slots: readonly SlotView[]): readonly Member[] {
  const rank = ({ slot, old }: SlotView): number => {
    if (rollout.slots[slot] !== undefined) return 0;
    return old !== undefined && servesNow(old) ? 2 : 1;
  };
  const waiting = slots.filter(({ phase, old }) => phase === "old" && old?.standing === "live");
  return [...waiting].sort((a, b) => rank(a) - rank(b) || a.slot - b.slot).flatMap(({ old }) => old ?? []);
}

/** The window, less those in it, and no further than the steps go. */
function seats(scene: Scene, rollout: Rollout, slots: readonly SlotView[]): number {
  const taken = slots.filter((slot) => isTaken(scene, rollout, slot)).length;
  const begun = slots.filter(({ phase }) => phase !== "old").length;
  const window = rollout.policy.maxParallel - taken;
  return rollout.policy.steps.length === 0 ? window : Math.min(window, allowedBySteps(rollout, scene.wanted) - begun);
}

/** Where failures do not hold up the rest, a slot that failed holds no place. */
function isTaken(scene: Scene, rollout: Rollout, slot: SlotView): boolean {
  if (slot.phase === "old" || slot.phase === "done") return false;
  return rollout.policy.onFailure !== "continue" || slotFailure(scene, rollout, slot) === undefined;
}

/** With a wait the window empties before the next ones begin. */
function restsUntil(scene: Scene, rollout: Rollout, slots: readonly SlotView[]): number | undefined {
  const { policy, progressAt, done } = rollout;
  if (policy.wait === 0) return undefined;
  const busy = slots.some((slot) => isTaken(scene, rollout, slot));
  if (busy) return Number.POSITIVE_INFINITY;
  return done === 0 ? undefined : progressAt + policy.wait;
}

/** Stops so many of those that serve that what was promised goes on serving. */
function insteadOf(
  scene: Scene,
  rollout: Rollout,
  { config, due }: { readonly config: GroupConfig; readonly due: readonly Member[] },
): Replacement {
  const { policy } = rollout;
  const leaving = new Map<string, string>();
  let spare = servingSlots(scene) - (scene.wanted - policy.maxParallel);
  for (const member of due) {
    const serves = servesNow(member);
    if (serves && spare <= 0) break;
    const step = trialStep(scene, rollout, { config, member });
    if (step !== undefined) return { leaving, beside: [], step };
    leaving.set(member.intent.name, WHY);
    if (serves) spare -= 1;
  }
  return { leaving, beside: [], step: NOTHING };
}

/** While another one of the slot leaves, a successor would be the third. */
function isAlone(scene: Scene, { intent }: Member): boolean {
  return scene.members.filter((other) => other.intent.slot === intent.slot).length === 1;
}

/** Gives successors to so many that no more are started than was promised; empty slots will be filled too. */
function besideOf(
  scene: Scene,
  { policy }: Rollout,
  { slots, due }: { readonly slots: readonly SlotView[]; readonly due: readonly Member[] },
): Replacement {
  const held = new Set(scene.members.map(({ intent }) => intent.slot));
  const empty = slots.filter(({ slot }) => !held.has(slot)).length;
  const room = scene.wanted + policy.maxParallel - scene.members.length - empty;
  const beside = due.slice(0, Math.max(0, room)).map(({ intent }) => intent.slot);
  const idle = room <= 0 && isStuck(scene, slots) ? due.find((member) => !servesNow(member)) : undefined;
  return { leaving: new Map(idle === undefined ? [] : [[idle.intent.name, WHY]]), beside, step: NOTHING };
}

/** Nothing is under way that makes room: those that are too many serve in place of some that do not. */
function isStuck(scene: Scene, slots: readonly SlotView[]): boolean {
  const { members, wanted } = scene;
  const kept = new Set(slots.flatMap(({ current, old }) => [current, old]));
  const isNeeded = members.filter(servesNow).length <= wanted;
  const rests = members.every((one) => one.standing === "live" && !isLeaving(one.intent));
  return isNeeded && rests && members.every((one) => kept.has(one) || servesNow(one));
}

function servingSlots(scene: Scene): number {
  const serving = scene.members.filter((member) => !isLeaving(member.intent) && servesNow(member));
  return new Set(serving.map(({ intent }) => intent.slot).filter((slot) => slot <= scene.wanted)).size;
}

/** Undefined: it may be stopped. Nothing is whose successor would fit nowhere, or was not tried out. */
function trialStep(
  scene: Scene,
  rollout: Rollout,
  { config, member }: { readonly config: GroupConfig; readonly member: Member },
): Step | undefined {
  const { slot, host, name } = member.intent;
  const others = scene.members.filter((other) => other.intent.name !== name).map(({ intent }) => intent);
  const volumeHost = hasSlotVolume(config) ? (volumeHostOf(scene, config, slot) ?? host) : undefined;
  const found = place(config, roomsFor(scene.hosts, others, config), volumeHost);
  if ("refusals" in found) return refused(slot, found.refusals);
  if (rollout.tried || scene.pin === undefined || scene.fingerprint === undefined) return undefined;
  const intent: Intent = {
    ...{ name, slot, generation: 0, configRevision: rollout.to, fingerprint: scene.fingerprint },
    ...{ host: found.host.name, hostPorts: found.hostPorts, phase: "creating" },
  };
  const reason = `nothing is stopped before a container of rev ${rollout.to} could be created`;
  return doing({ kind: "tryOut", rollout, intent, config, image: scene.pin.pinned, reason });
}
