// A clock that stands still until the test turns it. Wall and monotonic time go together, unless the wall clock is set.

import type { Instant, Milliseconds } from "../../src/model/instant.js";
import type { Clock } from "../../src/model/ports.js";

type Sleeper = { readonly at: Milliseconds; readonly wake: () => void };

/** A test that needs more wake-ups than that is going round in circles. */
const MOST_STEPS = 200_000;

export class ManualClock implements Clock {
  #start: Instant;
  readonly #sleepers = new Set<Sleeper>();
  #time: Milliseconds = 0;

  constructor(start: Instant = Date.UTC(2026, 0, 1)) {
    this.#start = start;
  }

  now(): Instant {
    return this.#start + this.#time;
  }

  /** Somebody sets the wall clock, by that much. */
  set(by: Milliseconds): void {
    this.#start += by;
  }

  monotonic(): Milliseconds {
    return this.#time;
  }

  sleep(length: Milliseconds, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const giveUp = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const sleeper: Sleeper = { at: this.#time + Math.max(0, length), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Turns the clock on, stopping at every sleeper on the way and letting everything it wakes run to its next wait. */
  async advance(length: Milliseconds): Promise<void> {
    const until = this.#time + length;
    await settle();
    for (let steps = 0; this.#wakeNext(until); steps++) {
      if (steps > MOST_STEPS) throw new Error("the clock is asked for wake-ups without end");
      await settle();
    }
    this.#time = until;
    await settle();
  }

  /** Turns the clock on until the condition holds; throws when it does not within that long. */
  async advanceUntil(condition: () => boolean, limit: Milliseconds): Promise<void> {
    const until = this.#time + limit;
    await settle();
    while (!condition()) {
      if (!this.#wakeNext(until)) throw new Error(`not so within ${limit} ms: ${condition}`);
      await settle();
    }
  }

  #wakeNext(until: Milliseconds): boolean {
    const due = [...this.#sleepers].reduce<Sleeper | undefined>(
      (first, one) => (first === undefined || one.at < first.at ? one : first),
      undefined,
    );
    if (due === undefined || due.at > until) return false;
    this.#sleepers.delete(due);
    this.#time = Math.max(this.#time, due.at);
    due.wake();
    return true;
  }
}

/** Lets everything that can go on without time or I/O go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((go) => setImmediate(go));
}
