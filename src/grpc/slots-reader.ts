// The slots records, which say why a group is not as asked: read from the slots records, which the catalog does not mirror. Kept for a second, and
// not asked for while the store is silent: an answer without reasons is better than none.

import type { Milliseconds } from "../model/instant.js";
import { SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { SlotsRecord } from "../model/slots.js";
import type { CatalogFeed } from "../model/store.js";

const FRESH: Milliseconds = SECOND;
const PATIENCE: Milliseconds = SECOND;
const PAUSE_AFTER_FAILURE: Milliseconds = 3 * SECOND;
const MOST_KEPT = 2000;

type Kept = { readonly slots: SlotsRecord | undefined; readonly at: Milliseconds };

export class SlotsReader {
  private readonly kept = new Map<string, Kept>();
  private quietUntil: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly feed: Pick<CatalogFeed, "readSlots">,
    private readonly clock: Clock,
  ) {}

  /** The record, at most a second old; the last known one, or undefined, when the store does not answer. Never fails. */
  async read(namespace: string, groupUid: string): Promise<SlotsRecord | undefined> {
    const key = `${namespace}/${groupUid}`;
    const kept = this.kept.get(key);
    const now = this.clock.monotonic();
    if (kept !== undefined && now - kept.at < FRESH) return kept.slots;
    if (now < this.quietUntil) return kept?.slots;
    try {
      const slots = await this.withPatience(this.feed.readSlots(namespace, groupUid));
      if (this.kept.size >= MOST_KEPT) this.kept.clear();
      this.kept.set(key, { slots, at: this.clock.monotonic() });
      return slots;
    } catch {
      this.quietUntil = this.clock.monotonic() + PAUSE_AFTER_FAILURE;
      return kept?.slots;
    }
  }

  private async withPatience<T>(promise: Promise<T>): Promise<T> {
    const done = new AbortController();
    const tooLong = this.clock.sleep(PATIENCE, done.signal).then(() => {
      throw new Error("the store did not answer in time");
    });
    try {
      return await Promise.race([promise, tooLong]);
    } finally {
      done.abort();
      tooLong.catch(() => undefined);
    }
  }
}
