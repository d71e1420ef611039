// What becomes of registrations whose heartbeat is gone. One alone is lost. Many at once, or after a time in which we
// could not hear them, are more likely cut off than dead: they stay in discovery as stale until they had time to return.

import type { Milliseconds } from "../model/instant.js";
import type { Standing } from "../model/registration.js";

/** One registration as it was just read. */
export type Heard = {
  readonly id: string;
  readonly ttl: Milliseconds;
  readonly standing: Standing;
  readonly alive: boolean;
};

export type Verdict = { readonly id: string; readonly to: Standing | "gone" };

type Absence = {
  readonly since: Milliseconds;
  readonly ttl: Milliseconds;
  /** Its heartbeat has come back; it still counts among those that went together. */
  readonly back: boolean;
  /** It is not withdrawn before. */
  readonly stayUntil: Milliseconds;
  /** It was lost before this term. */
  readonly settled: boolean;
};

/** A time in which the store was not heard. */
type Cut = { readonly backAt: Milliseconds; readonly length: Milliseconds };

/** What has to be kept from one judgement to the next; all times monotonic. */
export type Memory = {
  /** Undefined: the term begins, and nothing is known of the time before. */
  readonly heardAt: Milliseconds | undefined;
  readonly absences: ReadonlyMap<string, Absence>;
  readonly cuts: readonly Cut[];
};

export const NOTHING_HEARD: Memory = { heardAt: undefined, absences: new Map(), cuts: [] };

const MOST_AT_ONCE = 0.15;
const FEWEST_AT_ONCE = 3;
const TTLS_KEPT = 10;
const NEVER = Number.NEGATIVE_INFINITY;

/** @param now when the store gave this answer. Verdicts only where something has to change. */
export function judgeRegistrations(
  memory: Memory,
  heard: readonly Heard[],
  now: Milliseconds,
): { readonly memory: Memory; readonly verdicts: readonly Verdict[] } {
  const longest = heard.reduce((most, { ttl }) => Math.max(most, ttl), 0);
  const cuts = cutsOf(memory, heard, now);
  const seen = absencesOf(memory, heard, now, longest);
  const absences = withThoseAtOnce(seen, heard);
  const verdicts = heard.flatMap((one): Verdict[] => {
    const to = standingOf(one, absences.get(one.id), cuts, now);
    return to === one.standing ? [] : [{ id: one.id, to }];
  });
  return { memory: { heardAt: now, absences, cuts }, verdicts };
}

/** Those that still matter to anybody. */
function cutsOf({ heardAt = NEVER, cuts }: Memory, heard: readonly Heard[], now: Milliseconds): Cut[] {
  const ttls = heard.map(({ ttl }) => ttl);
  const [shortest, longest] = [Math.min(...ttls), Math.max(...ttls)];
  return [...cuts, { backAt: now, length: now - heardAt }].filter(
    ({ backAt, length }) => now < backAt + longest && length > shortest / 2,
  );
}

function absencesOf(
  memory: Memory,
  heard: readonly Heard[],
  now: Milliseconds,
  longest: Milliseconds,
): Map<string, Absence> {
  const absences = new Map<string, Absence>();
  for (const one of heard) {
    const before = memory.absences.get(one.id);
    if (!one.alive) absences.set(one.id, stillAway(memory, one, before, now));
    else if (before !== undefined && now - before.since <= longest) absences.set(one.id, { ...before, back: true });
  }
  return absences;
}

function stillAway(memory: Memory, one: Heard, before: Absence | undefined, now: Milliseconds): Absence {
  const { ttl, standing } = one;
  if (before === undefined || before.back) {
    return { since: now, ttl, back: false, stayUntil: NEVER, settled: standing === "lost" };
  }
  // It was waited for when the store went away: it gets its whole time again.
  const heardAt = memory.heardAt ?? NEVER;
  const again = before.stayUntil > heardAt && now - heardAt > ttl / 2;
  return again ? { ...before, stayUntil: Math.max(before.stayUntil, now + ttl) } : before;
}

/** Each that went with too many others within one of its TTLs stays until a TTL after the last of them. */
function withThoseAtOnce(absences: ReadonlyMap<string, Absence>, heard: readonly Heard[]): Map<string, Absence> {
  const went = [...absences.values()].filter(({ settled }) => !settled).sort((a, b) => a.since - b.since);
  const alive = heard.filter((one) => one.alive).length;
  const backBefore = runningCount(went);
  const together = (absence: Absence): Absence => {
    const first = firstAtOrAfter(went, absence.since - absence.ttl);
    const end = firstAfter(went, absence.since + absence.ttl);
    const count = end - first;
    const returned = (backBefore[end] ?? 0) - (backBefore[first] ?? 0);
    const all = alive - returned + count;
    if (count < FEWEST_AT_ONCE || count <= MOST_AT_ONCE * all) return absence;
    const last = went[end - 1]?.since ?? absence.since;
    return { ...absence, stayUntil: Math.max(absence.stayUntil, last + absence.ttl) };
  };
  return new Map([...absences].map(([id, absence]) => [id, absence.settled ? absence : together(absence)]));
}

/** How many of the first n have come back. */
function runningCount(went: readonly Absence[]): number[] {
  const counts = [0];
  for (const { back } of went) counts.push((counts.at(-1) ?? 0) + (back ? 1 : 0));
  return counts;
}

const firstAtOrAfter = (went: readonly Absence[], time: Milliseconds): number =>
  firstWhere(went, ({ since }) => since >= time);
const firstAfter = (went: readonly Absence[], time: Milliseconds): number =>
  firstWhere(went, ({ since }) => since > time);

/** By halves; `holds` is false up to some place and true from there. */
function firstWhere(went: readonly Absence[], holds: (absence: Absence) => boolean): number {
  let [low, high] = [0, went.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = went[middle];
    if (one !== undefined && holds(one)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function standingOf(
  one: Heard,
  absence: Absence | undefined,
  cuts: readonly Cut[],
  now: Milliseconds,
): Standing | "gone" {
  if (one.alive || absence === undefined) return "kept";
  const { since, ttl, stayUntil, settled } = absence;
  if (!settled && (now < stayUntil || cuts.some((cut) => wasHidden(absence, cut, now)))) return "stale";
  return now < since + TTLS_KEPT * ttl ? "lost" : "gone";
}

/** It went while the store was not heard, or so soon after that it could not come back yet. */
function wasHidden({ since, ttl }: Absence, { backAt, length }: Cut, now: Milliseconds): boolean {
  return length > ttl / 2 && since >= backAt && now < backAt + ttl;
}
