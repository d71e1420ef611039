// A rollout as a picture: how many were ready over time, and what happened in each slot. Pure.

import { rolloutSlotWord } from "../../cli/output/words.js";
import type { Rollout, RolloutSlot } from "../../gen/theseus/v1/rollout.js";
import type { Lane, RolloutDetail, RolloutRow } from "../wire.js";
import type { Life, Recorded, Step } from "./recorder.js";
import { goesOn } from "./rows.js";

/** Shown of the time before the rollout and after it. */
const AROUND = 30_000;

export type Picture = Pick<RolloutDetail, "capacity" | "seenFrom" | "lanes">;

/**
 * @param isNew of a config revision: its containers count as those of the rollout.
 * @param recorded undefined: nothing was seen of the group.
 */
export function pictureOf(
  { row, slots }: { readonly row: RolloutRow; readonly slots: readonly RolloutSlot[] },
  recorded: Recorded | undefined,
  isNew: (rev: number) => boolean,
  now: number,
): Picture {
  if (recorded === undefined) return { capacity: [], seenFrom: now, lanes: lanesOf(row, slots, []) };
  const [from, to] = [row.started - AROUND, goesOn(row) || row.ended === 0 ? now : row.ended + AROUND];
  // What was gone before it began is no part of it.
  const isPart = (one: Step) => one.from <= to && (one.to === 0 || one.to >= row.started);
  const lives = recorded.lives.filter(({ steps }) => steps.some(isPart));
  return {
    capacity: capacityOf(recorded, { from, to }, isNew),
    seenFrom: recorded.from,
    lanes: lanesOf(row, slots, lives),
  };
}

function capacityOf({ points }: Recorded, { from, to }: { from: number; to: number }, isNew: (rev: number) => boolean) {
  const before = points.findLastIndex(({ time }) => time <= from);
  const shown = points.slice(Math.max(0, before)).filter(({ time }) => time <= to);
  return shown.map(({ time, ready }) => {
    const fresh = ready.filter(([rev]) => isNew(rev)).reduce((sum, [, count]) => sum + count, 0);
    const all = ready.reduce((sum, [, count]) => sum + count, 0);
    return { time: Math.max(time, from), old: all - fresh, new: fresh };
  });
}

function lanesOf(row: RolloutRow, slots: readonly RolloutSlot[], lives: readonly Life[]): Lane[] {
  const numbers = new Set([...slots.map(({ slot }) => slot), ...lives.map((life) => life.row.slot)]);
  numbers.delete(0);
  return [...numbers]
    .sort((a, b) => a - b)
    .map((slot) => {
      const told = slots.find((one) => one.slot === slot);
      const own = lives.filter((life) => life.row.slot === slot).sort((a, b) => a.row.generation - b.row.generation);
      return { slot, ...standingOf(row, slot, told), containers: own.map(containerOf) };
    });
}

/** Of one that is over nobody tells how its slots stood. */
function standingOf(
  { state, failure }: RolloutRow,
  slot: number,
  told: RolloutSlot | undefined,
): Pick<Lane, "state" | "text"> {
  if (told !== undefined) return { state: rolloutSlotWord(told.state) as Lane["state"], text: told.text };
  if (failure !== null && failure.slot === slot) return { state: "failed", text: failure.text };
  return { state: state === "done" ? "done" : "unknown", text: "" };
}

function containerOf({ row, steps }: Life): Lane["containers"][number] {
  const { name, generation, rev, host } = row;
  return { name, generation, rev, host, steps };
}

/**
 * Config revisions whose containers are what this rollout makes, though they were made before it: a change of the config
 * may leave containers as they are. Of a rollout of the present config that says that nothing of another is left.
 */
export function alikeRevisions(rollout: Rollout, readyRevisions: Iterable<number>): number[] {
  const { madeNew, madeOld, readyOld, toRevision } = rollout;
  if (madeNew === 0 || madeOld > 0 || readyOld > 0) return [];
  return [...new Set(readyRevisions)].filter((rev) => rev < Number(toRevision));
}
