// The order of every list: what needs a person, what moves, what is as it should be; then by name. Pure.

import type { ContainerRow, GroupRow, HostRow, RolloutState } from "../../wire.js";
import { lookOf } from "../parts/state-look.js";

type Rank = 0 | 1 | 2;

/** A rollout that has ended badly needs a person as much as a group that does not serve. */
export function groupRank(row: GroupRow): Rank {
  if (row.rollout !== null && isBadEnd(row.rollout.state)) return 0;
  const { rank } = lookOf(row.state);
  if (rank === 2 && row.attention.length > 0) return 0;
  return rank === 2 && row.rollout !== null && isMoving(row.rollout.state) ? 1 : rank;
}

export const isMoving = (state: RolloutState): boolean =>
  state === "running" || state === "paused" || state === "rolling-back";

export const isBadEnd = (state: RolloutState): boolean =>
  state === "failed" || state === "rolled-back" || state === "rollback-failed";

/** What does not serve at all before what serves with less. */
const severity = (row: GroupRow): number => (lookOf(row.state).tone === "bad" ? 0 : 1);

export const compareGroups = (a: GroupRow, b: GroupRow): number =>
  groupRank(a) - groupRank(b) ||
  severity(a) - severity(b) ||
  compareText(a.ns, b.ns) ||
  compareText(a.ref, b.ref) ||
  compareText(a.id, b.id);

export const compareContainers = (a: ContainerRow, b: ContainerRow): number =>
  lookOf(a.state).rank - lookOf(b.state).rank ||
  compareText(a.group, b.group) ||
  a.slot - b.slot ||
  a.generation - b.generation ||
  compareText(a.id, b.id);

export const compareHosts = (a: HostRow, b: HostRow): number =>
  lookOf(a.state).rank - lookOf(b.state).rank || compareNatural(a.name, b.name);

/** Far cheaper than by language, and names are ASCII. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** node-9 before node-10. */
export function compareNatural(a: string, b: string): number {
  const [left, right] = [a.split(/(\d+)/), b.split(/(\d+)/)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const [one = "", other = ""] = [left[at], right[at]];
    const order = at % 2 === 1 ? Number(one) - Number(other) : compareText(one, other);
    if (order !== 0) return order;
  }
  return left.length - right.length || compareText(a, b);
}
