// One stream of a watch, from its opening to its end: applies whole revisions to the history, asks for signs of life,
// lists the range every minute and compares.

import { TheseusError } from "../model/errors.js";
import type { KeyRange, KeyValue, WatchMessage, WatchStream, WireEvent } from "../model/ports.js";
import type { Parts } from "./parts.js";
import { Pulse } from "./pulse.js";
import { type RangeHistory, type Revision, revisionsOf } from "./range-history.js";
import { type ReadAll, rangeAll } from "./ranges.js";
import { within } from "./within.js";

/** A snapshot replaces all; a delta is all of one revision; a bookmark says that the store is alive. */
export type RangeFeed =
  | { readonly kind: "snapshot"; readonly kvs: readonly KeyValue[]; readonly revision: bigint }
  | { readonly kind: "delta"; readonly events: readonly WireEvent[]; readonly revision: bigint }
  | { readonly kind: "bookmark"; readonly revision: bigint };

/** What has to be done before the next stream is opened. */
export type Next = "list" | "resume" | "declare change and list";

type Steps = AsyncGenerator<RangeFeed, Next | undefined, undefined>;

export class WatchSession {
  readonly #parts: Pick<Parts, "wire" | "clock" | "log">;
  readonly #range: KeyRange;
  readonly #history: RangeHistory;
  readonly #stream: WatchStream;
  readonly #resumed: boolean;
  readonly #pulse: Pulse;
  readonly #fragments: WireEvent[] = [];
  /** A listing that the stream has not caught up with yet. */
  #listing: ReadAll | undefined;

  constructor(
    parts: Pick<Parts, "wire" | "clock" | "log">,
    range: KeyRange,
    history: RangeHistory,
    stream: WatchStream,
  ) {
    this.#parts = parts;
    this.#range = range;
    this.#history = history;
    this.#stream = stream;
    this.#resumed = !history.proven;
    this.#pulse = new Pulse(parts.clock.monotonic());
  }

  /** Returns when etcd has ended the watch in a way that says what comes next; throws when it just broke. */
  async *run(signal: AbortSignal): AsyncGenerator<RangeFeed, Next, undefined> {
    const messages = this.#stream[Symbol.asyncIterator]();
    const following = () => {
      const message = messages.next();
      // It may fail while the one before it is still being worked on: heard all the same.
      message.catch(() => undefined);
      return message;
    };
    for (let pending = following(); ; ) {
      const waited = await within(this.#parts.clock, this.#rest(), pending, signal);
      let next: Next | undefined;
      if (waited.kind === "done") {
        if (waited.value.done) throw broken("the stream ended");
        pending = following();
        next = yield* this.#take(waited.value.value);
      }
      next ??= yield* this.#tick();
      if (next !== undefined) return next;
    }
  }

  #rest(): number {
    const waitsFor = { opening: !this.#history.proven, listing: this.#listing !== undefined };
    return this.#pulse.rest(this.#parts.clock.monotonic(), waitsFor);
  }

  async *#take(message: WatchMessage): Steps {
    this.#pulse.heard(this.#parts.clock.monotonic());
    if (message.canceled) return this.#cancelled(message);
    this.#fragments.push(...message.events);
    if (message.fragment) return undefined;
    const revisions = revisionsOf(this.#fragments.splice(0));
    for (const revision of revisions) {
      const next = yield* this.#apply(revision);
      if (next !== undefined) return next;
    }
    if (revisions.length === 0 && this.#history.proven) yield { kind: "bookmark", revision: this.#history.last };
    return undefined;
  }

  /** Compacted away: after a listing just list again; where a break was to be bridged there is nothing to compare with. */
  #cancelled(message: WatchMessage): Next {
    if (message.compactRevision === 0n) throw broken(message.cancelReason || "etcd cancelled the watch");
    return this.#resumed && !this.#history.proven ? "declare change and list" : "list";
  }

  async *#apply(next: Revision): Steps {
    if (this.#listing !== undefined && next.revision > this.#listing.revision) yield* this.#compare(this.#listing);
    const verdict = this.#history.take(next);
    if (verdict === "changed") return "declare change and list";
    if (verdict === "apply") yield { kind: "delta", events: next.events, revision: next.revision };
    return undefined;
  }

  async *#tick(): Steps {
    const now = this.#parts.clock.monotonic();
    if (!this.#history.proven && this.#pulse.isPastOpening(now)) return "declare change and list";
    if (this.#pulse.isSilent(now)) throw broken("the stream fell silent");
    if (this.#pulse.isDueToAsk(now)) {
      this.#stream.requestProgress();
      this.#pulse.asked(now);
    }
    if (this.#listing !== undefined && this.#pulse.isPastListing(now)) yield* this.#compare(this.#listing);
    if (this.#history.proven && this.#pulse.isDueToList(now)) {
      this.#listing = await rangeAll(this.#parts.wire, this.#range);
      this.#pulse.listed(this.#parts.clock.monotonic());
      if (this.#listing.revision < this.#history.last) return "declare change and list";
    }
    return undefined;
  }

  /** The stream has shown all it had up to the listing: both have to say the same. */
  async *#compare(listing: ReadAll): AsyncGenerator<RangeFeed, void, undefined> {
    this.#listing = undefined;
    if (this.#history.equals(listing.kvs)) {
      this.#history.confirm(listing.revision);
      yield { kind: "bookmark", revision: this.#history.last };
      return;
    }
    this.#parts.log.warn({ revision: String(listing.revision) }, "the watch of the store lost changes; listed again");
    this.#history.restart(listing.kvs, listing.revision);
    yield { kind: "snapshot", kvs: listing.kvs, revision: listing.revision };
  }
}

function broken(why: string): TheseusError {
  return new TheseusError("STORE_UNREACHABLE", {
    what: "the watch of the store broke",
    why: [why],
    now: "nothing was changed",
    retryable: true,
  });
}
