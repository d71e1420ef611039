// The catalog's range as a feed of decoded entries, each with the cursor that it leads to.

import type { HostRecord } from "../model/host.js";
import type { KeyValue } from "../model/ports.js";
import type { RolloutsRecord } from "../model/rollout.js";
import type { SlotsRecord } from "../model/slots.js";
import type { CatalogFeed, EntryAt, Feed, Scope, Versioned } from "../model/store.js";
import { entryAt, isCatalogKey } from "./entries.js";
import { appendEpoch, isEpochKey, newestEpoch } from "./epochs.js";
import { isOfGroups, rangeOfGroups } from "./group-keys.js";
import { Hosts } from "./hosts.js";
import { CATALOG_RANGE, rolloutsKey, slotsKey } from "./keys.js";
import type { Parts } from "./parts.js";
import { rangeAll } from "./ranges.js";
import { slotsCodec } from "./record-codec.js";
import { rolloutsCodec } from "./rollout-codec.js";
import { mustRead } from "./stored.js";
import { snapshotAndWatch } from "./watch.js";
import type { RangeFeed } from "./watch-session.js";

export class EtcdCatalogFeed implements CatalogFeed {
  readonly #parts: Parts;
  readonly #hosts: Hosts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#hosts = new Hosts(parts);
  }

  async *follow(signal: AbortSignal): AsyncGenerator<Feed, void, undefined> {
    const decoder = new FeedDecoder(this.#parts.log);
    const parts = { ...this.#parts, historyChanged: () => appendEpoch(this.#parts) };
    for await (const item of snapshotAndWatch(parts, CATALOG_RANGE, signal)) yield decoder.decode(item);
  }

  /** STORE_DAMAGED when the record cannot be understood. */
  async readSlots(namespace: string, groupUid: string): Promise<SlotsRecord | undefined> {
    const { kvs } = await this.#parts.wire.range({ key: slotsKey(namespace, groupUid) });
    const [stored] = kvs;
    return stored === undefined ? undefined : mustRead(slotsCodec, stored).value;
  }

  async readRollouts(namespace: string, groupUid: string): Promise<Versioned<RolloutsRecord> | undefined> {
    const { kvs } = await this.#parts.wire.range({ key: rolloutsKey(namespace, groupUid) });
    const [stored] = kvs;
    return stored === undefined ? undefined : mustRead(rolloutsCodec, stored);
  }

  readHosts(): Promise<readonly Versioned<HostRecord>[]> {
    return this.#hosts.list();
  }

  async presentKeys(scope: Scope): Promise<{ readonly keys: ReadonlyMap<string, bigint>; readonly revision: bigint }> {
    const { kvs, revision } = await rangeAll(this.#parts.wire, rangeOfGroups(scope), { keysOnly: true });
    const found = kvs.filter(({ key }) => isOfGroups(key, scope));
    return { keys: new Map(found.map(({ key, modRevision }) => [key, modRevision])), revision };
  }

  async readAt(revision: bigint): Promise<readonly EntryAt[]> {
    const { kvs } = await rangeAll(this.#parts.wire, CATALOG_RANGE, { revision });
    return kvs.flatMap((kv) => entryAt(kv) ?? []);
  }
}

/** Keeps which epoch is the newest and what proves it, and which broken values have been logged. */
class FeedDecoder {
  readonly #log: Parts["log"];
  readonly #epochs = new Map<string, bigint>();
  readonly #complained = new Map<string, bigint>();
  #newest = "";
  /** The one of the first listing, until it is written again by a leader who was there before us and is there still. */
  #unproven: string | undefined;
  #hasListed = false;

  constructor(log: Parts["log"]) {
    this.#log = log;
  }

  decode(item: RangeFeed): Feed {
    switch (item.kind) {
      case "snapshot":
        return this.#snapshot(item);
      case "delta":
        return this.#delta(item);
      case "bookmark":
        return { kind: "bookmark", ...this.#place(item.revision) };
    }
  }

  #snapshot({ kvs, revision }: Extract<RangeFeed, { kind: "snapshot" }>): Feed {
    this.#epochs.clear();
    this.#newest = "";
    this.#noteEpochs(kvs);
    // Where there is none nobody has led, and no container was ever made.
    if (!this.#hasListed && this.#newest !== "") this.#unproven = this.#newest;
    this.#hasListed = true;
    return { kind: "snapshot", entries: kvs.flatMap((kv) => this.#entry(kv)), ...this.#place(revision) };
  }

  /** A revision that changed nothing of the catalog's still moves the cursor. */
  #delta({ events, revision }: Extract<RangeFeed, { kind: "delta" }>): Feed {
    const put: EntryAt[] = [];
    const removed: string[] = [];
    for (const { type, kv } of events) {
      if (type === "put") {
        this.#seeWritten(kv);
        const entries = this.#entry(kv);
        put.push(...entries);
        if (entries.length === 0 && isCatalogKey(kv.key)) removed.push(kv.key);
      } else {
        this.#epochs.delete(kv.key);
        this.#complained.delete(kv.key);
        if (isCatalogKey(kv.key)) removed.push(kv.key);
      }
    }
    const place = this.#place(revision);
    return put.length + removed.length === 0
      ? { kind: "bookmark", ...place }
      : { kind: "delta", put, removed, ...place };
  }

  #seeWritten(kv: KeyValue): void {
    this.#noteEpochs([kv]);
    if (isEpochKey(kv.key) && newestEpoch([kv]) === this.#newest) this.#unproven = undefined;
  }

  #noteEpochs(kvs: readonly KeyValue[]): void {
    const epochs = kvs.filter(({ key }) => isEpochKey(key));
    for (const { key, createRevision } of epochs) this.#epochs.set(key, createRevision);
    if (epochs.length > 0) {
      this.#newest = newestEpoch([...this.#epochs].map(([key, createRevision]) => ({ key, createRevision })));
    }
  }

  #place(revision: bigint): Pick<Feed, "cursor" | "unproven"> {
    const cursor = { epoch: this.#newest, revision };
    return this.#unproven === cursor.epoch ? { cursor, unproven: true } : { cursor };
  }

  #entry(kv: KeyValue): EntryAt[] {
    const at = entryAt(kv);
    if (at === undefined) return [];
    if (at.entry.kind === "broken" && this.#complained.get(kv.key) !== kv.modRevision) {
      this.#complained.set(kv.key, kv.modRevision);
      this.#log.warn({ key: kv.key, problem: at.entry.problem }, "skipped a broken value in the store");
    }
    return [at];
  }
}
