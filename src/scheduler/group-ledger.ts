// One group as one pass saw it, and the writes that are made on the strength of it. Each key is compared with what was
// seen, so that a write whose ground has moved fails with CONFLICT. Must not know what the writes mean.

import type { Intent, Reserves } from "../model/container.js";
import type { HostRecord } from "../model/host.js";
import type { GroupRef } from "../model/reference.js";
import type { GroupSnapshot, Versioned } from "../model/store.js";
import { advanced, asWrite, type GroupEdit, type HostChange, portions } from "./group-edit.js";
import type { HostBook } from "./host-book.js";
import { createLane } from "./lane.js";
import type { Office } from "./office.js";

/** Well below the 128 operations that etcd takes in one transaction. */
const MOST_KEYS = 100;

export type LedgerDeps = {
  readonly office: Office;
  readonly book: HostBook;
  /** Told before and after every write of ours, so that the store's own echo of it wakes nobody. */
  readonly writing: (group: GroupRef) => void;
  readonly written: (group: GroupRef, revision: bigint | undefined) => void;
  /** Told when what is reserved on the hosts may have changed; with the revision when it has. */
  readonly reserved: (revision?: bigint) => void;
  /** As Fleet.promise(). */
  readonly promise: (group: GroupRef, intents: readonly Intent[], config: Reserves | undefined) => () => void;
};

type Waiting = {
  readonly edit: GroupEdit;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
};

export class GroupLedger {
  readonly #deps: LedgerDeps;
  readonly #one = createLane(1);
  #snapshot: GroupSnapshot;
  #isAsRead = true;
  #gathering: Waiting[] | undefined;

  constructor(deps: LedgerDeps, snapshot: GroupSnapshot) {
    this.#deps = deps;
    this.#snapshot = snapshot;
  }

  get group(): GroupRef {
    return this.#snapshot.ref;
  }

  /** As read, with our own writes since. */
  get snapshot(): GroupSnapshot {
    return this.#snapshot;
  }

  /** Nothing of ours was written since it was read. */
  get isAsRead(): boolean {
    return this.#isAsRead;
  }

  /** Edits asked for while `work` runs, which must be synchronous, share transactions as far as they fit. */
  gather(work: () => void): void {
    const gathered: Waiting[] = [];
    this.#gathering = gathered;
    try {
      work();
    } finally {
      this.#gathering = undefined;
    }
    this.#share(gathered);
  }

  /** Writes in one fenced transaction. CONFLICT: look again. CANCELLED: the term is over. */
  commit(edit: GroupEdit): Promise<void> {
    const gathering = this.#gathering;
    if (gathering === undefined) return this.#write(edit);
    return new Promise((done, failed) => gathering.push({ edit, done, failed }));
  }

  #share(waiting: readonly Waiting[]): void {
    for (const portion of portions(
      waiting.map(({ edit }) => edit),
      MOST_KEYS,
    )) {
      const parts = waiting.filter(({ edit }) => portion.edits.includes(edit));
      this.#write(portion.edit).then(
        () => {
          for (const { done } of parts) done();
        },
        (error) => {
          for (const { failed } of parts) failed(error);
        },
      );
    }
  }

  /** As commit, on a host that is given away from: CONFLICT too when there were doubts about it since they were counted. */
  assign(edit: GroupEdit & { readonly host: HostChange }, doubts: number): Promise<void> {
    const { book } = this.#deps;
    return this.#one(() => book.assign(edit.host.name, doubts, (held) => this.#writeWithHost(edit, held)));
  }

  /** These are about to be written: every other plan counts them from now on. @returns to be called when that is over. */
  promise(intents: readonly Intent[], config: Reserves | undefined): () => void {
    return this.#deps.promise(this.group, intents, config);
  }

  #write(edit: GroupEdit): Promise<void> {
    return this.#one(async () => {
      if (edit.host === undefined) await this.#store(edit, undefined);
      else await this.#deps.book.change(edit.host.name, (held) => this.#writeWithHost(edit, held));
    });
  }

  /** A host whose record is gone has nothing to be noted in. */
  async #writeWithHost(
    edit: GroupEdit,
    held: Versioned<HostRecord> | undefined,
  ): Promise<Versioned<HostRecord> | undefined> {
    const { revision, record } = await this.#store(edit, held);
    return record === undefined ? held : { value: record, modRevision: revision };
  }

  async #store(
    edit: GroupEdit,
    held: Versioned<HostRecord> | undefined,
  ): Promise<{ revision: bigint; record: HostRecord | undefined }> {
    const { office } = this.#deps;
    const snapshot = this.#snapshot;
    const write = asWrite(edit, snapshot, held);
    this.#isAsRead = false;
    if (write.host !== undefined) this.#deps.reserved();
    const revision = await this.#told(() => office.write((fence) => office.store.writeGroup(fence, snapshot, write)));
    this.#snapshot = advanced(this.#snapshot, write, revision);
    if (write.host !== undefined) this.#deps.reserved(revision);
    return { revision, record: write.host?.record };
  }

  async #told(write: () => Promise<bigint>): Promise<bigint> {
    const { writing, written } = this.#deps;
    let revision: bigint | undefined;
    writing(this.group);
    try {
      revision = await write();
      return revision;
    } finally {
      written(this.group, revision);
    }
  }
}
