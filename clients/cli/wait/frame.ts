// How one group looks on a terminal while it is waited for. Pure.

import { type Rollout, type RolloutSlot, RolloutSlotState, RolloutState } from "../../gen/theseus/v1/rollout.js";
import { goingOnWords, isOver, lengthOf, pauseText, troubleText } from "../output/rollout.js";
import type { Style } from "../output/style.js";
import { textWidth } from "../output/table.js";
import { groupStateWord, orderWord, rolloutSlotWord, rolloutStateWord } from "../output/words.js";
import { wrapped } from "../output/wrap.js";
import { formatDuration } from "../quantities.js";
import { isInMotion } from "./events.js";
import { clockText, freshReasons, readyText, type View } from "./view.js";

export interface Shown {
  readonly now: number;
  readonly style: Style;
  /** Since when no server answers; undefined: it does. */
  readonly lostSince?: number | undefined;
  /** Of the terminal; undefined: lines are as long as they are. */
  readonly columns?: number | undefined;
}

const BAR = 20;
/** More are shown only where something happens to them. */
const ALL_SLOTS = 20;

/** All lines of one group, with what can be done while it is watched; nothing is cut, long lines are broken. */
export function frameOf(view: View, shown: Shown): string[] {
  return [...bodyOf(view, shown), ...hints(view, shown)];
}

/** How it stands. */
export function bodyOf(view: View, shown: Shown): string[] {
  const { rollout, back } = view;
  const lines =
    rollout === undefined
      ? [headline(view, shown)]
      : [headline(view, shown), ...rolloutLines(rollout, view, shown), ...(back ? backLines(back, view, shown) : [])];
  const told = (rollout?.slots ?? []).map(({ text }) => text);
  const fresh = freshReasons(view).filter((text) => !told.includes(text));
  const reasons = rollout === undefined || !isOver(rollout) ? [...fresh, ...view.waits] : [];
  const lost = shown.lostSince === undefined ? [] : [`connection lost, trying again; as of ${clock(shown.lostSince)}`];
  const all = [...lines, ...[...new Set([...reasons, ...lost])].map((text) => `  ${text}`)];
  const { columns } = shown;
  return columns === undefined ? all : all.flatMap((line) => wrapped(line, columns));
}

/** The same in one line, where there is no room for more. */
export function headline(view: View, { style, now }: Shown): string {
  const { name, namespace, group, rollout } = view;
  const state = group.status === undefined ? "" : `  ${readyText(group.status)}`;
  if (rollout === undefined) {
    const word = group.status === undefined ? "" : `  ${style.state(groupStateWord(group.status.state))}`;
    return `${style.paint("bold", name)}  rev ${group.configRevision}${word}${state}`;
  }
  const { fromRevision, toRevision, id } = rollout;
  const revs = fromRevision === 0n ? `rev ${toRevision}` : `rev ${fromRevision} -> ${toRevision}`;
  const word = style.state(rolloutStateWord(rollout.state));
  const time = formatDuration(lengthOf(rollout, now));
  return `${style.paint("bold", name)}  ${revs}  ${word}${isOver(rollout) ? state : ""}  ${time}   ${namespace} · ${id}`;
}

function rolloutLines(rollout: Rollout, view: View, shown: Shown): string[] {
  const trouble = troubleText(rollout);
  return [
    ...(view.back === undefined ? [barLine(rollout, view, "new"), ...slotLines(rollout, shown)] : []),
    ...(rollout.state === RolloutState.PAUSED ? [`  ${shown.style.state("paused")}${pausedBy(rollout)}`] : []),
    ...(trouble === undefined ? [] : [`  ${shown.style.paint("red", trouble)}`]),
    ...(rollout.failure?.lastLines ?? []).map((line) => `      ${line}`),
  ];
}

/** " by ben@desk", or ": " and what it waits for. */
function pausedBy(rollout: Rollout): string {
  const text = pauseText(rollout);
  return text.startsWith("by ") ? ` ${text}` : `: ${text}`;
}

function backLines(back: Rollout, view: View, shown: Shown): string[] {
  const verb = isOver(back) ? "taken back" : "rolling back";
  const text = `${verb} to rev ${view.rollout?.fromRevision ?? 0n} as rev ${back.toRevision}`;
  return [`  ${text}`, barLine(back, view, "back"), ...slotLines(back, shown)];
}

function barLine(
  { readyNew, wanted, readyOld, promised, deadlineTime, order }: Rollout,
  { group }: View,
  word: string,
): string {
  const full = wanted === 0 ? BAR : Math.floor((BAR * Math.min(readyNew, wanted)) / wanted);
  const bar = "█".repeat(full) + "░".repeat(BAR - full);
  const capacity = group.status === undefined ? "" : `   capacity ${Math.min(group.status.ready, wanted)} of ${wanted}`;
  const never = orderWord(order) === undefined || capacity === "" ? "" : `, never below ${promised}`;
  const old = readyOld === 0 ? "" : `, ${readyOld} old`;
  const until = deadlineTime === undefined ? "" : `   deadline ${clockText(deadlineTime)}`;
  return `${word} ${bar} ${readyNew} of ${wanted} ready${old}${capacity}${never}${until}`;
}

function slotLines({ slots }: Rollout, shown: Shown): string[] {
  if (slots.length <= ALL_SLOTS) return slots.map((slot) => slotLine(slot, slots, shown));
  const moving = slots.filter(isInMotion);
  const some = moving.slice(0, ALL_SLOTS);
  const count = (state: RolloutSlotState) => slots.filter((slot) => slot.state === state).length;
  const rest = [
    moving.length > some.length ? `${moving.length - some.length} more in motion` : "",
    `${count(RolloutSlotState.DONE)} done`,
    `${count(RolloutSlotState.WAITING)} waiting`,
  ];
  return [...some.map((slot) => slotLine(slot, slots, shown)), `  ${rest.filter((part) => part !== "").join(", ")}`];
}

function slotLine(one: RolloutSlot, all: readonly RolloutSlot[], { style, now }: Shown): string {
  const { slot, host, state, sinceTime, text } = one;
  const numbers = Math.max(...all.map((other) => `:${other.slot}`.length));
  const hosts = Math.max(...all.map((other) => other.host.length));
  const age =
    sinceTime === undefined || !isInMotion(one) ? "" : ` ${formatDuration(Math.max(0, now - sinceTime.getTime()))}`;
  const place = `${`:${slot}`.padEnd(numbers)} ${host.padEnd(hosts)}`.trimEnd();
  const words = `  ${place.padEnd(numbers + hosts + 1)}  ${style.state(rolloutSlotWord(state))}${age}`;
  return text === "" ? words.trimEnd() : `${words}   ${text}`;
}

/** A command stands in one line, so that it can be taken from there. */
function hints({ rollout, name, target }: View, { columns = Number.POSITIVE_INFINITY }: Shown): string[] {
  if (rollout === undefined || isOver(rollout)) return [];
  const watching = "ctrl-c stops watching, not the rollout";
  if (rollout.state === RolloutState.ROLLING_BACK) return [watching];
  const words = rollout.state === RolloutState.PAUSED ? goingOnWords(rollout, name) : `rollout pause ${name}`;
  const [, verb] = words.split(" ");
  const how = `${verb}: theseus ${words}${target}`;
  const line = `${watching} · ${how}`;
  return textWidth(line) <= columns ? [line] : [watching, how];
}

function clock(time: number): string {
  return clockText(new Date(time));
}
