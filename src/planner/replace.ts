// Whose turn it is to be replaced: as many slots at a time as the policy allows, and never one more than what was promised
// can spare. A slot that is done makes room at once.

import type { Intent } from "../model/container.js";
import type { GroupConfig } from "../model/group.js";
import type { Instant } from "../model/instant.js";
import type { Rollout } from "../model/rollout.js";
import type { Attention } from "../model/slots.js";
import { refused } from "./assign.js";
import type { Place } from "./place.js";
import { goesOn, type RolloutView } from "./rollout.js";
import { slotFailure } from "./rollout-failure.js";
import { allowedBySteps } from "./rollout-steps.js";
import { isLeaving, isMistold, type Member, type Scene, servesNow } from "./scene.js";
import type { SlotView } from "./slot-view.js";
import { doing, NOTHING, noticing, type Step, together, waitingUntil } from "./step.js";
import { Successors } from "./successors.js";

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
/** Of those that fit nowhere so many are looked at in one pass, and so many told: it is the same for most. */
const MOST_TRIED = 100;
const MOST_TOLD = 10;

/** A rollout that goes on, with what it needs to know of each slot. */
type Course = {
  readonly scene: Scene;
  readonly config: GroupConfig;
  readonly rollout: Rollout;
  readonly slots: readonly SlotView[];
  /** Empty, and without room anywhere: nothing under way, so they hold no place in the window. */
  readonly stuck: ReadonlySet<number>;
};

/** How many slots may begin now, of these, in this order; `early` of them only as containers that are being stopped count as gone. */
type Turn = { readonly free: number; readonly early: number; readonly waiting: readonly Member[] };

/** What does not run is replaced at once; of what runs, as many as the rollout allows. */
export function toReplace(scene: Scene, keepers: readonly Member[], view: RolloutView | undefined): Replacement {
  const idle = keepers.filter(({ outdated, standing }) => outdated && standing !== "live" && standing !== "silent");
  const next = view === undefined ? NOBODY : ofTheRollout(scene, view);
  const gone = idle.map(({ intent }) => [intent.name, WHY] as const);
  return { ...next, leaving: new Map([...gone, ...next.leaving]) };
}

function ofTheRollout(scene: Scene, { rollout, slots }: RolloutView): Replacement {
  const { config } = scene;
  const isLeft = slots.some(({ phase }) => phase === "old");
  if (!goesOn(rollout) || config === undefined || !isLeft) return NOBODY;
  const successors = Successors.now(scene, config);
  const course = { scene, config, rollout, slots, stuck: successors.stuck };
  const until = restsUntil(course);
  if (until !== undefined && until > scene.input.now) return { ...NOBODY, step: waitingUntil(until) };
  const free = Math.max(0, seats(course));
  const givenWay = slots.filter((slot) => hasGivenWay(scene, slot)).length;
  const turn = { free, early: Math.max(0, seats(course, givenWay)) - free, waiting: inTurn(course) };
  return rollout.policy.order === "stop-first" ? insteadOf(course, turn) : besideOf(course, turn, successors);
}

/** Old ones that run: those that were begun before, then those that do not serve anyway, then by slot; then what failed. */
function inTurn({ scene, rollout, slots }: Course): readonly Member[] {
  const rank = (view: SlotView): number => {
    if (isGivenUp(scene, rollout, view)) return 3;
    if (rollout.slots[view.slot] !== undefined) return 0;
    return view.old !== undefined && servesNow(view.old) ? 2 : 1;
  };
  const waiting = slots.filter(({ phase, old }) => phase === "old" && old?.standing === "live" && !isMistold(old));
  return [...waiting].sort((a, b) => rank(a) - rank(b) || a.slot - b.slot).flatMap(({ old }) => old ?? []);
}

/** The new one is stable, and all others of the slot are being stopped. */
function hasGivenWay({ members }: Scene, { slot, phase, current }: SlotView): boolean {
  const others = members.filter(({ intent }) => intent.slot === slot && intent.name !== current?.intent.name);
  return phase === "stable" && others.every(({ intent }) => intent.phase === "stopping");
}

/** The window, less those in it, and no further than the steps go. @param givenWay of those in it, that count as done. */
function seats(course: Course, givenWay = 0): number {
  const { scene, rollout, slots, stuck } = course;
  const taken = slots.filter((slot) => isTaken(course, slot)).length;
  const begun = slots.filter(({ slot, phase }) => phase !== "old" && !stuck.has(slot)).length;
  const window = rollout.policy.maxParallel - taken + givenWay;
  return rollout.policy.steps.length === 0 ? window : Math.min(window, allowedBySteps(rollout, scene.wanted) - begun);
}

function isTaken({ scene, rollout, stuck }: Course, slot: SlotView): boolean {
  if (slot.phase === "old" || slot.phase === "done" || stuck.has(slot.slot)) return false;
  return !isGivenUp(scene, rollout, slot);
}

/** Where failures do not hold up the rest, a slot that failed holds no place. */
function isGivenUp(scene: Scene, rollout: Rollout, slot: SlotView): boolean {
  return rollout.policy.onFailure === "continue" && slotFailure(scene, rollout, slot) !== undefined;
}

/** With a wait the window empties before the next ones begin. */
function restsUntil(course: Course): number | undefined {
  const { policy, progressAt, done } = course.rollout;
  if (policy.wait === 0) return undefined;
  const busy = course.slots.some((slot) => isTaken(course, slot));
  if (busy) return Number.POSITIVE_INFINITY;
  return done === 0 ? undefined : progressAt + policy.wait;
}

/** Stops so many of those that serve that what was promised goes on serving, and none whose successor fits nowhere. */
function insteadOf(course: Course, { free, waiting }: Turn): Replacement {
  const { scene, config, rollout } = course;
  const leaving = new Map<string, string>();
  const refusals: Step[] = [];
  if (free === 0) return NOBODY;
  const successors = Successors.afterwards(scene, config);
  let spare = servingSlots(scene) - (scene.wanted - rollout.policy.maxParallel);
  for (const member of waiting) {
    const serves = servesNow(member);
    if (leaving.size >= free || refusals.length >= MOST_TRIED || (serves && spare <= 0)) break;
    const found = successors.insteadOf(member);
    if ("refusals" in found) {
      refusals.push(refused(member.intent.slot, found.refusals));
      continue;
    }
    const step = trialStep(course, member, found);
    if (step !== undefined) return { leaving, beside: [], step: together(told(refusals), step) };
    leaving.set(member.intent.name, WHY);
    if (serves) spare -= 1;
  }
  return { leaving, beside: [], step: told(refusals) };
}

const told = (refusals: readonly Step[]): Step => together(...refusals.slice(0, MOST_TOLD));

/** While another one of the slot leaves, a successor would be the third. */
function isAlone(scene: Scene, { intent }: Member): boolean {
  return scene.members.filter((other) => other.intent.slot === intent.slot).length === 1;
}

/**
 * Gives successors to so many that no more are started than was promised; empty slots will be filled too. Those that are
 * being stopped count as gone, but hold their room: who does not fit because of them, or fits elsewhere, waits a moment.
 */
function besideOf(course: Course, { free, early, waiting }: Turn, successors: Successors): Replacement {
  const { scene, rollout, slots } = course;
  const held = new Set(scene.members.map(({ intent }) => intent.slot));
  const empty = slots.filter(({ slot }) => !held.has(slot)).length;
  const room = scene.wanted + rollout.policy.maxParallel - scene.members.length - empty;
  const stopping = scene.members.filter(({ intent }) => intent.phase === "stopping").length;
  const most = { now: Math.min(free, room), early: Math.min(free + early, room + stopping) };
  const due = waiting.filter((member) => isAlone(scene, member));
  const { beside, refusals } = fitting(course, due, most, successors);
  const idle = room <= 0 && isStuck(scene, slots) ? due.slice(0, free).find((one) => !servesNow(one)) : undefined;
  return { leaving: new Map(idle === undefined ? [] : [[idle.intent.name, WHY]]), beside, step: told(refusals) };
}

/** The first so many that fit; of those above `now`, only as long as they go where they would go a moment later. */
function fitting(
  { scene, config }: Course,
  due: readonly Member[],
  most: { readonly now: number; readonly early: number },
  successors: Successors,
): { readonly beside: readonly number[]; readonly refusals: readonly Step[] } {
  const soon = most.early > most.now ? Successors.soon(scene, config) : undefined;
  const refusals: Step[] = [];
  const beside: number[] = [];
  for (const { intent } of due) {
    if (beside.length >= most.early || refusals.length >= MOST_TRIED) break;
    const found = successors.beside(intent.slot);
    const isBest = soon === undefined || hostOf(soon.beside(intent.slot)) === hostOf(found);
    const refusal = "refusals" in found ? refused(intent.slot, found.refusals) : undefined;
    if (beside.length >= most.now && (!isBest || refusal !== undefined)) break;
    if (refusal === undefined) beside.push(intent.slot);
    else refusals.push(refusal);
  }
  return { beside, refusals };
}

const hostOf = (found: ReturnType<Successors["beside"]>): string | undefined =>
  "refusals" in found ? undefined : found.host.name;

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

/** Undefined: it may be stopped. Nothing is whose successor was not tried out. */
function trialStep({ scene, config, rollout }: Course, { intent: old }: Member, found: Place): Step | undefined {
  const { slot, name } = old;
  if (rollout.tried || scene.pin === undefined || scene.fingerprint === undefined) return undefined;
  // A clock that is ahead of ours may have written when it began.
  const begun = Math.min(rollout.started, scene.input.now);
  const taken = scene.input.slots.attention.find((one) => one.slot === slot && isOfTrial(one, begun));
  const kept = taken === undefined ? NOTHING : noticing(taken);
  const { retryAt = 0 } = taken ?? {};
  if (retryAt > scene.input.now) return together(kept, waitingUntil(retryAt));
  const intent: Intent = {
    ...{ name, slot, generation: 0, configRevision: rollout.to, fingerprint: scene.fingerprint },
    ...{ host: found.host.name, hostPorts: found.hostPorts, phase: "creating" },
  };
  const reason = `nothing is stopped before a container of rev ${rollout.to} could be created`;
  return together(kept, doing({ kind: "tryOut", rollout, intent, config, image: scene.pin.pinned, reason }));
}

/** A port that was not free when this rollout tried its container out. */
function isOfTrial({ reason, since, retryAt }: Attention, begun: Instant): boolean {
  return reason === "PORT_TAKEN" && retryAt !== undefined && since >= begun;
}
