// Waiting with an end: a promise, or that much time by the clock, whichever comes first.

import type { Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

export type Waited<T> = { readonly kind: "done"; readonly value: T } | { readonly kind: "timeout" };

/** Why the timer ends that nobody waits for any more; without a reason each end would make an exception of its own. */
const OVER = new Error("the wait is over");

/** Rejects like the promise, and with the signal's reason when that aborts first. The promise itself goes on. */
export async function within<T>(
  clock: Clock,
  length: Milliseconds,
  promise: Promise<T>,
  signal?: AbortSignal,
): Promise<Waited<T>> {
  promise.catch(() => undefined);
  signal?.throwIfAborted();
  const timer = new AbortController();
  const stop = () => timer.abort(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const timeout = clock.sleep(Math.max(0, length), timer.signal).then((): Waited<T> => ({ kind: "timeout" }));
  timeout.catch(() => undefined);
  try {
    return await Promise.race([promise.then((value): Waited<T> => ({ kind: "done", value })), timeout]);
  } finally {
    signal?.removeEventListener("abort", stop);
    timer.abort(OVER);
  }
}
