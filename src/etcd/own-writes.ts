// The texts that this server has written itself, so that a later write of the same key, from a snapshot that was carried
// on in memory, keeps the fields that this release does not know.

import type { Versioned } from "../model/store.js";
import { type Codec, encode } from "./json-codec.js";
import { textOf } from "./stored.js";
import type { Transaction } from "./transaction.js";

export class OwnWrites {
  readonly #texts = new Map<string, { readonly revision: bigint; readonly text: string }>();

  /** The transaction was committed at that revision. */
  note(txn: Transaction, revision: bigint): void {
    for (const op of txn.writes) {
      if (op.op === "put") this.#texts.set(op.key, { revision, text: op.value });
      else if (op.op === "delete") this.#texts.delete(op.key);
    }
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
}
