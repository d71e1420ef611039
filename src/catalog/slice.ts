// Long work in slices, so that calls are answered in between.

import type { Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

const LONGEST: Milliseconds = 10;

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
