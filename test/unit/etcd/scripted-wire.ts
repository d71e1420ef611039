// A wire that answers as the test tells it to: a listing, streams whose messages the test sends, leases it grants.

import { MessageQueue } from "../../../src/etcd/message-queue.js";
import { TheseusError } from "../../../src/model/errors.js";
import type {
  EtcdWire,
  KeepAliveStream,
  KeyValue,
  RangeRequest,
  RangeResult,
  StoreStatus,
  TxnResult,
  WatchMessage,
  WatchStream,
  WireEvent,
} from "../../../src/model/ports.js";

export function kv(key: string, modRevision: bigint, value = "{}"): KeyValue {
  return { key, value, createRevision: modRevision, modRevision, version: 1n, lease: 0n };
}

export const putEvent = (key: string, revision: bigint, value = "{}"): WireEvent => ({
  type: "put",
  kv: kv(key, revision, value),
});

export const deleteEvent = (key: string, revision: bigint): WireEvent => ({
  type: "delete",
  kv: kv(key, revision, ""),
});

export class ScriptedWatch implements WatchStream {
  readonly startRevision: bigint;
  readonly #queue = new MessageQueue<WatchMessage>();
  closed = false;
  asked = 0;

  constructor(startRevision: bigint) {
    this.startRevision = startRevision;
  }

  send(message: Partial<WatchMessage>): void {
    this.#queue.push({
      created: false,
      canceled: false,
      compactRevision: 0n,
      cancelReason: "",
      fragment: false,
      headerRevision: 0n,
      events: [],
      ...message,
    });
  }

  break(): void {
    this.#queue.end(new Error("the connection broke"));
  }

  requestProgress(): void {
    this.asked++;
  }

  close(): void {
    this.closed = true;
    this.#queue.end();
  }

  [Symbol.asyncIterator]() {
    return this.#queue[Symbol.asyncIterator]();
  }
}

export class ScriptedKeepAlive implements KeepAliveStream {
  readonly #queue = new MessageQueue<{ readonly ttlSeconds: number }>();
  sent = 0;
  closed = false;
  unanswered = false;

  answer(ttlSeconds: number): void {
    this.#queue.push({ ttlSeconds });
  }

  send(): void {
    this.sent++;
  }

  close(unanswered = false): void {
    this.closed = true;
    this.unanswered = unanswered;
    this.#queue.end();
  }

  [Symbol.asyncIterator]() {
    return this.#queue[Symbol.asyncIterator]();
  }
}

export class ScriptedWire implements EtcdWire {
  listing: readonly KeyValue[] = [];
  revision = 1n;
  /** What a read at an old revision shows; undefined: it is compacted. */
  past: readonly KeyValue[] | undefined;
  ranges = 0;
  failing = false;
  readonly watches: ScriptedWatch[] = [];
  readonly keepAlives: ScriptedKeepAlive[] = [];
  readonly revoked: bigint[] = [];

  /** The newest stream. */
  get stream(): ScriptedWatch {
    const stream = this.watches.at(-1);
    if (stream === undefined) throw new Error("no stream is open");
    return stream;
  }

  async range(request?: RangeRequest): Promise<RangeResult> {
    this.ranges++;
    if (this.failing) throw new Error("the store does not answer");
    if (request?.revision !== undefined && request.revision > 0n) {
      if (this.past === undefined) throw new TheseusError("PAGE_TOKEN_EXPIRED", { what: "compacted" });
      return { kvs: this.past, more: false, revision: this.revision };
    }
    return { kvs: this.listing, more: false, revision: this.revision };
  }

  async txn(): Promise<TxnResult> {
    return { succeeded: true, revision: this.revision, results: [] };
  }

  async compact(): Promise<void> {
    return undefined;
  }

  async leaseGrant(ttlSeconds: number) {
    return { lease: 7n, ttlSeconds };
  }

  async leaseRevoke(lease: bigint): Promise<void> {
    this.revoked.push(lease);
  }

  leaseKeepAlive(): ScriptedKeepAlive {
    const stream = new ScriptedKeepAlive();
    this.keepAlives.push(stream);
    return stream;
  }

  watch({ startRevision }: { readonly startRevision: bigint }): ScriptedWatch {
    const stream = new ScriptedWatch(startRevision);
    this.watches.push(stream);
    return stream;
  }

  async status(): Promise<StoreStatus> {
    const members = [{ endpoint: "scripted" }];
    return { kind: "etcd", version: "3", revision: this.revision, size: 0, sizeInUse: 0, alarms: [], members };
  }

  async *backup(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("a backup");
  }

  close(): void {
    this.watches.at(-1)?.close();
  }
}
