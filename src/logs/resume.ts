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
    const isTooEarly = this.#tooEarly();
    const seen = new Map([...this.#recent].map(([key, { count }]) => [key, count]));
    const isCutOff = this.#cutOff();
    return (lines) =>
      lines.filter((line) => {
        if (isTooEarly(line)) return false;
        const key = keyOf(line);
        const count = seen.get(key) ?? 0;
        if (count > 0) seen.set(key, count - 1);
        if (isCutOff(line, count > 0) || count > 0) return false;
        this.note(line);
        return true;
      });
  }

  /** Before the first line that was seen stands only what the cut has left out, unless that line is gone by now. */
  #cutOff(): (line: LogLine, wasSeen: boolean) => boolean {
    const last = this.#newest;
    let isBefore = this.isCut && last !== undefined;
    return ({ at }, wasSeen) => {
      isBefore &&= !wasSeen && last !== undefined && at <= last;
      return isBefore;
    };
  }

  /** Lines before `since`, until one after it shows that the engine's clock was set back: then they are later. */
  #tooEarly(): (line: LogLine) => boolean {
    let { since } = this;
    let hasBegun = false;
    return ({ at }) => {
      if (since === undefined || at >= since) {
        hasBegun = true;
        return false;
      }
      if (hasBegun && this.#newest !== undefined && at < this.#newest - STEP) since = this.from;
      return since !== undefined && at < since;
    };
  }

  #beginAnew(at: Nanoseconds): void {
    this.#newest = at;
    this.#recent.clear();
  }
}

function keyOf({ at, stream, text }: LogLine): string {
  return `${at} ${stream} ${text}`;
}
