// What a command that goes on says of outages: each once when it begins and once when it is over, on stderr.

import type { Out } from "./io.js";
import { formatDuration } from "./quantities.js";

/** Bookmarks come every 15 s: what is older than two of them is not kept up by anybody. */
const OLD = 32_000;

export interface Outages {
  /** No server answers. */
  readonly lost?: () => void;
  readonly back?: () => void;
}

export class Outage {
  readonly #stderr: Out;
  readonly #outages: Outages;
  #isLost = false;
  #isOld = false;

  constructor(stderr: Out, outages: Outages) {
    this.#stderr = stderr;
    this.#outages = outages;
  }

  broke(why: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#stderr.write(`connection lost, trying again: ${why}\n`);
    this.#outages.lost?.();
  }

  /** @param age of what is known, in milliseconds. */
  heard(age: number): void {
    if (this.#isLost) {
      this.#isLost = false;
      this.#stderr.write("connected again\n");
      this.#outages.back?.();
    }
    if (age > OLD && !this.#isOld)
      this.#stderr.write(`the store is away: what is known is ${formatDuration(age)} old\n`);
    if (age <= OLD && this.#isOld) this.#stderr.write("the store is back\n");
    this.#isOld = age > OLD;
  }
}
