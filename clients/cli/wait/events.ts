// What has happened between two looks at a group, as events: each is one plain line, or one JSON object. Pure.

import { type Rollout, type RolloutSlot, RolloutSlotState, RolloutState } from "../../gen/theseus/v1/rollout.js";
import { goingOnWords, isOver, newText, pauseText, rolloutObject, slotText, troubleText } from "../output/rollout.js";
import { orderWord, rolloutSlotWord, rolloutStateWord } from "../output/words.js";
import { clockText, freshReasons, groupText, readyText, type View } from "./view.js";

export interface ProgressEvent {
  /** "status", "start", "slot", "progress", "waiting": stable words, more may come. */
  readonly type: string;
  /** "r-42" */
  readonly rollout?: string;
  readonly text: string;
  /** Said again it is no news. */
  readonly once?: boolean;
  /** More for programs. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** In the order in which they are told. What was over before we came is left to those who tell the end. */
export function eventsBetween(before: View | undefined, after: View): ProgressEvent[] {
  if (before === undefined && after.rollout !== undefined && isOver(after.rollout)) return [];
  const news = [...freshReasons(after), ...after.waits];
  const known = before === undefined ? [] : [...freshReasons(before), ...before.waits];
  const said = [...new Set(news.filter((text) => !known.includes(text)))];
  return [...ofGroup(before, after), ...said.map((text): ProgressEvent => ({ type: "attention", text, once: true }))];
}

function ofGroup(before: View | undefined, after: View): ProgressEvent[] {
  const { rollout, back } = after;
  if (rollout === undefined) {
    const text = groupText(after.group);
    return before !== undefined && groupText(before.group) === text ? [] : [{ type: "status", text }];
  }
  return [
    ...ofRollout(before?.rollout, rollout, after),
    ...(back === undefined ? [] : [...ofRollout(before?.back, back, after), ...endOf(before?.back, back, after)]),
    ...endOf(before?.rollout, rollout, after),
  ];
}

function ofRollout(last: Rollout | undefined, after: Rollout, view: View): ProgressEvent[] {
  if (!hasBegun(after)) return [];
  const before = last !== undefined && hasBegun(last) ? last : undefined;
  const texts: (ProgressEvent | undefined)[] = [
    before === undefined ? startOf(after) : undefined,
    ...slotsOf(before, after),
    progressOf(before, after, view),
    failureOf(before, after),
    pauseOf(before, after, view),
    wayBackOf(before, after),
  ];
  return texts.flatMap((event) => (event === undefined ? [] : [{ ...event, rollout: after.id }]));
}

/** The leader has got to it, and decided how. */
function hasBegun({ state, deadlineTime }: Rollout): boolean {
  return state !== RolloutState.RUNNING || deadlineTime !== undefined;
}

function startOf(rollout: Rollout): ProgressEvent {
  const { fromRevision, toRevision, wanted, promised, maxParallel, deadlineTime, rollbackOf } = rollout;
  const order = orderWord(rollout.order);
  const parts = [
    `start rev ${fromRevision === 0n ? toRevision : `${fromRevision} -> ${toRevision}`}`,
    rollbackOf === 0n ? "" : `takes back rev ${rollbackOf}`,
    `want ${wanted}`,
    order === undefined ? "" : `never below ${promised}, ${order}, ${maxParallel} at a time`,
    deadlineTime === undefined ? "" : `deadline ${clockText(deadlineTime)}`,
  ];
  return { type: "start", text: parts.filter((part) => part !== "").join(", "), data: rolloutObject(rollout) };
}

function slotsOf(before: Rollout | undefined, after: Rollout): ProgressEvent[] {
  const known = new Map(before?.slots.map((slot) => [slot.slot, slot]));
  return after.slots.filter((slot) => isNews(known.get(slot.slot), slot)).map(slotEvent);
}

/** That it waits again is none, nor what was done before we came. */
function isNews(before: RolloutSlot | undefined, slot: RolloutSlot): boolean {
  const { state, text } = slot;
  if (before === undefined || state === RolloutSlotState.WAITING) return isInMotion(slot);
  return before.state !== state || (state === RolloutSlotState.FAILED && before.text !== text);
}

/** Only of a failure the text is worth a line. */
function slotEvent(slot: RolloutSlot): ProgressEvent {
  const { slot: number, host, state } = slot;
  const once = state === RolloutSlotState.FAILED;
  const text = slotText(once ? slot : { ...slot, text: "" });
  const data = { slot: number, ...(host === "" ? {} : { host }), state: rolloutSlotWord(state).toUpperCase() };
  return { type: "slot", text, once, data };
}

function progressOf(before: Rollout | undefined, after: Rollout, { group }: View): ProgressEvent | undefined {
  const { readyNew, readyOld, wanted, promised } = after;
  const isSame = before?.readyNew === readyNew && before.readyOld === readyOld;
  // On the way back it is told of the one that takes it there.
  if (before === undefined || isSame || after.state === RolloutState.ROLLING_BACK) return undefined;
  const never = orderWord(after.order) === undefined ? "" : `, never below ${promised}`;
  const capacity = group.status === undefined ? "" : `; ${group.status.ready} ready${never}`;
  const old = readyOld > 0 ? `, ${readyOld} old` : "";
  return { type: "progress", text: `${newText(after)}${old}${capacity}`, data: { readyNew, readyOld, wanted } };
}

function failureOf(before: Rollout | undefined, after: Rollout): ProgressEvent | undefined {
  const text = troubleText(after);
  if (text === undefined || before?.failure !== undefined) return undefined;
  const last = after.failure?.lastLines.at(-1);
  const { failure } = rolloutObject(after);
  return { type: "failed", text: `${text}${last === undefined ? "" : ` | ${last}`}`, data: { failure } };
}

function pauseOf(before: Rollout | undefined, after: Rollout, { name, target }: View): ProgressEvent | undefined {
  const was = before?.state === RolloutState.PAUSED;
  const is = after.state === RolloutState.PAUSED;
  if (is && !was)
    return {
      type: "paused",
      text: `paused at ${newText(after)}, ${pauseText(after)}; go on: theseus ${goingOnWords(after, name)}${target}`,
    };
  return was && after.state === RolloutState.RUNNING ? { type: "resumed", text: "goes on" } : undefined;
}

function wayBackOf(before: Rollout | undefined, after: Rollout): ProgressEvent | undefined {
  const { state, fromRevision, rollbackRevision } = after;
  if (before?.state === state || state !== RolloutState.ROLLING_BACK) return undefined;
  const by = rollbackRevision === 0n ? "" : ` as rev ${rollbackRevision}`;
  return { type: "rolling-back", text: `rolls back to rev ${fromRevision}${by}` };
}

function endOf(before: Rollout | undefined, after: Rollout, { group }: View): ProgressEvent[] {
  if (before?.state === after.state || !isOver(after)) return [];
  const { id, state, supersededBy } = after;
  const by = supersededBy === 0n ? "" : ` by rev ${supersededBy}`;
  const ready = group.status === undefined ? "" : `, ${readyText(group.status)}`;
  const text = `${rolloutStateWord(state)}${by}${ready}`;
  return [{ type: "ended", rollout: id, text, data: rolloutObject(after) }];
}

/** What a group that has nothing new to say waits for. */
export function waitingText({ group, rollout, back, waits, name, target }: View): string {
  const present = back ?? rollout;
  if (present?.state === RolloutState.PAUSED)
    return `paused at ${newText(present)}, ${pauseText(present)}; go on: theseus ${goingOnWords(present, name)}${target}`;
  const slot = present?.slots.find(isInMotion);
  const attention = group.status?.attention.find((one) => slot === undefined || one.slot === slot.slot)?.text;
  if (slot !== undefined)
    return slotText(slot.text === "" && attention !== undefined ? { ...slot, text: attention } : slot);
  return waits[0] ?? attention ?? (present === undefined ? groupText(group) : newText(present));
}

/** Not done, and not waiting for its turn either. */
export function isInMotion({ state }: RolloutSlot): boolean {
  return state !== RolloutSlotState.WAITING && state !== RolloutSlotState.DONE;
}
