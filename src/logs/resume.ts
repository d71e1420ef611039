// Where reading one container's log stood, so that going on there neither loses a line nor gives one twice.

import type { LogLine, Nanoseconds } from "../model/logs.js";
import { DISORDER, STEP } from "./in-order.js";

/** Lines may come a little out of order, so a moment is read again and what was seen of it is left out. */
export class ResumePoint {
  #newest: Nanoseconds | undefined;
  /** Of that last moment, with how often each was seen. */
  readonly #recent = new Map<string, { readonly at: Nanoseconds; count: number }>();

  /** @param isCut only the end of the log was read: what stands before the first line noted is not wanted. */
  constructor(
    private readonly from: Nanoseconds | undefined,
    private readonly isCut = false,
  ) {}

  get hasLines(): boolean {
    return this.#newest !== undefined;
  }

  /** From when on to read. */
  get since(): Nanoseconds | undefined {
    return this.#newest === undefined ? this.from : this.#newest - DISORDER;
  }

  note(line: LogLine): void {
    const { at } = line;
    if (this.#newest === undefined || at > this.#newest) this.#newest = at;
    if (at < this.#newest - STEP) this.#beginAnew(at);
    // That far back is not read again.
    if (at < this.#newest - DISORDER) return;
    const key = keyOf(line);
    const seen = this.#recent.get(key);
    if (seen === undefined) this.#recent.set(key, { at, count: 1 });
    else seen.count += 1;
    // The oldest were put in first, or nearly so.
    for (const [old, { at: time }] of this.#recent) {
      if (time >= this.#newest - DISORDER) break;
      this.#recent.delete(old);
    }
  }

  /**
   * @returns a filter for one reading that began at `since`, of lines as the log has them one after the other: those that
   * were not seen before, noted.
   */
  fresh(): (lines: readonly LogLine[]) => readonly LogLine[] {
    const { since } = this;
    const last = this.#newest;
    const seen = new Map([...this.#recent].map(([key, { count }]) => [key, count]));
    let isAmongCut = this.isCut && last !== undefined;
    let hasBegun = since === undefined;
    return (lines) =>
      lines.filter((line) => {
        if (since !== undefined && line.at < since && !(hasBegun && this.#isStep(line))) return false;
        hasBegun = true;
        const key = keyOf(line);
        const count = seen.get(key) ?? 0;
        if (count > 0) seen.set(key, count - 1);
        const isCutOff = count === 0 && isAmongCut && last !== undefined && line.at <= last;
        if (!isCutOff) isAmongCut = false;
        if (count > 0 || isCutOff) return false;
        this.note(line);
        return true;
      });
  }

  /** The engine's clock was set back: what comes now is later all the same. */
  #isStep({ at }: LogLine): boolean {
    const isWanted = this.from === undefined || at >= this.from;
    return isWanted && this.#newest !== undefined && at < this.#newest - STEP;
  }

  #beginAnew(at: Nanoseconds): void {
    this.#newest = at;
    this.#recent.clear();
  }
}

function keyOf({ at, stream, text }: LogLine): string {
  return `${at} ${stream} ${text}`;
}
