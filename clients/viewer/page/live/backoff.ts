// How long to wait before a stream is tried again, and when silence means that it is dead. Pure.

const FIRST = 1_000;
const LONGEST = 30_000;

/** A ping comes each 20 s: three of them missing is no accident. */
export const DEAD_AFTER = 60_000;
/** A page that was hidden or slept looks sooner: one ping is missing. */
export const STALE_AFTER = 25_000;
/** A try that has had no answer for so long is made anew when somebody asks for it. */
export const TRIED_FOR = 3_000;
/** A stream that is back within that was not away. */
export const UNNOTICED_FOR = 500;
/** So long a lost stream is news for the truth bar alone. */
export const QUIET_FOR = 5_000;

/** A browser ends what is open whenever a network of its machine comes or goes: a stream that worked is tried at once. */
const AT_ONCE = 100;
/** A stream that ends sooner than that did not work. */
export const WORKED_AFTER = 1_000;

export const pauseAtOnce = (chance: number): number => Math.round(AT_ONCE * chance);

/** Milliseconds before try number `tries` (from 1): 1 to 30 s, growing, never two pages in step. `chance`: 0 to 1. */
export function pauseBefore(tries: number, chance: number): number {
  const most = Math.min(LONGEST, FIRST * 2 ** Math.min(tries, 10));
  return Math.round(FIRST + (most - FIRST) * chance);
}
