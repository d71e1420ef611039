// How long to wait before the next try: doubling, with chance in it, so that many servers do not come back at once.

import type { Milliseconds } from "../model/instant.js";
import type { Clock, Rng } from "../model/ports.js";

export class BackOff {
  readonly #rng: Rng;
  readonly #clock: Clock;
  readonly #first: Milliseconds;
  readonly #longest: Milliseconds;
  #failures = 0;

  constructor(parts: { readonly clock: Clock; readonly rng: Rng }, first: Milliseconds, longest: Milliseconds) {
    this.#clock = parts.clock;
    this.#rng = parts.rng;
    this.#first = first;
    this.#longest = longest;
  }

  /** Failures in a row so far. */
  get failures(): number {
    return this.#failures;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Rejects with the signal's reason when aborted. */
  async wait(signal?: AbortSignal): Promise<void> {
    const longest = Math.min(this.#longest, this.#first * 2 ** this.#failures);
    this.#failures++;
    await this.#clock.sleep(longest / 2 + (longest / 2) * this.#rng.fraction(), signal);
  }
}
