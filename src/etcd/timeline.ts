// Reading events: what is kept, oldest first, and then what comes, by a watch of the range. A reader that falls behind holds
// a bounded part of what came; beyond that it is told what the store still keeps.

import type { Event, EventsAsked, Timeline } from "../model/event.js";
import type { EtcdWire, KeyRange, KeyValue } from "../model/ports.js";
import { EventDecoder, type KeptEvents, keptEvents } from "./events.js";
import { below, EVENTS_PREFIX, eventsPrefix, eventsSince } from "./keys.js";
import type { Parts } from "./parts.js";
import { rangeAll, readKeys } from "./ranges.js";
import { snapshotAndWatch } from "./watch.js";
import type { RangeFeed } from "./watch-session.js";

/** Values read together. */
const AT_ONCE = 50;
/** What waits for a slow reader at most: writes, and characters of them. */
const MOST_WAITING = 256;
const MOST_CHARACTERS = 1024 * 1024;

export class EtcdTimeline implements Timeline {
  readonly #parts: Parts;
  readonly #decoder: EventDecoder;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#decoder = new EventDecoder(parts.log);
  }

  async *readEvents(asked: EventsAsked, signal: AbortSignal): AsyncGenerator<readonly Event[], void, undefined> {
    const reading = new Reading(this.#parts, asked);
    const { since = 0 } = asked;
    for await (const kvs of asked.follow ? reading.follow(signal) : reading.past()) {
      const events = kvs.flatMap((kv) => this.#decoder.events(kv)).filter(({ at }) => at >= since);
      if (events.length > 0 || kvs.length === 0) yield events;
    }
  }
}

/** A part of the range, and up to which revision of the store its events have been given. */
type Place = { readonly range: Required<KeyRange>; given: bigint };

class Reading {
  readonly #parts: Parts;
  readonly #wire: EtcdWire;
  readonly #places: readonly Place[];
  readonly #since: number;
  /** The time of the newest that was given. */
  #newest = 0;
  #waiting: { readonly place: Place; readonly kv: KeyValue }[] = [];
  #characters = 0;
  /** More came than may wait, or a watch began anew. */
  #isBehind = false;
  #wake: (() => void) | undefined;

  constructor(parts: Parts, { namespace, since = 0 }: EventsAsked) {
    this.#parts = parts;
    this.#since = since;
    this.#wire = parts.wire;
    this.#places = rangesOf(namespace, since).map((range) => ({ range, given: 0n }));
  }

  /** All that is kept and was not given yet. */
  async *past(): AsyncGenerator<readonly KeyValue[], void, undefined> {
    const revision = (await this.#wire.range({ key: EVENTS_PREFIX, keysOnly: true })).revision;
    const isAnotherHistory = this.#places.some(({ given }) => revision < given);
    const all: KeptEvents[] = [];
    for (const place of this.#places) {
      const { kvs } = await rangeAll(this.#wire, place.range, { revision, keysOnly: true });
      const { given } = place;
      const isNew = ({ at, modRevision }: KeptEvents) => (isAnotherHistory ? at > this.#newest : modRevision > given);
      // The key of a write is as late as the latest of its events.
      all.push(...keptEvents(kvs).filter((one) => one.at >= this.#since && isNew(one)));
      place.given = revision;
    }
    all.sort((a, b) => a.at - b.at || Number(a.modRevision - b.modRevision));
    for (let begin = 0; begin < all.length; begin += AT_ONCE) {
      const some = all.slice(begin, begin + AT_ONCE);
      const { values } = await readKeys(
        this.#wire,
        some.map(({ key }) => key),
      );
      this.#newest = Math.max(this.#newest, ...some.map(({ at }) => at));
      // What was swept meanwhile is not there any more.
      yield some.flatMap(({ key }) => values.get(key) ?? []);
    }
  }

  async *follow(signal: AbortSignal): AsyncGenerator<readonly KeyValue[], void, undefined> {
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    until.addEventListener("abort", () => this.#wake?.(), { once: true });
    yield* this.past();
    yield [];
    const watches = this.#places.map((place) => this.#watch(place, until));
    try {
      while (!signal.aborted) {
        await this.#news(until);
        if (this.#isBehind) {
          this.#isBehind = false;
          this.#clear();
          yield* this.past();
        } else {
          const fresh = this.#take();
          if (fresh.length > 0) yield fresh;
        }
      }
    } finally {
      over.abort();
      await Promise.all(watches);
    }
  }

  /** Takes in what comes, however slow the reader is, so that the store need not keep it for us. */
  async #watch(place: Place, signal: AbortSignal): Promise<void> {
    // The mirror of the catalog says when history has changed.
    const parts = { ...this.#parts, historyChanged: async () => undefined };
    for await (const item of snapshotAndWatch(parts, place.range, signal)) this.#came(place, item);
  }

  #came(place: Place, item: RangeFeed): void {
    if (item.kind === "bookmark") return;
    if (item.kind === "snapshot") {
      const isNew = item.revision < place.given || item.kvs.some(({ modRevision }) => modRevision > place.given);
      if (!isNew) return;
      this.#isBehind = true;
    } else {
      for (const { type, kv } of item.events) if (type === "put") this.#add(place, kv);
    }
    if (this.#isBehind || this.#waiting.length > 0) this.#wake?.();
  }

  #add(place: Place, kv: KeyValue): void {
    if (this.#isBehind) return;
    this.#waiting.push({ place, kv });
    this.#characters += kv.value.length;
    if (this.#waiting.length <= MOST_WAITING && this.#characters <= MOST_CHARACTERS) return;
    this.#isBehind = true;
    this.#clear();
  }

  /** What waits and was not given yet. */
  #take(): readonly KeyValue[] {
    const fresh = this.#waiting.filter(({ place, kv }) => kv.modRevision > place.given);
    for (const { place, kv } of fresh) place.given = kv.modRevision;
    this.#newest = Math.max(this.#newest, ...keptEvents(fresh.map(({ kv }) => kv)).map(({ at }) => at));
    this.#clear();
    return fresh.map(({ kv }) => kv);
  }

  #clear(): void {
    this.#waiting = [];
    this.#characters = 0;
  }

  async #news(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#isBehind || this.#waiting.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}

/** Of one namespace and of the whole cluster; or all of it, of which the oldest is left out by its key where it can be. */
function rangesOf(namespace: string | undefined, since: number): readonly Required<KeyRange>[] {
  if (namespace === undefined) return [below(EVENTS_PREFIX)];
  return [namespace, undefined].map((of) => ({ key: eventsSince(of, since), end: below(eventsPrefix(of)).end }));
}
