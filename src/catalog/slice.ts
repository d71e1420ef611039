// Long work in slices, so that calls are answered in between.

import type { Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

/** A tenth of a second is what ten thousand watches take: each pause in it sends smaller packets, and more of them. */
const LONGEST: Milliseconds = 25;

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
