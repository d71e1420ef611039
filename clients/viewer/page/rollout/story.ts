// What a rollout says in words: how far it is, what comes next, and what a person could do. Pure.

import type { GroupKey, RolloutDetail, RolloutRow } from "../../wire.js";
import { groupLine } from "../detail/command.js";
import { growingSpan, type Span } from "../plot/axis.js";
import { endShown } from "./seen.js";

const GOES_ON: ReadonlySet<RolloutRow["state"]> = new Set(["running", "paused", "rolling-back"]);
const ENDED_BADLY: ReadonlySet<RolloutRow["state"]> = new Set(["failed", "rolled-back", "rollback-failed"]);

export function goesOn({ state }: RolloutRow): boolean {
  return GOES_ON.has(state);
}

/** It failed, whatever became of it since. */
export function hasFailed({ state, failure }: RolloutRow): boolean {
  return ENDED_BADLY.has(state) || state === "rolling-back" || failure !== null;
}

/** What has become of the failure, and what serves: "rolling back to rev 41: 2 of 3 slots done". "" while all is well. */
export function fromHere(row: RolloutRow, back: RolloutDetail | undefined): string {
  const serving = `${row.readyOld + row.readyNew} of ${row.wanted} ready now`;
  const { state, from } = row;
  if (state === "rolling-back") return `rolling back to rev ${from}${back === undefined ? "" : `: ${slotsDone(back)}`}`;
  if (state === "rolled-back") return `rolled back: rev ${from} serves again`;
  if (state === "rollback-failed")
    return `it could not be rolled back: ${back === undefined ? serving : serves(back.row)}`;
  if (state === "failed")
    return `it stands still: ${row.readyNew} new and ${row.readyOld} old are ready, nothing more is done by itself`;
  if (row.failure !== null && state === "running") return "it is tried again";
  return "";
}

function serves({ readyNew, readyOld, wanted }: RolloutRow): string {
  return `${readyNew + readyOld} of ${wanted} ready`;
}

function slotsDone({ lanes }: RolloutDetail): string {
  return `${lanes.filter(({ state }) => state === "done" || state === "ready").length} of ${lanes.length} slots done`;
}

/** "start-first, at most 2 at a time, never fewer than 5 ready" */
export function policyText({ order, maxParallel, promised }: RolloutRow): string {
  const parts = [
    order === "" || order === "auto" ? "" : order,
    maxParallel > 0 ? `at most ${maxParallel} at a time` : "",
    `never fewer than ${promised} ready`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

export interface Offer {
  readonly label: string;
  readonly line: string;
}

/** What could be done about it now, by the command line. */
export function offersOf(group: GroupKey, row: RolloutRow): readonly Offer[] {
  const offer = (label: string, verb = label): Offer => ({ label, line: groupLine(group, "rollout", verb) });
  const diff = { label: "diff", line: diffLine(group, row) };
  switch (row.state) {
    case "running":
      return [offer("pause"), offer("undo")];
    case "paused":
      return [row.pause === "canary" || row.pause === "step" ? offer("promote") : offer("resume"), offer("undo")];
    case "rolling-back":
      return [offer("status")];
    case "failed":
    case "rollback-failed":
      return [offer("undo"), ...(row.from > 0 ? [diff] : [])];
    default:
      return row.from > 0 ? [diff] : [offer("history")];
  }
}

function diffLine(group: GroupKey, { from, to }: RolloutRow): string {
  const line = groupLine({ ns: group.ns, ref: `${group.ref}@${from}` }, "rollout", "diff");
  const [head = "", ...namespace] = line.split(" -n ");
  const other = groupLine({ ns: "", ref: `${group.ref}@${to}` }).replace(/^theseus /, "");
  return [`${head} ${other}`, ...namespace].join(" -n ");
}

/** The time that is shown: of what goes on with room to grow, of what is over to its end. */
export function spanOfRollout(row: RolloutRow, back: RolloutDetail | undefined, now: number): Span {
  const last = back?.row ?? row;
  const from = row.started === 0 ? now : row.started;
  if (last.ended === 0 || (goesOn(row) && back === undefined)) return growingSpan(from, now);
  return { from, to: endShown(row, back?.row) };
}
