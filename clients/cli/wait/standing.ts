// How a change stands: still on its way, as asked, or ended otherwise. Pure.

import { type Group, GroupState } from "../../gen/theseus/v1/group.js";
import { RolloutState } from "../../gen/theseus/v1/rollout.js";
import { isOver } from "../output/rollout.js";
import type { Goal } from "./goal.js";
import type { Sight } from "./reader.js";

/** Who changes groups by itself. */
const THESEUS = "theseus";

export type Standing = "on" | "reached" | "ended" | "superseded";

/**
 * A group that is removed never gets here.
 * @param knowsRollouts where the server does not, a group that is steady is as asked.
 */
export function standingOf(sight: Sight, goal: Goal, knowsRollouts: boolean): Standing {
  const { group, rollout } = sight;
  const { configRevision: wanted } = goal;
  if (wanted === undefined) return "on";
  if (rollout !== undefined && isOver(rollout)) return overAs(rollout.state, goal);
  if (isSuperseded(sight, wanted)) return "superseded";
  const isSteady = group.configRevision === wanted && group.status?.state === GroupState.STEADY;
  // Where nothing was written, there may never have been a rollout of it.
  const counts = !knowsRollouts || (rollout === undefined && goal.revision === 0n);
  return isSteady && counts ? "reached" : "on";
}

function overAs(state: RolloutState, { aborted }: Goal): Standing {
  if (state === RolloutState.SUPERSEDED) return "superseded";
  const isAsked = state === RolloutState.DONE || (aborted && isTakenBack(state));
  return isAsked ? "reached" : "ended";
}

function isTakenBack(state: RolloutState): boolean {
  return state === RolloutState.ABORTED || state === RolloutState.ROLLED_BACK;
}

/** By a person: the leader's own way back is none. */
function isSuperseded({ group, rollout }: Sight, wanted: bigint): boolean {
  if (group.status?.state === GroupState.REMOVING) return true;
  if (group.configRevision <= wanted) return false;
  const back = rollout?.rollbackRevision ?? 0n;
  return group.configRevision !== back && !isByTheseus(group);
}

function isByTheseus({ lastChange }: Group): boolean {
  return lastChange?.actor === THESEUS;
}
