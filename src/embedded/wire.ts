// The wire to an embedded store in the same process: no gRPC in between, otherwise the same words and failures as the
// wire to an etcd. Must not know keys or values.

import { isReason } from "../model/errors.js";
import type {
  Compare,
  EtcdWire,
  KeepAliveStream,
  KeyRange,
  Op,
  RangeRequest,
  StoreStatus,
  WatchStream,
} from "../model/ports.js";
import type { EmbeddedStore, EmbeddedWatch } from "./api.js";
import { translate } from "./errors.js";
import { KeepAlives } from "./keep-alives.js";
import { notNow } from "./refusals.js";
import {
  opResult,
  rangeResult,
  rawCompare,
  rawKeys,
  rawOp,
  rawRange,
  revisionOf,
  watchMessage,
} from "./wire-messages.js";

const CLOSED = "the connection was closed by this process";

/** Closing the wire ends its streams and leaves the store open: there may be several wires to one store. */
export function createEmbeddedWire(store: EmbeddedStore): EtcdWire {
  return new EmbeddedWire(store);
}

class EmbeddedWire implements EtcdWire {
  readonly #store: EmbeddedStore;
  readonly #streams = new Set<{ close(): void }>();
  #isClosed = false;

  constructor(store: EmbeddedStore) {
    this.#store = store;
  }

  async range(request: RangeRequest) {
    const raw = await this.#call("range", () => this.#store.range(rawRange(request)));
    return rangeResult(raw, revisionOf(raw.header));
  }

  async txn(compares: readonly Compare[], success: readonly Op[], failure: readonly Op[] = []) {
    const request = { compare: compares.map(rawCompare), success: success.map(rawOp), failure: failure.map(rawOp) };
    const raw = await this.#call("txn", () => this.#store.txn(request));
    const revision = revisionOf(raw.header);
    return { succeeded: raw.succeeded, revision, results: raw.responses.map((one) => opResult(one, revision)) };
  }

  async compact(revision: bigint) {
    await this.#call("compact", () => this.#store.compact({ revision, physical: false }));
  }

  async leaseGrant(ttlSeconds: number) {
    const raw = await this.#call("lease grant", () =>
      this.#store.leaseGrant({ ttl: BigInt(Math.trunc(ttlSeconds)), id: 0n }),
    );
    return { lease: raw.id, ttlSeconds: Number(raw.ttl) };
  }

  async leaseRevoke(lease: bigint) {
    try {
      await this.#call("lease revoke", () => this.#store.leaseRevoke(lease));
    } catch (error) {
      // It is gone already.
      if (!isReason(error, "CONFLICT")) throw error;
    }
  }

  leaseKeepAlive(lease: bigint): KeepAliveStream {
    const stream = new KeepAlives(
      async () => {
        const { ttl } = await this.#call("lease keepalive", () => this.#store.leaseKeepAlive(lease));
        return { ttlSeconds: Number(ttl) };
      },
      () => this.#streams.delete(stream),
    );
    this.#streams.add(stream);
    return stream;
  }

  watch(request: KeyRange & { readonly startRevision: bigint; readonly previous?: boolean }): WatchStream {
    const raw = this.#isClosed ? undefined : this.#store.watch();
    raw?.request({
      requestUnion: {
        $case: "createRequest",
        value: {
          ...rawKeys(request),
          startRevision: request.startRevision,
          progressNotify: false,
          filters: [],
          prevKv: request.previous ?? false,
          watchId: 0n,
          fragment: true,
        },
      },
    });
    const close = (): void => {
      raw?.close();
      this.#streams.delete(stream);
    };
    const stream: WatchStream = {
      requestProgress: () => raw?.request({ requestUnion: { $case: "progressRequest", value: {} } }),
      close,
      [Symbol.asyncIterator]: () => this.#messages(raw, close),
    };
    this.#streams.add(stream);
    return stream;
  }

  async status(): Promise<StoreStatus> {
    const raw = await this.#call("status", () => this.#store.status());
    const { members } = await this.#call("members", () => this.#store.memberList());
    const problem = raw.errors.find((text) => !text.includes("alarm:"));
    return {
      kind: "embedded",
      version: raw.version,
      revision: revisionOf(raw.header),
      size: Number(raw.dbSize),
      sizeInUse: Number(raw.dbSizeInUse),
      alarms: raw.errors.some((text) => text.includes("alarm:NOSPACE")) ? ["NOSPACE"] : [],
      members: members.map(({ name }) => ({ endpoint: name, ...(problem !== undefined && { problem }) })),
    };
  }

  async *backup(): AsyncGenerator<Uint8Array, void, undefined> {
    const bytes = this.#store.backup()[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#call("backup", () => bytes.next());
      if (next.done) return;
      yield next.value;
    }
  }

  close() {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.close();
  }

  async #call<T>(call: string, run: () => Promise<T>): Promise<T> {
    try {
      if (this.#isClosed) throw notNow(CLOSED);
      return await run();
    } catch (error) {
      throw translate(error, call);
    }
  }

  async *#messages(raw: EmbeddedWatch | undefined, close: () => void) {
    if (raw === undefined) throw translate(notNow(CLOSED), "watch");
    try {
      for await (const message of raw) yield watchMessage(message);
    } finally {
      close();
    }
  }
}
