// Every version of every key that is not compacted away, in memory: what was there at any revision, and what each
// revision did. Knows no disk, no lease and no request.

import type { KeyValue } from "./gen/etcd.js";
import { SortedMap } from "./sorted-map.js";
import type { Span } from "./span.js";

/** What one revision made of one key. A message is shared by all who answer with it: nobody changes it. */
export type Version = {
  readonly key: string;
  readonly revision: number;
  /** The key is gone from here on; of the message only key and mod revision say anything. */
  readonly deleted: boolean;
  readonly kv: KeyValue;
};

export type KeyHistory = { readonly key: string; readonly versions: Version[] };
export type Found = { readonly versions: Version[]; readonly count: number };

export const NO_BYTES = Buffer.alloc(0);
/** What a version takes besides its key and value, roughly. */
const VERSION_OVERHEAD = 200;

/** As in etcd, an empty store is at revision 1. */
export const FIRST_REVISION = 1;
/** As in etcd: even a watch from revision 0 is not before it. */
export const NEVER_COMPACTED = -1;

export class History {
  readonly #keys = new SortedMap<KeyHistory>();
  readonly #revisions = new Map<number, readonly Version[]>();
  /** Of the revision that is being written. */
  #draft: Version[] = [];
  #head = FIRST_REVISION;
  #compacted = NEVER_COMPACTED;
  #bytes = 0;

  /** The newest complete revision. */
  get head(): number {
    return this.#head;
  }

  /** Below it nothing can be asked for. */
  get compacted(): number {
    return this.#compacted;
  }

  /** What all versions take in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The newest complete revision, or the one being written as soon as it has changed something. */
  get draftRevision(): number {
    return this.#draft.length > 0 ? this.#head + 1 : this.#head;
  }

  /** What a revision did, in order; empty when nothing of it is left. */
  changesOf(revision: number): readonly Version[] {
    return this.#revisions.get(revision) ?? [];
  }

  /** Revisions of which something is left, in order. */
  revisions(): IterableIterator<number> {
    return this.#revisions.keys();
  }

  /** The key's version that stands at that revision; a deleted one is none. */
  at(key: string, revision: number): Version | undefined {
    const found = this.#keys.get(key);
    const version = found === undefined ? undefined : standing(found.versions, revision);
    return version?.deleted ? undefined : version;
  }

  /** What stands in the span at that revision, in the order of keys; at most so many, though all are counted. */
  find(span: Span, revision: number, most = Number.POSITIVE_INFINITY): Found {
    const versions: Version[] = [];
    if (span.single) {
      const version = this.at(span.first, revision);
      if (version !== undefined && most > 0) versions.push(version);
      return { versions, count: version === undefined ? 0 : 1 };
    }
    let count = 0;
    this.#keys.visit(span.first, span.end, (one) => {
      const version = standing(one.versions, revision);
      if (version === undefined || version.deleted) return;
      if (count++ < most) versions.push(version);
    });
    return { versions, count };
  }

  /** Part of the revision that is being written. */
  put(key: Buffer, value: Buffer, lease: bigint): Version {
    const name = key.toString("latin1");
    const revision = this.#head + 1;
    const before = this.at(name, revision)?.kv;
    const modRevision = BigInt(revision);
    const kv: KeyValue = {
      key: before?.key ?? key,
      createRevision: before?.createRevision ?? modRevision,
      modRevision,
      version: (before?.version ?? 0n) + 1n,
      value,
      lease,
    };
    return this.#write({ key: name, revision, deleted: false, kv });
  }

  /** Part of the revision that is being written. */
  delete({ key, kv }: Version): Version {
    const revision = this.#head + 1;
    return this.#write({ key, revision, deleted: true, kv: tombstone(kv.key, revision) });
  }

  /** The revision being written is complete. Undefined: nothing was written, and there is no new revision. */
  finish(): readonly Version[] | undefined {
    if (this.#draft.length === 0) return undefined;
    const changes = this.#draft;
    this.#draft = [];
    this.#revisions.set(++this.#head, changes);
    return changes;
  }

  /** Takes up a revision from the disk: revisions come in order, their changes too. */
  load(revision: number, changes: readonly Version[]): void {
    for (const version of changes) this.#append(version);
    this.#revisions.set(revision, changes);
    this.#head = Math.max(this.#head, revision);
  }

  /** Takes up from the disk that history before that revision is gone. */
  loadCompacted(revision: number): void {
    this.#compacted = revision;
    this.#head = Math.max(this.#head, revision);
  }

  /** As if nothing after that revision had ever been written, nor what is being written. */
  rollBack(revision: number): void {
    for (const version of this.#draft.reverse()) this.#forget(version, "newest");
    this.#draft = [];
    for (; this.#head > revision; this.#head--) {
      for (const version of [...this.changesOf(this.#head)].reverse()) this.#forget(version, "newest");
      this.#revisions.delete(this.#head);
    }
  }

  /** Forgets what a compaction has found to be of no use any more: every key's oldest versions. */
  compact(revision: number, dropped: readonly Version[], left: ReadonlyMap<number, readonly Version[]>): void {
    for (const version of dropped) this.#forget(version, "oldest");
    for (const [one, changes] of left) {
      if (changes.length === 0) this.#revisions.delete(one);
      else this.#revisions.set(one, changes);
    }
    this.#compacted = revision;
  }

  /** Hangs every key on the lease that it was put with, as far as there is one. */
  attachLeases(leases: { detachAll(): void; attach(id: bigint, key: string): void }): void {
    leases.detachAll();
    this.#keys.visit("", undefined, ({ versions }) => {
      const last = versions.at(-1);
      if (last !== undefined && last.kv.lease !== 0n) leases.attach(last.kv.lease, last.key);
    });
  }

  /** Keys whose lease is not there hang on none: nothing would ever end them, and no one could tell. */
  letGoOfLost(leases: { has(id: bigint): boolean }): void {
    this.#keys.visit("", undefined, ({ versions }) => {
      const kv = versions.at(-1)?.kv;
      if (kv !== undefined && kv.lease !== 0n && !leases.has(kv.lease)) kv.lease = 0n;
    });
  }

  /** All versions of a key, oldest first. */
  versionsOf(key: string): readonly Version[] {
    return this.#keys.get(key)?.versions ?? [];
  }

  #write(version: Version): Version {
    this.#draft.push(version);
    this.#append(version);
    return version;
  }

  #append(version: Version): void {
    const found = this.#keys.get(version.key);
    if (found === undefined) this.#keys.add(version.key, { key: version.key, versions: [version] });
    else found.versions.push(version);
    this.#bytes += bytesOf(version);
  }

  #forget(version: Version, which: "oldest" | "newest"): void {
    const found = this.#keys.get(version.key);
    if (found === undefined) return;
    if (which === "newest") found.versions.pop();
    else found.versions.shift();
    if (found.versions.length === 0) this.#keys.remove(version.key);
    this.#bytes -= bytesOf(version);
  }
}

export function tombstone(key: Buffer, revision: number): KeyValue {
  return { key, createRevision: 0n, modRevision: BigInt(revision), version: 0n, value: NO_BYTES, lease: 0n };
}

export const bytesOf = ({ kv }: Version): number => kv.key.length + kv.value.length + VERSION_OVERHEAD;

/** The last version at or before that revision. */
function standing(versions: readonly Version[], revision: number): Version | undefined {
  const newest = versions.at(-1);
  if (newest === undefined || newest.revision <= revision) return newest;
  let low = 0;
  let high = versions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((versions[middle] as Version).revision <= revision) low = middle + 1;
    else high = middle;
  }
  return versions[low - 1];
}
