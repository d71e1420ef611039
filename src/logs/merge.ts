// Several logs that are each in the order of time, as one. Knows nothing of where they come from.

import type { LogLine, Nanoseconds } from "../model/logs.js";
import { inOrder } from "./in-order.js";

/** One log: lines as many at a time as came together. */
export type Run<S> = { readonly source: S; readonly lines: AsyncIterable<readonly LogLine[]> };

export type Merged<S> = { readonly source: S; readonly line: LogLine };

/** Lines given out at once. */
const PORTION = 1000;

/** In the order of their times; equal times in the order of the runs. Reads no further than it has to. */
export async function* merged<S>(runs: readonly Run<S>[]): AsyncGenerator<readonly Merged<S>[]> {
  const heads = await Promise.all(runs.map(async ({ source, lines }) => await Head.open(source, inOrder(lines))));
  try {
    const open = heads.filter((head) => !head.done);
    let portion: Merged<S>[] = [];
    while (open.length > 0) {
      const first = earliest(open);
      portion.push({ source: first.source, line: first.take() });
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

  take(): LogLine {
    const line = this.#lines[this.#next++];
    if (line === undefined) throw new RangeError("this log has no line ready");
    this.at = this.#lines[this.#next]?.at ?? this.at;
    return line;
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
