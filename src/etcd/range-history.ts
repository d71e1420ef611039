// What one watcher has seen of a key range: the keys that are there, the last revision applied whole, and the events of
// one revision to know this stretch of history by. No I/O, no time.

import type { KeyValue, WireEvent } from "../model/ports.js";

/** All events of one revision. */
export type Revision = { readonly revision: bigint; readonly events: readonly WireEvent[] };

/**
 * "apply": it is the next one, and is applied now. "known": it was applied before. "changed": it cannot belong to the
 * history that was seen, so the store's past is another one.
 */
export type Verdict = "apply" | "known" | "changed";

/**
 * INVARIANTS: `last` never goes back but by restart(); every event at or below `last` is in `keys`; the witness is the
 * newest revision at or below `last` that changed the range.
 */
export class RangeHistory {
  #keys = new Map<string, bigint>();
  #last = 0n;
  #witness: Revision = { revision: 0n, events: [] };
  /** The witness comes from a list: then only puts of it are known, not deletes. */
  #witnessWhole = false;
  #proven = true;
  /** Until the resumed stream has passed `last`: what it shows between witness and `last` was never seen. */
  #catchingUp = false;

  get last(): bigint {
    return this.#last;
  }

  /** The revision to take a broken watch up *at*; 0n when there is none to compare with. */
  get witness(): bigint {
    return this.#witness.revision;
  }

  /** A listing replaces everything. */
  restart(kvs: readonly KeyValue[], revision: bigint): void {
    this.#keys = new Map();
    for (const { key, modRevision } of kvs) this.#keys.set(key, modRevision);
    this.#last = revision;
    const newest = newestRevision(kvs);
    const events = kvs.filter((kv) => kv.modRevision === newest).map((kv) => ({ type: "put" as const, kv }));
    this.#witness = { revision: newest, events };
    this.#witnessWhole = false;
    this.#proven = true;
    this.#catchingUp = false;
  }

  /** A stream begins at the witness: it has to show it first. */
  resume(): void {
    this.#proven = false;
    this.#catchingUp = true;
  }

  /** The witness has been seen again since resume(), or none was asked for. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Judges one whole revision, and applies it if it is the next one. */
  take(next: Revision): Verdict {
    if (!this.#proven) {
      if (next.revision !== this.#witness.revision || !this.#isWitness(next)) return "changed";
      this.#proven = true;
      return "known";
    }
    if (next.revision <= this.#last) {
      return this.#catchingUp && next.revision > this.#witness.revision ? "changed" : "known";
    }
    for (const { type, kv } of next.events) {
      if (type === "delete") this.#keys.delete(kv.key);
      else this.#keys.set(kv.key, kv.modRevision);
    }
    this.#last = next.revision;
    this.#witness = next;
    this.#witnessWhole = true;
    this.#catchingUp = false;
    return "apply";
  }

  /** True when exactly these keys, last written at these revisions, are known. */
  equals(kvs: readonly KeyValue[]): boolean {
    return kvs.length === this.#keys.size && kvs.every((kv) => this.#keys.get(kv.key) === kv.modRevision);
  }

  /** A listing at that revision showed exactly what is known: nothing in between concerned the range. */
  confirm(revision: bigint): void {
    if (revision > this.#last) this.#last = revision;
  }

  #isWitness(seen: Revision): boolean {
    const shown = new Map(seen.events.map((event) => [event.kv.key, textOf(event)]));
    if (this.#witnessWhole && shown.size !== this.#witness.events.length) return false;
    return this.#witness.events.every((event) => shown.get(event.kv.key) === textOf(event));
  }
}

function newestRevision(kvs: readonly KeyValue[]): bigint {
  let newest = 0n;
  for (const { modRevision } of kvs) if (modRevision > newest) newest = modRevision;
  return newest;
}

const textOf = ({ type, kv }: WireEvent): string => (type === "delete" ? "-" : `+${kv.value}`);

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
