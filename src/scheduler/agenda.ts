// What is due when, the earliest first, however much there is. Must not know what is due.

import type { Milliseconds } from "../model/instant.js";

type Item<T> = { readonly at: Milliseconds; readonly count: number; readonly what: T };

/** Below that, nobody looks for what does not hold any more. */
const FEW = 64;

/**
 * A heap: adding and taking cost the logarithm of its size. Of the same time, what was added first comes first. What was
 * put off or called off need not be taken out: it is passed over.
 */
export class Agenda<T> {
  readonly #holds: (what: T, at: Milliseconds) => boolean;
  #heap: Item<T>[] = [];
  #added = 0;
  #most = FEW;

  /** @param holds whether it is still due at the time under which it was added. */
  constructor(holds: (what: T, at: Milliseconds) => boolean) {
    this.#holds = holds;
  }

  add(what: T, at: Milliseconds): void {
    if (this.#heap.length >= this.#most) this.#clear();
    const item = { at, count: this.#added++, what };
    let place = this.#heap.push(item) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || isBefore(parent, item)) break;
      this.#heap[place] = parent;
      place = above;
    }
    this.#heap[place] = item;
  }

  /** Undefined: there is nothing. */
  first(): { readonly at: Milliseconds; readonly what: T } | undefined {
    for (let [top] = this.#heap; top !== undefined; [top] = this.#heap) {
      if (this.#holds(top.what, top.at)) return top;
      this.drop();
    }
    return undefined;
  }

  /** Takes the first one out. */
  drop(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
  }

  /** Only what holds stays; a sorted list is a heap. */
  #clear(): void {
    this.#heap = this.#heap.filter(({ what, at }) => this.#holds(what, at)).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#most = Math.max(FEW, 2 * this.#heap.length);
  }

  /** From the top to where it belongs. */
  #sink(item: Item<T>): void {
    let place = 0;
    for (;;) {
      const below = this.#smallerBelow(place);
      const child = this.#heap[below];
      if (child === undefined || isBefore(item, child)) break;
      this.#heap[place] = child;
      place = below;
    }
    this.#heap[place] = item;
  }

  #smallerBelow(place: number): number {
    const [left, right] = [this.#heap[2 * place + 1], this.#heap[2 * place + 2]];
    return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * place + 2 : 2 * place + 1;
  }
}

function isBefore<T>(a: Item<T>, b: Item<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.count < b.count);
}
