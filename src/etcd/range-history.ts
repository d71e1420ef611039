// What one watcher has seen of a key range: the keys that are there, the last revision applied whole, and the events of
// one revision to know this stretch of history by. No I/O, no time.

import type { KeyValue, WireEvent } from "../model/ports.js";

/** All events of one revision. */
export type Revision = { readonly revision: bigint; readonly events: readonly WireEvent[] };

/**
 * "apply": it is the next one, and is applied now. "known": it was applied before. "changed": it cannot belong to the
 * history that was seen, so the store's past is another one. "unclear": it was not seen, but the listing after it would
 * not show it once it was gone again: the next stream begins with a reading, which tells.
 */
export type Verdict = "apply" | "known" | "changed" | "unclear";

/**
 * Where the next stream begins, and what proves that it shows the history that was seen. "witness": its first revision is
 * the one we know. "reading": the store still shows, at `last`, exactly what we know.
 */
export type Opening = { readonly startRevision: bigint; readonly proof: "witness" | "reading" };

/** What is kept of a listing. */
type Listing = { readonly revision: bigint; readonly newest: Revision };
const NOTHING: Listing = { revision: 0n, newest: { revision: 0n, events: [] } };

/**
 * INVARIANTS: `last` never goes back but by restart() and forget(); every event at or below `last` is in `keys`; the
 * witness is the newest revision at or below `last` that changed the range, or, with nothing but a listing to go by, that
 * the listing shows; the listing is the last one that showed exactly what was known at its revision.
 */
export class RangeHistory {
  #keys = new Map<string, bigint>();
  #last = 0n;
  #listing: Listing = NOTHING;
  #witness: Revision = NOTHING.newest;
  #proven = false;
  /** Until a stream has passed `last`. */
  #catchingUp = true;

  get last(): bigint {
    return this.#last;
  }

  /** The stream has been proven to show the history that was seen, since restart() or resume(). */
  get proven(): boolean {
    return this.#proven;
  }

  /** Nothing is known but the listing. Deletes before it were not seen, so that its witness proves too little. */
  get #isListingOnly(): boolean {
    return this.#witness === this.#listing.newest;
  }

  /** A listing replaces everything. A stream that is opened right after it has to show the newest change listed. */
  restart(kvs: readonly KeyValue[], revision: bigint): Opening {
    this.#keys = new Map();
    for (const { key, modRevision } of kvs) this.#keys.set(key, modRevision);
    this.#last = revision;
    this.#listing = { revision, newest: newestOf(kvs) };
    this.#witness = this.#listing.newest;
    return this.#open(this.#witness.revision === 0n ? "reading" : "witness");
  }

  /** A stream broke: the next one has to prove that it is of the same history. */
  resume(): Opening {
    return this.#open(this.#isListingOnly ? "reading" : "witness");
  }

  /** The past is void: the next listing may be at any revision. */
  forget(): void {
    this.#keys = new Map();
    this.#last = 0n;
    this.#listing = NOTHING;
    this.#witness = NOTHING.newest;
  }

  /** Judges one whole revision, and applies it if it is the next one. */
  take(next: Revision): Verdict {
    if (!this.#proven) {
      if (next.revision !== this.#witness.revision || !this.#isWitness(next)) return "changed";
      this.#proven = true;
      return "known";
    }
    if (next.revision <= this.#last) {
      if (this.#isKnown(next)) return "known";
      return !this.#isListingOnly && this.leanOnListing() ? "unclear" : "changed";
    }
    for (const { type, kv } of next.events) {
      if (type === "delete") this.#keys.delete(kv.key);
      else this.#keys.set(kv.key, kv.modRevision);
    }
    this.#last = next.revision;
    this.#witness = next;
    this.#catchingUp = false;
    return "apply";
  }

  /** What the store shows at `last`. True: it is what was seen, and the stream that is open is proven. */
  isProvenBy(kvs: readonly KeyValue[]): boolean {
    this.#proven = this.equals(kvs) && this.#isIn(kvs);
    return this.#proven;
  }

  /** The last change that was seen is still to be seen in a later listing: it is the same history. */
  isVouchedForBy(kvs: readonly KeyValue[]): boolean {
    return this.#witness.events.length > 0 && this.#isIn(kvs);
  }

  /** True when exactly these keys, last written at these revisions, are known. */
  equals(kvs: readonly KeyValue[]): boolean {
    return kvs.length === this.#keys.size && kvs.every((kv) => this.#keys.get(kv.key) === kv.modRevision);
  }

  /** A listing at that revision showed exactly what is known: nothing in between concerned the range. */
  confirm(kvs: readonly KeyValue[], revision: bigint): void {
    if (revision < this.#last) return;
    const wasListingOnly = this.#isListingOnly;
    this.#last = revision;
    this.#listing = { revision, newest: newestOf(kvs) };
    if (wasListingOnly) this.#witness = this.#listing.newest;
  }

  /**
   * The witness is compacted away, or does not tell enough. True: nothing was applied since the listing, which now takes its
   * place; the next stream begins with a reading. A delete that was the witness could not be seen in any later listing.
   */
  leanOnListing(): boolean {
    if (this.#witness.revision > this.#listing.revision) return false;
    this.#witness = this.#listing.newest;
    return true;
  }

  #open(proof: Opening["proof"]): Opening {
    this.#proven = false;
    this.#catchingUp = true;
    return { startRevision: proof === "witness" ? this.#witness.revision : this.#last + 1n, proof };
  }

  /** Between witness and `last` there is nothing but what a listing cannot show: keys that were deleted again. */
  #isKnown({ revision, events }: Revision): boolean {
    if (!this.#catchingUp || revision <= this.#witness.revision) return true;
    const isBeforeListing = this.#isListingOnly && revision <= this.#listing.revision;
    return isBeforeListing && events.every(({ kv }) => !this.#keys.has(kv.key));
  }

  #isWitness(seen: Revision): boolean {
    const shown = new Map(seen.events.map((event) => [event.kv.key, textOf(event)]));
    if (!this.#isListingOnly && shown.size !== this.#witness.events.length) return false;
    return this.#witness.events.every((event) => shown.get(event.kv.key) === textOf(event));
  }

  #isIn(kvs: readonly KeyValue[]): boolean {
    const shown = new Set(kvs.filter((kv) => kv.modRevision === this.#witness.revision).map(keyAndText));
    return this.#witness.events.every((event) => event.type === "put" && shown.has(keyAndText(event.kv)));
  }
}

/** The newest revision that a listing shows, as far as it shows it. */
function newestOf(kvs: readonly KeyValue[]): Revision {
  let revision = 0n;
  for (const { modRevision } of kvs) if (modRevision > revision) revision = modRevision;
  const newest = kvs.filter((kv) => kv.modRevision === revision);
  return { revision, events: newest.map((kv) => ({ type: "put", kv })) };
}

const textOf = ({ type, kv }: WireEvent): string => (type === "delete" ? "-" : putText(kv));
const putText = ({ createRevision, version, value }: KeyValue): string => `+${createRevision}.${version} ${value}`;
const keyAndText = (kv: KeyValue): string => `${kv.key} ${putText(kv)}`;

/** The events of one message, revision by revision. A revision is never divided between messages once fragments are joined. */
export function revisionsOf(events: readonly WireEvent[]): Revision[] {
  const out: { revision: bigint; events: WireEvent[] }[] = [];
  for (const event of events) {
    const present = out.at(-1);
    if (present?.revision === event.kv.modRevision) present.events.push(event);
    else out.push({ revision: event.kv.modRevision, events: [event] });
  }
  return out;
}
