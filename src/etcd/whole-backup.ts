// The parts of a backup as they pass by, and whether they were all of it: etcd ends its snapshot with the SHA-256 of
// everything before. Knows no connection.

import { createHash } from "node:crypto";

const DIGEST_BYTES = 32;

/** Looks at every part in order; only the last 32 bytes are kept. */
export class WholeBackup {
  readonly #hash = createHash("sha256");
  #last = Buffer.alloc(0);

  see(part: Uint8Array): void {
    const all = Buffer.concat([this.#last, part]);
    const end = Math.max(0, all.length - DIGEST_BYTES);
    this.#hash.update(all.subarray(0, end));
    this.#last = Buffer.from(all.subarray(end));
  }

  /** True when what was seen ends with its own digest. To be asked once, after the last part. */
  isWhole(): boolean {
    return this.#last.length === DIGEST_BYTES && this.#hash.digest().equals(this.#last);
  }
}
