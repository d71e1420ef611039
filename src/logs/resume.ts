// Where reading one container's log stood, so that going on there neither loses a line nor gives one twice.

import type { LogLine, Nanoseconds } from "../model/logs.js";
import { DISORDER } from "./merge.js";

/** Lines may come a little out of order, so a moment is read again and what was seen of it is left out. */
export class ResumePoint {
  #newest: Nanoseconds | undefined;
  /** Of that last moment, with how often each was seen. */
  #recent = new Map<string, { readonly at: Nanoseconds; count: number }>();

  constructor(private readonly from: Nanoseconds | undefined) {}

  /** From when on to read. */
  get since(): Nanoseconds | undefined {
    return this.#newest === undefined ? this.from : this.#newest - DISORDER;
  }

  note(line: LogLine): void {
    if (this.#newest === undefined || line.at > this.#newest) this.#newest = line.at;
    const key = keyOf(line);
    const seen = this.#recent.get(key);
    if (seen === undefined) this.#recent.set(key, { at: line.at, count: 1 });
    else seen.count += 1;
    // The oldest were put in first, or nearly so.
    for (const [old, { at }] of this.#recent) {
      if (at >= this.#newest - DISORDER) break;
      this.#recent.delete(old);
    }
  }

  /** @returns a filter for one reading that began at `since`: the lines that were not seen before, noted. */
  fresh(): (lines: readonly LogLine[]) => readonly LogLine[] {
    const since = this.since;
    const seen = new Map([...this.#recent].map(([key, { count }]) => [key, count]));
    return (lines) =>
      lines.filter((line) => {
        if (since !== undefined && line.at < since) return false;
        const key = keyOf(line);
        const count = seen.get(key) ?? 0;
        if (count > 0) {
          seen.set(key, count - 1);
          return false;
        }
        this.note(line);
        return true;
      });
  }
}

function keyOf({ at, stream, text }: LogLine): string {
  return `${at} ${stream} ${text}`;
}
