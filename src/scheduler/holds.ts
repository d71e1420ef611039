// What is not tried again yet, because it just failed. Kept for the term only: what must survive is in the slots record.

import type { Milliseconds } from "../model/instant.js";
import type { Clock, Rng } from "../model/ports.js";
import { type Bounds, jittered } from "./back-off.js";

type Hold = { failures: number; until: Milliseconds };

/** Holds that ended that long ago are forgotten, with the count of their failures. */
const FORGET_AFTER = 10 * 60_000;
const LOOK_THROUGH_AT = 1000;

export class Holds {
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #holds = new Map<string, Hold>();

  constructor(clock: Clock, rng: Rng) {
    this.#clock = clock;
    this.#rng = rng;
  }

  /** How long the thing is held from now on; 0: not at all. */
  left(key: string): Milliseconds {
    return Math.max(0, (this.#holds.get(key)?.until ?? 0) - this.#clock.monotonic());
  }

  /** It failed (again): held for longer each time. Gives the number of failures in a row. */
  failed(key: string, bounds: Bounds): number {
    const now = this.#clock.monotonic();
    const hold = this.#holds.get(key) ?? { failures: 0, until: 0 };
    hold.failures++;
    hold.until = now + jittered(this.#rng, hold.failures, bounds);
    this.#holds.set(key, hold);
    if (this.#holds.size > LOOK_THROUGH_AT) this.#forgetOld(now);
    return hold.failures;
  }

  worked(key: string): void {
    this.#holds.delete(key);
  }

  #forgetOld(now: Milliseconds): void {
    for (const [key, { until }] of this.#holds) if (now - until > FORGET_AFTER) this.#holds.delete(key);
  }
}
