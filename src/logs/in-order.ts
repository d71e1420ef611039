// One log in the order of its times. Knows how far an engine may be out of it, and when its clock was set back.

import type { LogLine, Nanoseconds } from "../model/logs.js";

/** Lines of one log may be that far out of order: the engine takes stdout and stderr in side by side. */
export const DISORDER: Nanoseconds = 100_000_000n;
/** A line that is further back than that shows a clock that was set back: times begin anew. */
export const STEP: Nanoseconds = 1_000_000_000n;

type Batch = readonly LogLine[];

/** As long as none is further out of order than it may be. Where the clock was set back the order is that of writing. */
export async function* inOrder(lines: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  const held = new HeldBack();
  for await (const batch of lines) if (batch.length > 0) yield* held.take(batch);
  yield* held.rest();
}

/** The last moment of one log, which is held back for what may still belong into it. */
class HeldBack {
  #held: Batch[] = [];
  #newest: Nanoseconds | undefined;

  /** @returns what can be given out now. */
  take(batch: Batch): readonly Batch[] {
    if (!isInOrder(batch, this.#newest)) {
      return stretches(batch, this.#newest).flatMap((stretch) => this.#disordered(stretch));
    }
    this.#held.push(batch);
    this.#newest = batch.at(-1)?.at;
    const since = (this.#newest ?? 0n) - DISORDER;
    const ripe = this.#held.findIndex((one) => (one.at(-1)?.at ?? 0n) > since);
    return this.#held.splice(0, ripe);
  }

  rest(): readonly Batch[] {
    this.#newest = undefined;
    return this.#held.splice(0);
  }

  #disordered(stretch: Batch): readonly Batch[] {
    const before = isStep(stretch[0], this.#newest) ? this.rest() : [];
    const all = byTime([...this.#held.flat(), ...stretch]);
    this.#newest = all.at(-1)?.at;
    const since = (this.#newest ?? 0n) - DISORDER;
    const ripe = all.findIndex(({ at }) => at > since);
    this.#held = [all.slice(ripe)];
    return ripe > 0 ? [...before, all.slice(0, ripe)] : before;
  }
}

/** Nearly always, so that is looked at before anything is moved. */
function isInOrder(lines: Batch, after: Nanoseconds | undefined): boolean {
  let last = after;
  for (const { at } of lines) {
    if (last !== undefined && at < last) return false;
    last = at;
  }
  return true;
}

/** Each begins where the clock was set back. */
function stretches(lines: Batch, after: Nanoseconds | undefined): readonly Batch[] {
  const all: Batch[] = [];
  let begin = 0;
  let newest = after;
  for (const [i, line] of lines.entries()) {
    const stepped = isStep(line, newest);
    if (stepped && i > begin) all.push(lines.slice(begin, i));
    if (stepped) begin = i;
    if (stepped || newest === undefined || line.at > newest) newest = line.at;
  }
  return [...all, lines.slice(begin)];
}

function isStep(line: LogLine | undefined, newest: Nanoseconds | undefined): boolean {
  return line !== undefined && newest !== undefined && line.at < newest - STEP;
}

/** Sorts in place; equal times stay as they came. */
function byTime(lines: LogLine[]): LogLine[] {
  return lines.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}
