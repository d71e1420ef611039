// The file of a backup: a line that says what it is, the records that a store is made of, each with its lengths, an end
// mark, and the SHA-256 of all before it. Knows no store.

import { createHash, type Hash } from "node:crypto";
import type { DiskRecord } from "./records.js";

const MAGIC = Buffer.from("theseus embedded store backup, format 1\n");
const LENGTHS = 8;
const SUM_BYTES = 32;
const CHUNK = 64 * 1024;

/** A file that is not a whole backup, in words. */
export class BrokenBackup extends Error {
  override readonly name = "BrokenBackup";
}

/** The bytes of the file, in chunks of some size. */
export function* writeBackup(records: Iterable<DiskRecord>): Generator<Uint8Array, void, undefined> {
  const sum = createHash("sha256");
  let parts: Buffer[] = [MAGIC];
  let size = MAGIC.length;
  for (const { key, value } of records) {
    parts.push(lengthsOf(key.length, value.length), key, value);
    size += LENGTHS + key.length + value.length;
    if (size < CHUNK) continue;
    yield summed(sum, parts);
    parts = [];
    size = 0;
  }
  // No record has an empty key, so that no lengths look like the end.
  parts.push(lengthsOf(0, 0));
  yield summed(sum, parts);
  yield sum.digest();
}

/** The records of a file, as they come. Fails with BrokenBackup; only after the last record is it known to be whole. */
export async function* readBackup(file: AsyncIterable<Uint8Array>): AsyncGenerator<DiskRecord, void, undefined> {
  const reader = new Reader(file);
  if (!(await reader.take(MAGIC.length)).equals(MAGIC)) {
    throw new BrokenBackup("it is not a backup of an embedded store");
  }
  for (;;) {
    const lengths = await reader.take(LENGTHS);
    const keyLength = lengths.readUInt32BE();
    if (keyLength === 0) break;
    yield { key: await reader.take(keyLength), value: await reader.take(lengths.readUInt32BE(4)) };
  }
  const sum = reader.sum();
  if (!(await reader.take(SUM_BYTES)).equals(sum)) throw new BrokenBackup("its checksum does not match its content");
  if (!(await reader.isAtEnd())) throw new BrokenBackup("something follows after its end");
}

function lengthsOf(key: number, value: number): Buffer {
  const lengths = Buffer.allocUnsafe(LENGTHS);
  lengths.writeUInt32BE(key);
  lengths.writeUInt32BE(value, 4);
  return lengths;
}

function summed(sum: Hash, parts: readonly Buffer[]): Buffer {
  const chunk = Buffer.concat(parts);
  sum.update(chunk);
  return chunk;
}

/** Takes exact lengths out of chunks of any size. */
class Reader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #sum = createHash("sha256");
  #rest = Buffer.alloc(0);

  constructor(file: AsyncIterable<Uint8Array>) {
    this.#chunks = file[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    while (this.#rest.length < length) {
      const next = await this.#chunks.next();
      if (next.done) throw new BrokenBackup("it ends before it is whole");
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#sum.update(taken);
    return taken;
  }

  /** Over all that was taken. */
  sum(): Buffer {
    return this.#sum.copy().digest();
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return true;
      this.#rest = Buffer.from(next.value);
    }
    return false;
  }
}
