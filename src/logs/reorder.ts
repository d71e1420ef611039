// Lines that come from several running containers, held for a moment so that they can be given out in the order of their
// times.

import type { Milliseconds } from "../model/instant.js";
import type { LogSource, SourceLine } from "../model/logs.js";

/** How long a line waits for an earlier one to come. */
const WINDOW: Milliseconds = 250;

type Held = SourceLine & { readonly arrived: Milliseconds };

export class Reorder {
  readonly #held: Held[] = [];
  #sorted = true;
  /** When the line that waits longest has come. */
  #first: Milliseconds | undefined;

  get size(): number {
    return this.#held.length;
  }

  /** @param now monotonic, as everywhere here. */
  add(lines: readonly SourceLine[], now: Milliseconds): void {
    if (lines.length === 0) return;
    for (const { source, line } of lines) this.#held.push({ source, line, arrived: now });
    this.#first = Math.min(this.#first ?? now, now);
    this.#sorted = false;
  }

  /** When the next line has waited long enough; undefined: none is held. */
  dueAt(): Milliseconds | undefined {
    return this.#first === undefined ? undefined : this.#first + WINDOW;
  }

  /** What has waited long enough, with everything earlier. */
  due(now: Milliseconds): readonly SourceLine[] {
    if (this.#first === undefined || this.#first + WINDOW > now) return [];
    if (!this.#sorted) this.#held.sort((a, b) => (a.line.at < b.line.at ? -1 : Number(a.line.at > b.line.at)));
    this.#sorted = true;
    const end = this.#held.findLastIndex(({ arrived }) => arrived + WINDOW <= now) + 1;
    const due = this.#held.splice(0, end).map(({ source, line }) => ({ source, line }));
    this.#first = undefined;
    for (const { arrived } of this.#held) this.#first = Math.min(this.#first ?? arrived, arrived);
    return due;
  }

  /** Whether a line of this container waits. */
  holds({ id }: LogSource): boolean {
    return this.#held.some(({ source }) => source.id === id);
  }
}
