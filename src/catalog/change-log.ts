// The last changes of one answer as they are sent, bounded in number and bytes: what every watch of it reads from, and
// what a watch that comes back goes on from.

import type { Cursor } from "../model/history.js";

/** So many are kept of every answer, and of a large one a quarter of its containers: telling it whole costs more than those. */
const MOST_CHANGES = 256;
const PART = 4;
const MOST_BYTES = 1024 * 1024;

/** The bytes lead to this cursor. */
type Logged = { readonly cursor: Cursor; readonly bytes: Uint8Array };

/**
 * INVARIANTS: the positions [first, end) hold every change after revision `since`, in order; a position before `first`
 * is of a reader that has missed something.
 */
export class ChangeLog {
  #entries: Logged[] = [];
  #first = 0;
  #bytes = 0;
  #since: bigint;
  #most = MOST_CHANGES;

  /** @param since the revision of the state that the changes begin from. */
  constructor(since: bigint) {
    this.#since = since;
  }

  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#first + this.#entries.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** More changes than that at once are not worth being told one by one. */
  get most(): number {
    return this.#most;
  }

  /** The answer has so many containers. */
  fit(containers: number): void {
    this.#most = Math.max(MOST_CHANGES, Math.floor(containers / PART));
  }

  at(position: number): Logged | undefined {
    return this.#entries[position - this.#first];
  }

  /** Where a reader goes on that has everything up to this revision; undefined: what came after it is not known. */
  positionAfter(revision: bigint): number | undefined {
    if (revision < this.#since) return undefined;
    const index = this.#entries.findIndex((entry) => entry.cursor.revision > revision);
    return index < 0 ? this.end : this.#first + index;
  }

  add(cursor: Cursor, bytes: Uint8Array): void {
    this.#entries.push({ cursor, bytes });
    this.#bytes += bytes.length;
    while (this.#entries.length > this.#most || this.#bytes > MOST_BYTES) this.#drop();
  }

  /** What happened up to this revision is not known; readers that have read everything have missed nothing. */
  forget(since: bigint): void {
    this.#first = this.end;
    this.#entries = [];
    this.#bytes = 0;
    this.#since = since;
  }

  /** Every reader has missed something. */
  restart(since: bigint): void {
    this.forget(since);
    this.#first += 1;
  }

  #drop(): void {
    const [oldest] = this.#entries.splice(0, 1);
    if (oldest === undefined) return;
    this.#first += 1;
    this.#bytes -= oldest.bytes.length;
    this.#since = oldest.cursor.revision;
  }
}
