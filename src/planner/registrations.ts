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
  /** How long ago it was written down as lost; absent: it was not, or that is not known. */
  readonly lostFor?: Milliseconds;
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
  const seen = absencesOf({ ...memory, cuts }, heard, now, longest);
  const absences = withCrowds(seen, heard);
  const verdicts = heard.flatMap((one): Verdict[] => {
    const to = standingOf(one, absences.get(one.id), now);
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

/** @param memory with the cut that ends now, if there is one, and the time at which it was heard before. */
function stillAway(memory: Memory, one: Heard, before: Absence | undefined, now: Milliseconds): Absence {
  const { ttl, standing } = one;
  if (before === undefined || before.back) {
    // It went while the store was not heard, or so soon after that it could not come back yet.
    const hidden = memory.cuts.filter(({ backAt, length }) => length > ttl / 2 && now < backAt + ttl);
    const stayUntil = Math.max(NEVER, ...hidden.map(({ backAt }) => backAt + ttl));
    return { since: now, ttl, back: false, stayUntil, settled: standing === "lost" };
  }
  // It was waited for when the store went away: it gets its whole time again.
  const heardAt = memory.heardAt ?? NEVER;
  const again = before.stayUntil > heardAt && now - heardAt > ttl / 2;
  return again ? { ...before, stayUntil: Math.max(before.stayUntil, now + ttl) } : before;
}

/** Each that went with too many others within one TTL stays until a TTL after the last of them. */
function withCrowds(absences: ReadonlyMap<string, Absence>, heard: readonly Heard[]): Map<string, Absence> {
  const went = [...absences.values()]
    .filter(({ settled }) => !settled)
    .sort((a, b) => a.since - b.since || a.ttl - b.ttl);
  const crowds = crowdsOf(went, heard.filter(({ alive }) => alive).length);
  const waited = (absence: Absence): Absence => {
    const { since, ttl, settled } = absence;
    const own = settled ? [] : crowds.filter(({ first, last }) => first <= since && since <= last);
    return { ...absence, stayUntil: Math.max(absence.stayUntil, ...own.map(({ last }) => last + ttl)) };
  };
  return crowds.length === 0 ? new Map(absences) : new Map([...absences].map(([id, one]) => [id, waited(one)]));
}

/** A stretch of time in which too many went to be dead. */
type Crowd = { readonly first: Milliseconds; readonly last: Milliseconds };

/** @param went in the order of their going. @param alive all that are heard, also those of them that are back. */
function crowdsOf(went: readonly Absence[], alive: number): Crowd[] {
  const backBefore = runningCount(went);
  const crowds: Crowd[] = [];
  for (const [start, { since, ttl }] of went.entries()) {
    // Who went in the same look makes the same crowd: the first of them has counted them all.
    if (went[start - 1]?.since === since && went[start - 1]?.ttl === ttl) continue;
    const first = firstWhere(went, (one) => one.since >= since);
    const end = firstWhere(went, (one) => one.since > since + ttl);
    const count = end - first;
    const all = alive - ((backBefore[end] ?? 0) - (backBefore[first] ?? 0)) + count;
    if (count < FEWEST_AT_ONCE || count <= MOST_AT_ONCE * all) continue;
    crowds.push({ first: since, last: went[end - 1]?.since ?? since });
  }
  return crowds;
}

/** How many of the first n have come back. */
function runningCount(went: readonly Absence[]): number[] {
  const counts = [0];
  for (const { back } of went) counts.push((counts.at(-1) ?? 0) + (back ? 1 : 0));
  return counts;
}

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

function standingOf(one: Heard, absence: Absence | undefined, now: Milliseconds): Standing | "gone" {
  if (one.alive || absence === undefined) return "kept";
  const { since, ttl, stayUntil, settled } = absence;
  if (!settled && now < stayUntil) return "stale";
  // This term may be younger than the loss.
  const away = Math.max(now - since, settled ? (one.lostFor ?? 0) : 0);
  return away < TTLS_KEPT * ttl ? "lost" : "gone";
}
