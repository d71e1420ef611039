// Which watches have ended, for those who remember something of each for a while: the oldest go first.

import type { Milliseconds } from "../model/instant.js";

export class EndedWatches {
  /** When each ended, the oldest first. */
  readonly #ended = new Map<string, Milliseconds>();

  constructor(
    private readonly longest: Milliseconds,
    private readonly most: number,
  ) {}

  add(watchId: string, now: Milliseconds): void {
    this.#ended.set(watchId, now);
  }

  delete(watchId: string): void {
    this.#ended.delete(watchId);
  }

  /** Those that may be forgotten now. */
  *over(now: Milliseconds): Iterable<string> {
    let left = this.#ended.size;
    for (const [watchId, endedAt] of this.#ended) {
      if (now - endedAt < this.longest && left <= this.most) return;
      left -= 1;
      yield watchId;
    }
  }
}
