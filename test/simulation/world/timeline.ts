// Virtual time: what is to happen, in the order of its time, and of its making where times are the same. Nothing happens
// in between, so a run is the same each time.

import type { Milliseconds } from "../../../src/model/instant.js";

export type Scheduled = { readonly at: Milliseconds; readonly seq: number; run: (() => void) | undefined };

/** A world that needs more than that is going round in circles. */
const MOST_EVENTS = 400_000;
/** In a millisecond. Times are whole ticks, rounded up, so that whoever waits for what is left of a time waits long enough. */
const TICKS = 1024;

export class Timeline {
  #now: Milliseconds = 0;
  #seq = 0;
  #events = 0;
  readonly #heap: Scheduled[] = [];

  get now(): Milliseconds {
    return this.#now;
  }

  /** How many have happened. */
  get events(): number {
    return this.#events;
  }

  /** Happens so much later. */
  after(length: Milliseconds, run: () => void): Scheduled {
    const at = Math.ceil((this.#now + Math.max(0, length)) * TICKS) / TICKS;
    const scheduled: Scheduled = { at, seq: this.#seq++, run };
    this.#push(scheduled);
    return scheduled;
  }

  /** It does not happen any more; also after it has. */
  cancel(scheduled: Scheduled | undefined): void {
    if (scheduled !== undefined) scheduled.run = undefined;
  }

  /** Until that time, or until `look` says that it is enough; `look` is called when all that an event led to has run. */
  run(until: Milliseconds, look: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const goOn = (): void => process.nextTick(settled);
      const settled = (): void => {
        try {
          if (look() && this.#happen(until)) void NOW.then(goOn);
          else resolve();
        } catch (error) {
          reject(error);
        }
      };
      if (this.#happen(until)) void NOW.then(goOn);
      else resolve();
    });
  }

  /** The next one; false: there is none until then. */
  #happen(until: Milliseconds): boolean {
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      const { run } = next;
      if (run === undefined) continue;
      this.#now = next.at;
      next.run = undefined;
      if (++this.#events > MOST_EVENTS) throw new Error("the world goes round in circles");
      run();
      return true;
    }
    this.#now = Math.max(this.#now, until);
    return false;
  }

  #push(one: Scheduled): void {
    const heap = this.#heap;
    let at = heap.push(one) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(one, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = one;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const isRight = other !== undefined && isBefore(other, one);
      const least = isRight ? other : one;
      if (!isBefore(least, last)) break;
      heap[at] = least;
      at = isRight ? left + 1 : left;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Scheduled, b: Scheduled): boolean => a.at < b.at || (a.at === b.at && a.seq < b.seq);

/**
 * A tick that is asked for by a promise comes after the last promise: then everything that can go on without time has gone
 * on, since nothing real is ever waited for. One promise for all events, since one for each is dear.
 */
const NOW = Promise.resolve();
