// One reading shared by everybody who asks within the same moment: at most one in flight, none older than what is
// known to have changed. Must not know what is read.

import type { Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

/** What was read and when the reading was begun, by the monotonic clock. */
export type Taken<T> = { readonly value: T; readonly begun: Milliseconds };

type Reading<T> = {
  readonly touches: number;
  readonly begun: Milliseconds;
  readonly result: Promise<Taken<T>>;
  ended: boolean;
};

export class SharedReading<T> {
  readonly #read: () => Promise<T>;
  readonly #clock: Clock;
  readonly #keep: Milliseconds;
  #touches = 0;
  #latest: Reading<T> | undefined;
  #next: Promise<Taken<T>> | undefined;

  /** @param keep how old a reading may be although nothing is known to have changed. */
  constructor(read: () => Promise<T>, clock: Clock, keep: Milliseconds) {
    this.#read = read;
    this.#clock = clock;
    this.#keep = keep;
  }

  /** Something changed: a reading begun before now is not given to anybody who asks from now on. */
  touch(): void {
    this.#touches++;
  }

  /** A reading begun after the last touch. Fails as the reading fails; a failure is never kept. */
  get(): Promise<Taken<T>> {
    const latest = this.#latest;
    if (latest === undefined) return this.#begin();
    const young = this.#clock.monotonic() - latest.begun <= this.#keep;
    if (latest.touches === this.#touches && young) return latest.result;
    if (latest.ended) return this.#begin();
    this.#next ??= this.#afterwards(latest.result);
    return this.#next;
  }

  async #afterwards(earlier: Promise<unknown>): Promise<Taken<T>> {
    await earlier.catch(() => undefined);
    this.#next = undefined;
    return this.#begin();
  }

  #begin(): Promise<Taken<T>> {
    const begun = this.#clock.monotonic();
    const result = this.#read().then((value) => ({ value, begun }));
    const reading: Reading<T> = { touches: this.#touches, begun, result, ended: false };
    this.#latest = reading;
    result.then(
      () => {
        reading.ended = true;
      },
      () => {
        reading.ended = true;
        if (this.#latest === reading) this.#latest = undefined;
      },
    );
    return result;
  }
}
