// The texts that this server has written itself, so that a later write of the same key, from a snapshot that was carried
// on in memory, keeps the fields that this release does not know; and the keys it has deleted lately, to know them by.

import type { Versioned } from "../model/store.js";
import { type Codec, encode } from "./json-codec.js";
import { EVENTS_PREFIX } from "./keys.js";
import { textOf } from "./stored.js";
import type { Transaction } from "./transaction.js";

/** What is forgotten of them counts as deleted by another hand. */
const DELETES_KEPT = 1000;

export class OwnWrites {
  readonly #texts = new Map<string, { readonly revision: bigint; readonly text: string }>();
  /** The oldest first. */
  readonly #deletes = new Map<string, bigint>();

  /** Of another term nothing is built upon: its revisions may have been given again to what others wrote. */
  clear(): void {
    this.#texts.clear();
    this.#deletes.clear();
  }

  /** The transaction was committed at that revision. */
  note(txn: Transaction, revision: bigint): void {
    for (const op of txn.writes) {
      // Events are never written again.
      if (op.op === "put" && op.key.startsWith(EVENTS_PREFIX)) continue;
      if (op.op === "put") this.#texts.set(op.key, { revision, text: op.value });
      else if (op.op === "delete") this.#noteDelete(op.key, revision);
    }
  }

  /** We wrote or deleted the key at exactly that revision. */
  has(key: string, revision: bigint): boolean {
    return this.text(key, revision) !== undefined || this.#deletes.get(key) === revision;
  }

  /** The text to store in place of a former value, whether that was read or written by us. */
  rewrite<T>(key: string, codec: Codec<T>, value: T, former: Versioned<T> | undefined): string {
    return encode(
      codec,
      value,
      former === undefined ? undefined : (textOf(former) ?? this.text(key, former.modRevision)),
    );
  }

  /** What we wrote at exactly that revision. */
  text(key: string, revision: bigint): string | undefined {
    const written = this.#texts.get(key);
    return written?.revision === revision ? written.text : undefined;
  }

  #noteDelete(key: string, revision: bigint): void {
    this.#texts.delete(key);
    this.#deletes.delete(key);
    this.#deletes.set(key, revision);
    const [oldest] = this.#deletes.keys();
    if (oldest !== undefined && this.#deletes.size > DELETES_KEPT) this.#deletes.delete(oldest);
  }
}
