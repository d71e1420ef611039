// What a list says of a group in words: how it serves, why it is not as asked, since when. Pure.

import type { GroupRow, RolloutRow } from "../../wire.js";

export const servingText = ({ ready, wanted }: GroupRow): string => `${ready} of ${wanted} ready`;

/** The first reason why it is not as asked; "" where there is none. */
export function reasonOf(row: GroupRow): string {
  const failure = row.rollout?.failure;
  const [first] = row.attention;
  return first?.text ?? failure?.text ?? "";
}

/** Since when the oldest reason holds; 0 where that is not known. */
export function troubleSince(row: GroupRow): number {
  const times = row.attention.map(({ since }) => since).filter((since) => since > 0);
  if (times.length > 0) return Math.min(...times);
  return row.rollout?.failure?.time ?? row.rollout?.ended ?? 0;
}

/** The last line that a failed container wrote; "" where none is kept. */
export const lastLineOf = (row: GroupRow): string => row.rollout?.failure?.lines.at(-1) ?? "";

/** "rolling 3 of 6", "rolled back": what the rollout adds to the state of its group; "" where it adds nothing. */
export function rolloutWords({ state, readyNew, wanted, pause }: RolloutRow): string {
  if (state === "running") return `rolling ${readyNew} of ${wanted}`;
  if (state === "paused") return `paused${pause === "" ? "" : ` (${pause})`} at ${readyNew} of ${wanted}`;
  if (state === "failed" || state === "aborted") return `rollout ${state}`;
  return state === "done" ? "" : state.replaceAll("-", " ");
}

/** The state of a group with what moves it. */
export function stateWords(row: GroupRow): { word: string; text: string } {
  const { rollout, state } = row;
  if (rollout === null || rollout.state === "done" || rollout.state === "superseded")
    return { word: state, text: state };
  const words = rolloutWords(rollout);
  if (rollout.state === "running") return { word: "rolling", text: words };
  if (state === "failing" || state === "degraded") return { word: state, text: `${state}, ${words}` };
  return { word: rollout.state, text: words };
}

/** "41 → 42"; only the new one where there was none before. */
export const revsText = ({ from, to }: RolloutRow): string => (from === 0 ? `${to}` : `${from} → ${to}`);
