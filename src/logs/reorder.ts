// Lines that come from several running containers, held for a moment so that they can be given out in the order of their
// times.

import type { Milliseconds } from "../model/instant.js";
import type { SourceLine } from "../model/logs.js";

/** How long a line waits for an earlier one to come. */
const WINDOW: Milliseconds = 250;

type Held = SourceLine & { readonly arrived: Milliseconds };

export class Reorder {
  readonly #held: Held[] = [];
  #sorted = true;

  get size(): number {
    return this.#held.length;
  }

  /** @param now monotonic, as everywhere here. */
  add(lines: readonly SourceLine[], now: Milliseconds): void {
    for (const line of lines) this.#held.push({ ...line, arrived: now });
    this.#sorted = false;
  }

  /** When the next line has waited long enough; undefined: none is held. */
  dueAt(): Milliseconds | undefined {
    if (this.#held.length === 0) return undefined;
    return Math.min(...this.#held.map(({ arrived }) => arrived)) + WINDOW;
  }

  /** What has waited long enough, with everything earlier. */
  due(now: Milliseconds): readonly SourceLine[] {
    if (!this.#sorted) this.#held.sort((a, b) => (a.line.at < b.line.at ? -1 : Number(a.line.at > b.line.at)));
    this.#sorted = true;
    const end = this.#held.findLastIndex(({ arrived }) => arrived + WINDOW <= now) + 1;
    return this.#held.splice(0, end).map(({ source, line }) => ({ source, line }));
  }
}
