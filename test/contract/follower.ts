// A reader of the feed that keeps the state, as the catalog does, and checks what every feed has to hold.

import type { CatalogFeed, EntryAt, Feed } from "../../src/model/store.js";
import { until } from "../support/until.js";

export class Follower {
  readonly entries = new Map<string, EntryAt>();
  /** Keys of every delta, one list per revision. */
  readonly deltas: { readonly revision: bigint; readonly keys: readonly string[] }[] = [];
  snapshots = 0;
  bookmarks = 0;
  revision = 0n;
  epoch = "";
  isProven = false;
  /** What the feed may never do, in words. */
  readonly violations: string[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(feed: Pick<CatalogFeed, "follow">) {
    this.#done = this.#read(feed);
  }

  /** Until the state is at or past that revision. */
  reach(revision: bigint): Promise<true> {
    return until(`the feed reaches revision ${revision}`, async () => this.revision >= revision);
  }

  watching(): Promise<true> {
    return until("the feed watches", async () => this.bookmarks > 0);
  }

  /** Key -> mod revision. */
  state(): Record<string, string> {
    return Object.fromEntries([...this.entries].map(([key, { modRevision }]) => [key, String(modRevision)]).sort());
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #read(feed: Pick<CatalogFeed, "follow">): Promise<void> {
    for await (const item of feed.follow(this.#stop.signal)) this.#apply(item);
  }

  #apply(item: Feed): void {
    const { revision, epoch } = item.cursor;
    if (item.kind !== "snapshot" && revision < this.revision) this.violations.push(`went back to ${revision}`);
    if (item.kind === "delta" && revision === this.revision) this.violations.push(`${revision} came twice`);
    this.revision = revision;
    this.epoch = epoch;
    this.isProven = item.unproven !== true;
    switch (item.kind) {
      case "snapshot":
        this.snapshots++;
        this.entries.clear();
        for (const entry of item.entries) this.entries.set(entry.key, entry);
        return;
      case "delta":
        this.deltas.push({ revision, keys: [...item.put.map(({ key }) => key), ...item.removed] });
        for (const entry of item.put) this.#put(entry, revision);
        for (const key of item.removed) this.entries.delete(key);
        return;
      case "bookmark":
        this.bookmarks++;
        return;
    }
  }

  #put(entry: EntryAt, revision: bigint): void {
    if (entry.modRevision !== revision) this.violations.push(`${entry.key} of another revision than its delta`);
    this.entries.set(entry.key, entry);
  }
}

/** The same form as Follower.state(), read at one revision. */
export function stateOf(entries: readonly EntryAt[]): Record<string, string> {
  return Object.fromEntries(entries.map(({ key, modRevision }) => [key, String(modRevision)] as const).sort());
}
