// Several logs as one, in the order of time; each stays as it is. Knows nothing of where they come from.

import type { LogLine, Nanoseconds } from "../model/logs.js";

/** One log: lines as many at a time as came together. */
export type Run<S> = { readonly source: S; readonly lines: AsyncIterable<readonly LogLine[]> };

export type Merged<S> = { readonly source: S; readonly line: LogLine };

/** Lines given out at once. */
const PORTION = 1000;

/** The earliest of the next lines first; equal times in the order of the runs. Reads no further than it has to. */
export async function* merged<S>(runs: readonly Run<S>[]): AsyncGenerator<readonly Merged<S>[]> {
  const heads = await Promise.all(runs.map(async ({ source, lines }) => await Head.open(source, lines)));
  try {
    const open = heads.filter((head) => !head.done);
    let portion: Merged<S>[] = [];
    while (open.length > 0) {
      const first = earliest(open);
      first.takeInto(portion, boundOf(open, first));
      if (portion.length === PORTION) {
        yield portion;
        portion = [];
      }
      if (first.isEmpty) await first.refill();
      if (first.done) open.splice(open.indexOf(first), 1);
    }
    if (portion.length > 0) yield portion;
  } finally {
    await Promise.all(heads.map((head) => head.close()));
  }
}

function earliest<S>(open: readonly Head<S>[]): Head<S> {
  let least = open[0];
  for (const head of open) if (least !== undefined && head.at < least.at) least = head;
  if (least === undefined) throw new RangeError("nothing is left to merge");
  return least;
}

/** Up to which time the first one's lines come before those of all others. */
type Bound = { readonly at: Nanoseconds; readonly isIn: boolean };

function boundOf<S>(open: readonly Head<S>[], first: Head<S>): Bound | undefined {
  let bound: Bound | undefined;
  let isBehind = false;
  for (const head of open) {
    if (head === first) isBehind = true;
    else if (bound === undefined || head.at < bound.at) bound = { at: head.at, isIn: isBehind };
  }
  return bound;
}

/** One log and the line of it that comes next. */
class Head<S> {
  #lines: readonly LogLine[] = [];
  #next = 0;
  done = false;
  at: Nanoseconds = 0n;

  private constructor(
    readonly source: S,
    private readonly iterator: AsyncIterator<readonly LogLine[]>,
  ) {}

  static async open<S>(source: S, lines: AsyncIterable<readonly LogLine[]>): Promise<Head<S>> {
    const head = new Head(source, lines[Symbol.asyncIterator]());
    await head.refill();
    return head;
  }

  get isEmpty(): boolean {
    return this.#next >= this.#lines.length;
  }

  /** One line at least, and those after it that are within the bound, until the portion is full. */
  takeInto(portion: Merged<S>[], bound: Bound | undefined): void {
    const { source } = this;
    do {
      const line = this.#lines[this.#next++];
      if (line === undefined) throw new RangeError("this log has no line ready");
      portion.push({ source, line });
      this.at = this.#lines[this.#next]?.at ?? this.at;
    } while (!this.isEmpty && portion.length < PORTION && this.#isWithin(bound));
  }

  #isWithin(bound: Bound | undefined): boolean {
    return bound === undefined || this.at < bound.at || (bound.isIn && this.at === bound.at);
  }

  async refill(): Promise<void> {
    while (this.isEmpty && !this.done) {
      const { value, done } = await this.iterator.next();
      this.done = done === true;
      this.#lines = done === true ? [] : value;
      this.#next = 0;
    }
    this.at = this.#lines[0]?.at ?? this.at;
  }

  async close(): Promise<void> {
    if (!this.done) await this.iterator.return?.();
  }
}
