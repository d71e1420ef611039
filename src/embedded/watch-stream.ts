// One stream of watches. Nothing is kept for a reader that does not read but each watch's place in the history and the
// answers to its own requests; messages are made when they are asked for.

import type { EmbeddedWatch } from "./api.js";
import type { WatchCreateRequest, WatchRequest, WatchResponse } from "./gen/etcd.js";
import { spanOf } from "./span.js";
import type { Visible } from "./visible.js";
import { Watcher } from "./watcher.js";

const NO_WATCH = -1n;
const SMALLEST_KEY = Buffer.from([0]);

export class WatchStream implements EmbeddedWatch {
  readonly #visible: Visible;
  readonly #closed: () => void;
  readonly #watchers = new Map<bigint, Watcher>();
  /** Answers to requests, and the rest of a message in fragments: these go before all else. */
  #ready: WatchResponse[] = [];
  /** Asked for progress when this was the newest revision. */
  #progressAsked: number | undefined;
  /** Watches that want progress and have been told nothing since the last notice. */
  #quiet = new Set<bigint>();
  #nextId = 0n;
  #isClosed = false;
  #wake: () => void = () => undefined;

  /** @param closed called once, when the stream is closed. */
  constructor(visible: Visible, closed: (stream: WatchStream) => void) {
    this.#visible = visible;
    const unfollow = visible.follow(() => this.#wake());
    this.#closed = () => {
      unfollow();
      closed(this);
    };
  }

  request({ requestUnion }: WatchRequest): void {
    switch (requestUnion?.$case) {
      case "createRequest":
        this.#create(requestUnion.value);
        break;
      case "cancelRequest":
        this.#cancel(requestUnion.value.watchId);
        break;
      case "progressRequest":
        this.#progressAsked ??= this.#visible.revision;
        break;
      case undefined:
        return;
    }
    this.#wake();
  }

  /** Every watch that asked for it and heard nothing since the last time is told how far it is. */
  notifyProgress(): void {
    for (const [id, watcher] of this.#watchers) {
      if (!watcher.wantsProgress) continue;
      if (this.#quiet.has(id) && watcher.reached >= this.#visible.revision) this.#ready.push(watcher.message([]));
      this.#quiet.add(id);
    }
    this.#wake();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watchers.clear();
    this.#ready = [];
    this.#closed();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchResponse, void, undefined> {
    try {
      while (!this.#isClosed) {
        const message = this.#take();
        if (message !== undefined) yield message;
        else await this.#more();
      }
    } finally {
      this.close();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = () => undefined;
        resolve();
      };
    });
  }

  #take(): WatchResponse | undefined {
    return this.#ready.shift() ?? this.#takeProgress() ?? this.#takeEvents() ?? this.#takeProgress();
  }

  /** In turn: a watch that has got something goes to the end of the line. */
  #takeEvents(): WatchResponse | undefined {
    for (const [id, watcher] of this.#watchers) {
      const [first, ...rest] = watcher.take();
      if (first === undefined) continue;
      this.#ready.push(...rest);
      this.#quiet.delete(id);
      this.#watchers.delete(id);
      this.#watchers.set(id, watcher);
      return first;
    }
    return undefined;
  }

  /** Never ahead of what every watch was sent. */
  #takeProgress(): WatchResponse | undefined {
    if (this.#progressAsked === undefined) return undefined;
    const reached = Math.min(this.#visible.revision, ...[...this.#watchers.values()].map((watcher) => watcher.reached));
    if (reached < this.#progressAsked) return undefined;
    this.#progressAsked = undefined;
    return answer(this.#visible, NO_WATCH, reached);
  }

  #create(request: WatchCreateRequest): void {
    const now = this.#visible.revision;
    const key = request.key.length === 0 ? SMALLEST_KEY : request.key;
    const span = spanOf(key, request.rangeEnd);
    const problem = this.#problem(request, span.end !== undefined && span.first >= span.end);
    if (problem !== undefined) {
      const refused = answer(this.#visible, NO_WATCH, now);
      this.#ready.push({ ...refused, created: true, canceled: true, cancelReason: problem });
      return;
    }
    const id = request.watchId === 0n ? this.#freeId() : request.watchId;
    const next = request.startRevision === 0n ? now + 1 : Number(request.startRevision);
    this.#watchers.set(id, new Watcher(this.#visible, { id, span, next, request }));
    this.#quiet.add(id);
    this.#ready.push({ ...answer(this.#visible, id, now), created: true });
  }

  #problem({ watchId }: WatchCreateRequest, isEmpty: boolean): string | undefined {
    if (isEmpty) return "mvcc: watcher range is empty";
    if (watchId !== 0n && this.#watchers.has(watchId)) return "mvcc: duplicate watch ID provided on the WatchStream";
    return undefined;
  }

  #freeId(): bigint {
    while (this.#watchers.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }

  #cancel(id: bigint): void {
    if (!this.#watchers.delete(id)) return;
    this.#quiet.delete(id);
    this.#ready = this.#ready.filter((message) => message.watchId !== id || message.created);
    this.#ready.push({ ...answer(this.#visible, id, this.#visible.revision), canceled: true });
  }
}

/** A message without events. */
function answer(visible: Visible, watchId: bigint, revision: number): WatchResponse {
  return {
    header: visible.header(revision),
    watchId,
    created: false,
    canceled: false,
    compactRevision: 0n,
    cancelReason: "",
    fragment: false,
    events: [],
  };
}
