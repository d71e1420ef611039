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
  /** How long it has been waited for: of each time in which the store was not heard no more than a TTL counts. */
  readonly waited: Milliseconds;
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
/** After so many the wait is not begun again. A store that is always slow would have it begin for ever. */
const TTLS_WAITED = 5;
const NEVER = Number.NEGATIVE_INFINITY;

/** @param now when the store gave this answer. Verdicts only where something has to change. */
export function judgeRegistrations(
  memory: Memory,
  heard: readonly Heard[],
  now: Milliseconds,
): { readonly memory: Memory; readonly verdicts: readonly Verdict[] } {
  const cuts = cutsOf(memory, heard, now);
  const seen = absencesOf({ ...memory, cuts }, heard, now);
  const absences = withCrowd(seen, heard.filter(({ alive }) => alive).length, now);
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

function absencesOf(memory: Memory, heard: readonly Heard[], now: Milliseconds): Map<string, Absence> {
  const absences = new Map<string, Absence>();
  for (const one of heard) {
    const before = memory.absences.get(one.id);
    if (!one.alive) absences.set(one.id, stillAway(memory, one, before, now));
    else if (before !== undefined && isRecent(before, now)) absences.set(one.id, { ...before, back: true });
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
    return { since: now, ttl, back: false, stayUntil, waited: 0, settled: standing === "lost" };
  }
  // It was waited for when the store went away: it gets its whole time again.
  const heardAt = memory.heardAt ?? NEVER;
  const again = before.stayUntil > heardAt && now - heardAt > ttl / 2 && before.waited < TTLS_WAITED * ttl;
  const stayUntil = again ? Math.max(before.stayUntil, now + ttl) : before.stayUntil;
  return { ...before, stayUntil, waited: before.waited + Math.min(now - heardAt, ttl) };
}

/** It went within its own TTL. */
const isRecent = ({ since, ttl }: Absence, now: Milliseconds): boolean => now - since <= ttl;

/**
 * Where somebody went just now, and with those who went recently that is too many to be dead: each of them stays for a
 * TTL from now, also one that was called lost before it was seen how many they are.
 *
 * @param alive all that are heard, also those that went and are back.
 */
function withCrowd(
  absences: ReadonlyMap<string, Absence>,
  alive: number,
  now: Milliseconds,
): ReadonlyMap<string, Absence> {
  const crowd = [...absences].filter(([, one]) => !one.settled && isRecent(one, now));
  if (!crowd.some(([, { since }]) => since === now)) return absences;
  const all = alive + crowd.filter(([, { back }]) => !back).length;
  if (crowd.length < FEWEST_AT_ONCE || crowd.length <= MOST_AT_ONCE * all) return absences;
  const waited = crowd.map(([id, one]): [string, Absence] => [
    id,
    { ...one, stayUntil: Math.max(one.stayUntil, now + one.ttl) },
  ]);
  return new Map([...absences, ...waited]);
}

function standingOf(one: Heard, absence: Absence | undefined, now: Milliseconds): Standing | "gone" {
  if (one.alive || absence === undefined) return "kept";
  const { since, ttl, stayUntil, settled } = absence;
  if (!settled && now < stayUntil) return "stale";
  // This term may be younger than the loss.
  const away = Math.max(now - since, settled ? (one.lostFor ?? 0) : 0);
  return away < TTLS_KEPT * ttl ? "lost" : "gone";
}
