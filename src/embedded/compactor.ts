// etcd's Compact: one after the other, and only of what is on the disk.

import { countKept, planCompaction } from "./compaction.js";
import type { Journal } from "./journal.js";
import type { Quota } from "./quota.js";
import { compactedRecord, type DiskOperation, revisionKey, revisionRecord } from "./records.js";
import { refusal } from "./refusals.js";
import type { Visible } from "./visible.js";

export class Compactor {
  readonly #visible: Visible;
  readonly #journal: Journal;
  readonly #quota: Quota;
  #last: Promise<unknown> = Promise.resolve();

  constructor(visible: Visible, journal: Journal, quota: Quota) {
    this.#visible = visible;
    this.#journal = journal;
    this.#quota = quota;
  }

  /** History before that revision is gone when it resolves. Refuses a future revision, and one that is compacted already. */
  compact(revision: number): Promise<void> {
    const mine = this.#last.then(() => this.#compact(revision));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #compact(revision: number): Promise<void> {
    const { history } = this.#visible;
    if (revision > this.#visible.revision) await this.#journal.settled();
    this.#journal.checkWritable();
    if (revision <= history.compacted) throw refusal("compacted");
    if (revision > this.#visible.revision) throw refusal("futureRevision");
    const { dropped, left } = planCompaction(history, revision);
    const kept = countKept(history, revision, dropped);
    const operations: DiskOperation[] = [{ type: "put", ...compactedRecord({ revision, kept }) }];
    for (const [one, changes] of left) {
      if (changes.length === 0) operations.push({ type: "del", key: revisionKey(one) });
      else operations.push({ type: "put", ...revisionRecord(one, changes) });
    }
    const done = (): void => {
      history.compact(revision, dropped, left);
      this.#quota.lookAgain();
    };
    this.#journal.append({ operations, revision: history.head, done });
    await this.#journal.settled();
  }
}
