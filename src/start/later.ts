// Work that goes on beside the rest until it is told to stop.

import type { Milliseconds } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";

const FIRST_PAUSE: Milliseconds = 200;
const LONGEST_PAUSE: Milliseconds = 5_000;

/** Tries until it succeeds; rejects with the signal's reason. The first failure in a row is logged, the others are not. */
export async function persist<T>(
  what: string,
  attempt: () => Promise<T>,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (pause === FIRST_PAUSE) log.warn({ error }, `${what} failed; it is tried again until it succeeds`);
    }
    await clock.sleep(pause, signal);
  }
}

/** Waits for the work, but not longer than that; true when it ended in time. Never rejects. */
export async function endsWithin(clock: Clock, length: Milliseconds, work: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController();
  const done = work.then(
    () => true,
    () => true,
  );
  const late = clock.sleep(length, ended.signal).then(
    () => false,
    () => false,
  );
  const inTime = await Promise.race([done, late]);
  ended.abort();
  return inTime;
}

/** What the promise gives, or undefined once the signal is aborted. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  let end: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
    signal.addEventListener("abort", end, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
