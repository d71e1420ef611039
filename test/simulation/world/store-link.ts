// The wire of one process to the world's etcd, over a network with faults: what is lost, late, cut, old or said twice is
// decided here, call by call. Failures are those that the wire over a real etcd has.

import type { Reason } from "../../../src/model/errors.js";
import type { Milliseconds } from "../../../src/model/instant.js";
import type {
  Compare,
  EtcdWire,
  KeepAliveStream,
  KeyRange,
  Op,
  RangeRequest,
  StoreStatus,
  WatchMessage,
  WatchStream,
} from "../../../src/model/ports.js";
import type { Fate } from "./faults.js";
import { failure, type LinkParts, LinkStream } from "./link-stream.js";
import type { Seeded } from "./seeded.js";

/** As in the wire over etcd. */
const CALL_DEADLINE: Milliseconds = 2000;
/** Pings that go unanswered for that long break a connection. */
const DEAD_AFTER: Milliseconds = 8000;

/** A stale read is that many revisions old, at most. */
const [NEAR, FAR] = [12, 200];

export class StoreLink implements EtcdWire {
  readonly #parts: LinkParts;
  readonly #streams = new Set<LinkStream<unknown>>();
  /** Of the partition that is now; a later one has another number. */
  #partition: number | undefined;
  #partitions = 0;
  readonly #broken = (): void => this.#breakAll();

  constructor(parts: LinkParts) {
    this.#parts = parts;
    parts.etcd.onBreak.add(this.#broken);
  }

  /** Its process is no more. */
  dispose(): void {
    this.#parts.etcd.onBreak.delete(this.#broken);
    for (const stream of [...this.#streams]) stream.close();
  }

  /** No partition is in between. */
  get isOpen(): boolean {
    return this.#partition === undefined;
  }

  /** Nothing comes through in either direction. */
  part(): void {
    const { timeline } = this.#parts.process;
    const partition = ++this.#partitions;
    this.#partition = partition;
    timeline.after(DEAD_AFTER, () => this.#partition === partition && this.#breakAll());
  }

  heal(): void {
    this.#partition = undefined;
    for (const stream of [...this.#streams]) stream.release();
  }

  range(request: RangeRequest) {
    const isStale = (request.revision ?? 0n) === 0n && this.#parts.fate.strikes("store stale read");
    const back = isStale ? this.#parts.chance.whole(1, this.#parts.chance.chance(0.3) ? FAR : NEAR) : 0;
    return this.#call("range", false, async (wire) => {
      const { visible } = this.#parts.etcd;
      if (back === 0 || visible === undefined) return wire.range(request);
      const revision = BigInt(Math.max(visible.revision - back, visible.history.compacted, 1));
      return { ...(await wire.range({ ...request, revision })), revision };
    });
  }

  txn(compares: readonly Compare[], success: readonly Op[], failure: readonly Op[] = []) {
    const writes = [...success, ...failure].some(({ op }) => op !== "range");
    return this.#call("txn", writes, (wire) => wire.txn(compares, success, failure), success);
  }

  compact(revision: bigint) {
    return this.#call("compact", true, (wire) => wire.compact(revision));
  }

  leaseGrant(ttlSeconds: number) {
    return this.#call("lease grant", true, (wire) => wire.leaseGrant(ttlSeconds));
  }

  leaseRevoke(lease: bigint) {
    return this.#call("lease revoke", true, (wire) => wire.leaseRevoke(lease));
  }

  leaseKeepAlive(lease: bigint): KeepAliveStream {
    const { fate } = this.#parts;
    const stream = this.#open<{ readonly ttlSeconds: number }>();
    const send = (): void => {
      if (fate.strikes("store lost request") || fate.strikes("store lost reply")) return;
      stream.send((wire) => {
        const raw = wire.leaseKeepAlive(lease);
        raw.send();
        const answer = raw[Symbol.asyncIterator]().next();
        answer.then(
          ({ value }) => {
            raw.close();
            if (value === undefined) return;
            // Versions before 3.4.38 may say that a lease goes on which is over.
            const isLie = value.ttlSeconds <= 0 && fate.strikes("store keepalive lie");
            stream.come(isLie ? { ttlSeconds: 5 } : value);
          },
          (error: unknown) => stream.break(error),
        );
      });
    };
    return { send, close: () => stream.close(), [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() };
  }

  watch(request: KeyRange & { readonly startRevision: bigint; readonly previous?: boolean }): WatchStream {
    const { etcd } = this.#parts;
    const stream = this.#open<WatchMessage>();
    let raw: WatchStream | undefined;
    stream.onClose = () => raw?.close();
    stream.send((wire) => {
      if (stream.isClosed) return;
      raw = wire.watch(request);
      void this.#pump(raw, stream, etcd.boots);
    });
    return {
      requestProgress: () => stream.send(() => raw?.requestProgress()),
      close: () => stream.close(),
      [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
    };
  }

  status(): Promise<StoreStatus> {
    return this.#call("status", false, (wire) => wire.status());
  }

  async *backup(): AsyncGenerator<Uint8Array> {
    yield* [];
    throw failure("STORE_UNREACHABLE", "no backups are taken here");
  }

  close(): void {
    this.#breakAll();
  }

  async #pump(raw: WatchStream, stream: LinkStream<WatchMessage>, boot: number): Promise<void> {
    const { fate, etcd, chance, process } = this.#parts;
    try {
      for await (const message of raw) {
        if (stream.isClosed || etcd.boots !== boot || !this.#passOn(message, stream)) break;
        // Meanwhile history may be compacted away under it.
        const rest = fate.strikes("store watch slow") ? chance.between(50, 6000) : 0;
        if (rest > 0) await new Promise<void>((go) => process.timeline.after(rest, go));
      }
      stream.break(failure("STORE_UNREACHABLE", "the stream ended"));
    } catch (error) {
      stream.break(error);
    } finally {
      raw.close();
    }
  }

  /** False: the connection is cut before all of it has come. */
  #passOn(message: WatchMessage, stream: LinkStream<WatchMessage>): boolean {
    const { fate, chance } = this.#parts;
    for (const part of parts(message, fate, chance)) {
      if (fate.strikes("store watch cut")) return false;
      stream.come(part);
      if (part.events.length > 0 && fate.strikes("store watch duplicate")) stream.come(part);
    }
    return true;
  }

  #open<T>(): LinkStream<T> {
    const stream = new LinkStream<T>(this.#parts, {
      isParted: () => this.#partition !== undefined,
      closed: (one) => this.#streams.delete(one as LinkStream<unknown>),
    });
    this.#streams.add(stream as LinkStream<unknown>);
    return stream;
  }

  #breakAll(): void {
    for (const stream of [...this.#streams]) stream.break(failure("STORE_UNREACHABLE", "the connection broke"));
  }

  #call<T>(call: string, writes: boolean, run: (wire: EtcdWire) => Promise<T>, ops: readonly Op[] = []): Promise<T> {
    const { etcd, process, fate } = this.#parts;
    const { timeline } = process;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const settle = (act: () => void): void => {
        if (isOver) return;
        isOver = true;
        timeline.cancel(deadline);
        process.deliver(act);
      };
      const lost = writes ? "OUTCOME_UNKNOWN" : "STORE_UNREACHABLE";
      const fail = (reason: Reason, why: string) => () => settle(() => reject(failure(reason, `${call}: ${why}`)));
      const deadline = timeline.after(CALL_DEADLINE, fail(lost, "no answer in time"));
      if (this.#partition !== undefined || fate.strikes("store lost request")) return;
      if (fate.strikes("store refused")) {
        timeline.after(1, fail("STORE_UNREACHABLE", "no connection"));
        return;
      }
      const boot = etcd.boots;
      const sentAt = timeline.now;
      const answered = (act: () => void): void => {
        if (this.#partition !== undefined || fate.strikes("store lost reply")) return;
        timeline.after(this.#delay(), () => {
          if (etcd.boots !== boot) fail(lost, "the connection broke")();
          else if (this.#partition === undefined) settle(act);
        });
      };
      const go = (): unknown =>
        timeline.after(this.#late() + this.#delay(), () => {
          const refused = fail("STORE_UNREACHABLE", "no connection");
          etcd.arrive(
            process.name,
            (wire) => {
              run(wire).then(
                (value) => answered(() => resolve(value)),
                (error: unknown) => answered(() => reject(error)),
              );
            },
            refused,
            sentAt,
          );
        });
      if (!writes || !fate.keeps({ by: process.name, what: "write", ops }, go)) go();
    });
  }

  /** It arrives when nobody waits for it any more. */
  #late(): Milliseconds {
    return this.#parts.fate.strikes("store late request") ? this.#parts.chance.between(0.5, 4) * CALL_DEADLINE : 0;
  }

  #delay(): Milliseconds {
    const { chance, fate } = this.#parts;
    return fate.strikes("store slow") ? chance.between(20, 1500) : chance.between(0.2, 2);
  }
}

/** Messages of one revision may be divided, as large ones are. */
function parts(message: WatchMessage, fate: Fate, chance: Seeded): readonly WatchMessage[] {
  if (message.events.length < 2 || !fate.strikes("store watch fragment")) return [message];
  const at = chance.whole(1, message.events.length - 1);
  return [
    { ...message, fragment: true, events: message.events.slice(0, at) },
    { ...message, events: message.events.slice(at) },
  ];
}
