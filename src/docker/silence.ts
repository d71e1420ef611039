// Whether something that is awaited has fallen silent. One timer for all that comes, however many pieces it has.

import type { Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

export class Silence {
  #heard = 0;
  #isAwaited = true;

  /** Something has come, and is worked on. */
  heard(): void {
    this.#heard += 1;
    this.#isAwaited = false;
  }

  /** The next piece is awaited. */
  awaited(): void {
    this.#isAwaited = true;
  }

  /** True once nothing has come for that long, or twice that at most, while it was awaited; false when the signal aborts. */
  async lasts(clock: Clock, length: Milliseconds, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const before = this.#heard;
      await clock.sleep(length, signal).catch(() => undefined);
      if (!signal.aborted && this.#isAwaited && this.#heard === before) return true;
    }
    return false;
  }
}
