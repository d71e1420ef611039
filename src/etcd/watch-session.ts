// One stream of a watch, from its opening to its end: applies whole revisions to the history, asks for signs of life,
// lists the range every minute and compares.

import { isReason, TheseusError } from "../model/errors.js";
import type { KeyRange, KeyValue, WatchMessage, WatchStream, WireEvent } from "../model/ports.js";
import type { Parts } from "./parts.js";
import { Pulse } from "./pulse.js";
import { type Opening, type RangeHistory, type Revision, revisionsOf } from "./range-history.js";
import { type ReadAll, rangeAll } from "./ranges.js";
import { Patience } from "./within.js";

/** A snapshot replaces all; a delta is all of one revision; a bookmark says that the store is alive. */
export type RangeFeed =
  | { readonly kind: "snapshot"; readonly kvs: readonly KeyValue[]; readonly revision: bigint }
  | { readonly kind: "delta"; readonly events: readonly WireEvent[]; readonly revision: bigint }
  | { readonly kind: "bookmark"; readonly revision: bigint };

/** What has to be done before the next stream is opened. "compare": it is another history unless the listing says no. */
export type Next = "list" | "resume" | "compare and list" | "declare change and list";

type Steps = AsyncGenerator<RangeFeed, Next | undefined, undefined>;

export class WatchSession {
  readonly #parts: Pick<Parts, "wire" | "clock" | "log">;
  readonly #range: KeyRange;
  readonly #history: RangeHistory;
  readonly #stream: WatchStream;
  readonly #proof: Opening["proof"];
  readonly #pulse: Pulse;
  readonly #fragments: WireEvent[] = [];
  /** A listing that the stream has not caught up with yet. */
  #listing: ReadAll | undefined;
  /** The stream had its time and has not shown its proof: it is asked for a sign of life, so that it is not just slow. */
  #lastChance: "not yet" | "given" | "over" = "not yet";

  constructor(
    parts: Pick<Parts, "wire" | "clock" | "log">,
    range: KeyRange,
    history: RangeHistory,
    { stream, proof }: { readonly stream: WatchStream; readonly proof: Opening["proof"] },
  ) {
    this.#parts = parts;
    this.#range = range;
    this.#history = history;
    this.#stream = stream;
    this.#proof = proof;
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
    const patience = new Patience(this.#parts.clock, signal);
    try {
      for (let pending = following(); ; ) {
        const waited = await patience.wait(this.#rest(), pending);
        let next: Next | undefined;
        if (waited.kind === "done") {
          if (waited.value.done) throw broken("the stream ended");
          pending = following();
          next = yield* this.#take(waited.value.value);
        }
        next ??= yield* this.#tick();
        if (next !== undefined) return next;
      }
    } finally {
      patience.close();
    }
  }

  #rest(): number {
    const waitsFor = {
      opening: this.#isUnshown && this.#lastChance === "not yet",
      listing: this.#listing !== undefined,
    };
    return this.#pulse.rest(this.#parts.clock.monotonic(), waitsFor);
  }

  /** The stream has to begin with the revision that we know, and has not yet. */
  get #isUnshown(): boolean {
    return this.#proof === "witness" && !this.#history.proven;
  }

  async *#take(message: WatchMessage): Steps {
    this.#pulse.heard(this.#parts.clock.monotonic());
    if (message.canceled) return this.#cancelled(message);
    const wasProven = this.#history.proven;
    if (message.created && this.#proof === "reading" && !wasProven) {
      const next = await this.#read();
      if (next !== undefined) return next;
    }
    const last = this.#history.last;
    for (const revision of this.#whole(message)) {
      const next = yield* this.#apply(revision);
      if (next !== undefined) return next;
    }
    if (this.#lastChance === "given" && this.#fragments.length === 0) this.#lastChance = "over";
    const isSign = message.events.length === 0 || (!wasProven && this.#history.last === last);
    if (isSign && this.#history.proven) yield { kind: "bookmark", revision: this.#history.last };
    return undefined;
  }

  /** The revisions that this message completes. A notice may come between the fragments of one, and says nothing of them. */
  #whole(message: WatchMessage): Revision[] {
    this.#fragments.push(...message.events);
    return message.fragment || message.events.length === 0 ? [] : revisionsOf(this.#fragments.splice(0));
  }

  /** Before anything of this stream is believed. */
  async #read(): Promise<Next | undefined> {
    try {
      const { kvs } = await rangeAll(this.#parts.wire, this.#range, { revision: this.#history.last });
      return this.#history.isProvenBy(kvs) ? undefined : "declare change and list";
    } catch (error) {
      if (isReason(error, "PAGE_TOKEN_EXPIRED")) return "compare and list";
      throw error;
    }
  }

  /** Compacted away: after proof just list again; before it there is little left to compare with. */
  #cancelled(message: WatchMessage): Next {
    if (message.compactRevision === 0n) throw broken(message.cancelReason || "etcd cancelled the watch");
    if (this.#history.proven) return "list";
    // Only the last change may be gone: what was listed after it can still be read.
    return this.#proof === "witness" && this.#history.leanOnListing() ? "resume" : "compare and list";
  }

  async *#apply(next: Revision): Steps {
    if (this.#listing !== undefined && next.revision > this.#listing.revision) {
      const other = yield* this.#compare(this.#listing);
      if (other !== undefined) return other;
    }
    const verdict = this.#history.take(next);
    if (verdict === "changed") return "declare change and list";
    if (verdict === "unclear") return "resume";
    if (verdict === "apply") yield { kind: "delta", events: next.events, revision: next.revision };
    return undefined;
  }

  async *#tick(): Steps {
    const now = this.#parts.clock.monotonic();
    if (this.#isUnshown && this.#lastChance === "over") return "declare change and list";
    if (this.#pulse.isSilent(now)) throw broken("the stream fell silent");
    const isLate = this.#isUnshown && this.#lastChance === "not yet" && this.#pulse.isPastOpening(now);
    if (isLate) this.#lastChance = "given";
    if (isLate || this.#pulse.isDueToAsk(now)) {
      const next = await this.#ask();
      if (next !== undefined) return next;
    }
    if (this.#listing !== undefined && this.#pulse.isPastListing(now)) return yield* this.#compare(this.#listing);
    if (this.#history.proven && this.#pulse.isDueToList(now)) {
      this.#listing = await rangeAll(this.#parts.wire, this.#range);
      this.#pulse.listed(this.#parts.clock.monotonic());
      // Another history, or a stale answer: taking the watch up again finds out.
      if (this.#listing.revision < this.#history.last) return "resume";
    }
    return undefined;
  }

  /** A member without its quorum still answers on the stream: only a linearizable read says that it can have news. */
  async #ask(): Promise<Next | undefined> {
    const { revision } = await this.#parts.wire.range({ key: this.#range.key, keysOnly: true });
    if (revision < this.#history.last) return "resume";
    this.#stream.requestProgress();
    this.#pulse.asked(this.#parts.clock.monotonic());
    return undefined;
  }

  /** The stream has shown all it had up to the listing: both have to say the same. */
  async *#compare(listing: ReadAll): Steps {
    this.#listing = undefined;
    if (this.#history.equals(listing.kvs)) {
      this.#history.confirm(listing.kvs, listing.revision);
      yield { kind: "bookmark", revision: this.#history.last };
      return undefined;
    }
    this.#parts.log.warn({ revision: String(listing.revision) }, "the watch of the store lost changes; listed again");
    this.#history.restart(listing.kvs, listing.revision);
    yield { kind: "snapshot", kvs: listing.kvs, revision: listing.revision };
    return "resume";
  }
}

/** The watch has to be taken up again. */
export function broken(why: string): TheseusError {
  return new TheseusError("STORE_UNREACHABLE", {
    what: "the watch of the store broke",
    why: [why],
    now: "nothing was changed",
    retryable: true,
  });
}
