// One deadline around one call, by the Clock. Knows nothing of what is called.

import type { Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

/** Why the waiting for a deadline ends before it; without a reason each end would make an exception of its own. */
const OVER = new Error("the work is over");

/**
 * The work's own outcome, or late() once the time is over; the work's signal is aborted then. Holds even when the work
 * never settles.
 */
export async function within<T>(
  clock: Clock,
  length: Milliseconds,
  work: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> {
  const working = new AbortController();
  const waiting = new AbortController();
  const expired = clock.sleep(length, waiting.signal).then(() => {
    const error = late();
    working.abort(error);
    throw error;
  });
  try {
    return await Promise.race([work(working.signal), expired]);
  } finally {
    waiting.abort(OVER);
  }
}

/** Runs fn over all items, at most `limit` at the same time; results in the items' order. The first failure ends it. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  fn: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await fn(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
