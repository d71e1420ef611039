// One watch of a stream: a place in the history, from which it takes what has come since. Keeps nothing else.

import {
  type Event,
  WatchCreateRequest_FilterType as Filter,
  Event_EventType as Type,
  type WatchCreateRequest,
  type WatchResponse,
} from "./gen/etcd.js";
import type { Version } from "./history.js";
import { isInSpan, type Span } from "./span.js";
import type { Visible } from "./visible.js";

/** More than that are not put into one message, whole revisions all the same. */
const MOST_REVISIONS = 1000;
const MOST_BYTES = 1024 * 1024;
/** A watch that takes fragments gets one revision in several messages above that. */
const FRAGMENT_BYTES = 1.5 * 1024 * 1024;
const EVENT_OVERHEAD = 64;

export type WatcherOptions = {
  readonly id: bigint;
  readonly span: Span;
  /** The first revision that is of interest. */
  readonly next: number;
  readonly request: Pick<WatchCreateRequest, "filters" | "prevKv" | "fragment" | "progressNotify">;
};

export class Watcher {
  readonly #visible: Visible;
  readonly #options: WatcherOptions;
  #next: number;
  #isOver = false;

  constructor(visible: Visible, options: WatcherOptions) {
    this.#visible = visible;
    this.#options = options;
    this.#next = options.next;
  }

  get wantsProgress(): boolean {
    return this.#options.request.progressNotify && !this.#isOver;
  }

  /** Everything up to it was taken; Infinity when nothing will come any more. */
  get reached(): number {
    return this.#isOver ? Number.POSITIVE_INFINITY : this.#next - 1;
  }

  /** What has come, in one message or in fragments of one; none: nothing has come. */
  take(): WatchResponse[] {
    const { history } = this.#visible;
    if (this.#isOver) return [];
    if (this.#next < history.compacted) {
      this.#isOver = true;
      return [{ ...this.message([]), header: this.#visible.header(0), ...compactedAt(history.compacted) }];
    }
    const events = this.#collect();
    if (events.length === 0) return [];
    const parts = this.#options.request.fragment ? fragments(events) : [events];
    return parts.map((part, at) => ({ ...this.message(part), fragment: at < parts.length - 1 }));
  }

  /** Says that nothing is missing up to where it is. */
  message(events: Event[]): WatchResponse {
    return {
      header: this.#visible.header(Math.min(this.#next - 1, this.#visible.revision)),
      watchId: this.#options.id,
      created: false,
      canceled: false,
      compactRevision: 0n,
      cancelReason: "",
      fragment: false,
      events,
    };
  }

  /** Whole revisions, as many as go into one message. */
  #collect(): Event[] {
    const { history, revision: last } = this.#visible;
    const events: Event[] = [];
    let bytes = 0;
    for (let revisions = 0; this.#next <= last && revisions < MOST_REVISIONS && bytes < MOST_BYTES; this.#next++) {
      const before = events.length;
      for (const version of history.changesOf(this.#next)) {
        if (!this.#wants(version)) continue;
        const event = this.#event(version);
        events.push(event);
        bytes += bytesOf(event);
      }
      if (events.length > before) revisions++;
    }
    return events;
  }

  #wants({ key, deleted }: Version): boolean {
    const { span, request } = this.#options;
    return isInSpan(span, key) && !request.filters.includes(deleted ? Filter.NODELETE : Filter.NOPUT);
  }

  /** As in etcd, a key that is made has nothing before it, not even one deleted by the same transaction. */
  #event({ key, kv, deleted, revision }: Version): Event {
    const { history } = this.#visible;
    const isMade = !deleted && kv.createRevision === kv.modRevision;
    const asksBefore = this.#options.request.prevKv && !isMade && revision - 1 >= history.compacted;
    return {
      type: deleted ? Type.DELETE : Type.PUT,
      kv,
      prevKv: asksBefore ? history.at(key, revision - 1)?.kv : undefined,
    };
  }
}

const compactedAt = (revision: number) => ({ canceled: true, compactRevision: BigInt(revision) });

/** At least one event each. */
function fragments(events: readonly Event[]): Event[][] {
  const parts: Event[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const size = bytesOf(event);
    if (bytes + size > FRAGMENT_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(event);
    bytes += size;
  }
  return parts;
}

function bytesOf({ kv, prevKv }: Event): number {
  const before = prevKv === undefined ? 0 : prevKv.key.length + prevKv.value.length;
  return EVENT_OVERHEAD + (kv?.key.length ?? 0) + (kv?.value.length ?? 0) + before;
}
