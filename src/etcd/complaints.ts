// Broken values that have been logged: each is told once, until it is another one.

import type { KeyValue, Logger } from "../model/ports.js";

export class Complaints {
  readonly #log: Logger;
  /** Key -> revision of the broken value that has been logged. */
  readonly #told = new Map<string, bigint>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Logs the problem unless this very value has been logged before. */
  once({ key, modRevision }: Pick<KeyValue, "key" | "modRevision">, problem: string): void {
    if (this.#told.get(key) === modRevision) return;
    this.#told.set(key, modRevision);
    this.#log.warn({ key, problem }, "skipped a broken value in the store");
  }
}
