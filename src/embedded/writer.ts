// One write at a time: carried out at the head, handed to the journal, answered when it is on the disk. Whatever a write
// has seen is on the disk too when it is answered, also when it is refused.

import type { History } from "./history.js";
import type { Entry, Journal } from "./journal.js";
import { revisionRecord } from "./records.js";

export class Writer {
  readonly #history: History;
  readonly #journal: Journal;
  readonly #rollBack: () => void;

  /** @param rollBack undoes a write that was refused halfway. */
  constructor(history: History, journal: Journal, rollBack: () => void) {
    this.#history = history;
    this.#journal = journal;
    this.#rollBack = rollBack;
  }

  /** The revision that the write being carried out leaves behind. */
  get revision(): number {
    return this.#history.draftRevision;
  }

  /** What the write being carried out does besides putting and deleting keys. */
  also(entry: Omit<Entry, "revision">): void {
    this.#journal.append({ ...entry, revision: this.revision });
  }

  /** Fails as `run` does, or with an EtcdRefusal when the disk does. */
  async write<T>(run: () => T): Promise<T> {
    this.#journal.checkWritable();
    const outcome = this.#try(run);
    const settled = this.#journal.settled();
    if (settled !== undefined) await settled;
    if ("error" in outcome) throw outcome.error;
    return outcome.answer;
  }

  #try<T>(run: () => T): { readonly answer: T } | { readonly error: unknown } {
    try {
      const answer = run();
      const changes = this.#history.finish();
      if (changes !== undefined) {
        const revision = this.#history.head;
        this.#journal.append({ operations: [{ type: "put", ...revisionRecord(revision, changes) }], revision });
      }
      return { answer };
    } catch (error) {
      if (this.#history.draftRevision > this.#history.head) this.#rollBack();
      return { error };
    }
  }
}
