// The newest lines of a merged log, in the order of their times, each once. Pure but for itself: it is changed in place.

import { compareNanos, type Entry } from "./line.js";

export const RING_SIZE = 20_000;

export class LogRing {
  readonly #size: number;
  #entries: Entry[] = [];
  readonly #known = new Set<string>();
  #floor = "";
  #dropped = 0;
  #added = 0;

  constructor(size = RING_SIZE) {
    this.#size = size;
  }

  /** Oldest first. Another list whenever something has changed. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** How many were let go because there were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many ever came in. */
  get added(): number {
    return this.#added;
  }

  /** Those that are there already, and those older than what was let go, are left out. Returns how many came in. */
  add(batch: readonly Entry[]): number {
    const fresh = batch.filter((entry) => this.#take(entry));
    if (fresh.length === 0) return 0;
    const sorted = fresh.sort((a, b) => compareNanos(a.nanos, b.nanos));
    this.#entries = merged(this.#entries, sorted);
    this.#added += sorted.length;
    this.#trim();
    return sorted.length;
  }

  /** An entry of that key is there. */
  has(key: string): boolean {
    return this.#known.has(key);
  }

  clear(): void {
    this.#entries = [];
    this.#known.clear();
    this.#floor = "";
    this.#dropped = 0;
    this.#added = 0;
  }

  #take(entry: Entry): boolean {
    if (this.#known.has(entry.key)) return false;
    if (this.#floor !== "" && compareNanos(entry.nanos, this.#floor) <= 0) return false;
    this.#known.add(entry.key);
    return true;
  }

  #trim(): void {
    const over = this.#entries.length - this.#size;
    if (over <= 0) return;
    for (const entry of this.#entries.slice(0, over)) {
      this.#known.delete(entry.key);
      this.#floor = entry.nanos;
    }
    this.#entries = this.#entries.slice(over);
    this.#dropped += over;
  }
}

/** Both are in order; of two of the same time the one that was there stays first. */
function merged(there: readonly Entry[], fresh: readonly Entry[]): Entry[] {
  const first = fresh[0];
  if (first === undefined) return [...there];
  let at = there.length;
  while (at > 0 && compareNanos((there[at - 1] as Entry).nanos, first.nanos) > 0) at -= 1;
  const result = there.slice(0, at);
  const late = there.slice(at);
  let next = 0;
  for (const entry of fresh) {
    let one = late[next];
    while (one !== undefined && compareNanos(one.nanos, entry.nanos) <= 0) {
      result.push(one);
      next += 1;
      one = late[next];
    }
    result.push(entry);
  }
  for (const entry of late.slice(next)) result.push(entry);
  return result;
}

/** Index of the first entry that is not before that time; the length when all are. */
export function indexAt(entries: readonly Entry[], nanos: string): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareNanos((entries[middle] as Entry).nanos, nanos) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
