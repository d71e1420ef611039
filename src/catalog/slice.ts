// Long work in slices, so that calls are answered in between.

import type { Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

/**
 * A tenth of a second is what ten thousand watches take. A pause sends what was written, while that is still at hand for
 * the processor; of watches that share a connection, too many pauses send many small packets instead of few.
 */
const LONGEST: Milliseconds = 5;

export class Slice {
  #began: Milliseconds;

  constructor(private readonly clock: Clock) {
    this.#began = clock.monotonic();
  }

  get isOver(): boolean {
    return this.clock.monotonic() - this.#began >= LONGEST;
  }

  /** Lets everything else have its turn, and begins the next slice. */
  async next(): Promise<void> {
    await this.clock.sleep(0);
    this.#began = this.clock.monotonic();
  }
}
