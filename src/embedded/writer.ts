// One write at a time: carried out at the head, handed to the journal, answered when it is on the disk. Whatever a write
// has seen is on the disk too when it is answered, also when it is refused.

import type { History } from "./history.js";
import type { Entry, Journal } from "./journal.js";
import { revisionRecord } from "./records.js";

export class Writer {
  readonly #history: History;
  readonly #journal: Journal;
  readonly #rollBack: () => void;
  #pause: Promise<unknown> | undefined;

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
    while (this.#pause !== undefined) await this.#pause;
    this.#journal.checkWritable();
    const outcome = this.#try(run);
    const settled = this.#journal.settled();
    if (settled !== undefined) await settled;
    if ("error" in outcome) throw outcome.error;
    return outcome.answer;
  }

  /** Runs when all of memory is on the disk, leases too; writes that come meanwhile wait. Fails as the disk does. */
  async whenSettled<T>(run: () => T): Promise<T> {
    while (this.#pause !== undefined) await this.#pause;
    const turn = this.#settle();
    this.#pause = turn.catch(() => undefined);
    try {
      await turn;
      return run();
    } finally {
      this.#pause = undefined;
    }
  }

  async #settle(): Promise<void> {
    for (let left = this.#journal.settled(); left !== undefined; left = this.#journal.settled()) await left;
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
