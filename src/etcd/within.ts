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

/** One wait after another with one timer: it is set anew only where it would ring too late. close() ends it. */
export class Patience {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #timer: { readonly at: Milliseconds; readonly end: AbortController } | undefined;
  #rung: () => void = () => undefined;
  #cut: (reason: unknown) => void = () => undefined;
  readonly #aborted = (): void => this.#cut(this.#signal.reason);

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    signal.addEventListener("abort", this.#aborted, { once: true });
  }

  /** As within(), but the time may be over a little early. One at a time. */
  wait<T>(length: Milliseconds, promise: Promise<T>): Promise<Waited<T>> {
    this.#set(this.#clock.monotonic() + Math.max(0, length));
    return new Promise((resolve, reject) => {
      this.#rung = () => resolve({ kind: "timeout" });
      this.#cut = reject;
      if (this.#signal.aborted) this.#aborted();
      promise.then((value) => resolve({ kind: "done", value }), reject);
    });
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#aborted);
    this.#timer?.end.abort(OVER);
  }

  #set(at: Milliseconds): void {
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.end.abort(OVER);
    const timer = { at, end: new AbortController() };
    this.#timer = timer;
    const ring = (): void => {
      if (this.#timer === timer) this.#timer = undefined;
      this.#rung();
    };
    this.#clock.sleep(Math.max(0, at - this.#clock.monotonic()), timer.end.signal).then(ring, () => undefined);
  }
}
