// The followers under test: the watch loop itself, and the catalog's feed that is built on it.

import { createStore } from "../../../src/etcd/driver.js";
import { appendEpoch } from "../../../src/etcd/epochs.js";
import { snapshotAndWatch } from "../../../src/etcd/watch.js";
import type { RangeFeed } from "../../../src/etcd/watch-session.js";
import { createEtcdWire } from "../../../src/etcd/wire.js";
import type { EtcdWire, KeyValue, Logger } from "../../../src/model/ports.js";
import type { Feed } from "../../../src/model/store.js";
import { systemClock, systemRng } from "../../../src/system.js";
import { EPOCHS, isCatalogs, RANGE } from "./range.js";
import { type Changes, Follower, type Seen } from "./seen.js";

/** What a watch says when it has lost something and the minute's listing has found it. */
const LOST = /lost changes/;

export async function loopFollower(endpoint: string, name: string, kind: "loop" | "feed"): Promise<Follower> {
  const wire = await createEtcdWire({ endpoints: [endpoint], clock: systemClock });
  return kind === "loop" ? new LoopFollower(wire, name) : new FeedFollower(wire, name);
}

function listening(complaints: string[]): Logger {
  const note = (_: unknown, text: string): void => {
    if (LOST.test(text)) complaints.push(text);
  };
  const log: Logger = { debug: () => undefined, info: () => undefined, warn: note, error: note, child: () => log };
  return log;
}

class LoopFollower extends Follower {
  readonly #wire: EtcdWire;
  readonly #epochs = new Map<string, bigint>();

  constructor(wire: EtcdWire, name: string) {
    super(name);
    this.#wire = wire;
  }

  override shown(_: string, modRevision: number, value: string): string {
    return `${modRevision} ${value}`;
  }

  protected override async *follow(signal: AbortSignal): AsyncGenerator<Seen, void, undefined> {
    const parts = { wire: this.#wire, clock: systemClock, rng: systemRng, log: listening(this.complaints) };
    const historyChanged = async (): Promise<void> => {
      await appendEpoch(parts);
      this.declared++;
    };
    for await (const item of snapshotAndWatch({ ...parts, historyChanged }, RANGE, signal)) yield this.#seen(item);
  }

  override close(): void {
    this.#wire.close();
  }

  #seen(item: RangeFeed): Seen {
    const revision = Number(item.revision);
    if (item.kind === "bookmark") return { kind: "bookmark", revision, epoch: this.#epoch() };
    if (item.kind === "snapshot") {
      this.#epochs.clear();
      for (const kv of item.kvs) this.#noteEpoch(kv);
      const entries = new Map(item.kvs.map((kv) => [kv.key, this.#shownOf(kv)]));
      return { kind: "snapshot", revision, epoch: this.#epoch(), entries };
    }
    const changes = new Map<string, string | undefined>();
    for (const { type, kv } of item.events) {
      if (type === "put") this.#noteEpoch(kv);
      else this.#epochs.delete(kv.key);
      changes.set(kv.key, type === "put" ? this.#shownOf(kv) : undefined);
    }
    return { kind: "delta", revision, epoch: this.#epoch(), changes };
  }

  #shownOf = ({ key, modRevision, value }: KeyValue): string => this.shown(key, Number(modRevision), value);

  #noteEpoch({ key, createRevision }: KeyValue): void {
    if (key.startsWith(EPOCHS)) this.#epochs.set(key, createRevision);
  }

  /** The newest one is the one that was created last. */
  #epoch(): string {
    let newest = "";
    for (const [key, created] of this.#epochs) if (created > (this.#epochs.get(newest) ?? 0n)) newest = key;
    return newest;
  }
}

class FeedFollower extends Follower {
  readonly #wire: EtcdWire;

  constructor(wire: EtcdWire, name: string) {
    super(name);
    this.#wire = wire;
  }

  override shown(key: string, modRevision: number): string | undefined {
    return isCatalogs(key) ? String(modRevision) : undefined;
  }

  protected override async *follow(signal: AbortSignal): AsyncGenerator<Seen, void, undefined> {
    const parts = { clock: systemClock, rng: systemRng, log: listening(this.complaints), serverId: this.name };
    for await (const item of createStore(this.#wire, parts).follow(signal)) yield seenOf(item);
  }

  override close(): void {
    this.#wire.close();
  }
}

function seenOf(item: Feed): Seen {
  const { epoch } = item.cursor;
  const revision = Number(item.cursor.revision);
  switch (item.kind) {
    case "bookmark":
      return { kind: "bookmark", revision, epoch };
    case "snapshot": {
      const entries = new Map(item.entries.map(({ key, modRevision }) => [key, String(modRevision)]));
      return { kind: "snapshot", revision, epoch, entries };
    }
    case "delta": {
      const put = item.put.map(({ key, modRevision }) => [key, String(modRevision)] as const);
      const changes: Changes = new Map([...put, ...item.removed.map((key) => [key, undefined] as const)]);
      return { kind: "delta", revision, epoch, changes };
    }
  }
}
