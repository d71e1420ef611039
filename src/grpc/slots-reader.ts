// The slots records, which say why a group is not as asked and which the catalog does not mirror. Kept for a second, and
// not asked for while the store is silent: an answer without reasons is better than none.

import { isReason } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import { type Attention, NO_SLOTS, type SlotsRecord } from "../model/slots.js";
import type { CatalogFeed } from "../model/store.js";

const FRESH: Milliseconds = SECOND;
const PATIENCE: Milliseconds = SECOND;
const PAUSE_AFTER_FAILURE: Milliseconds = 3 * SECOND;
const MOST_KEPT = 2000;

type Kept = { readonly slots: SlotsRecord | undefined; readonly at: Milliseconds; readonly seen: bigint };

/** A value that was left out, for people. Since when is not known. */
export function damaged(problem: string): Attention {
  return { reason: "STORE_DAMAGED", text: `a value in the store cannot be understood: ${problem}`, since: 0 };
}

export class SlotsReader {
  private readonly kept = new Map<string, Kept>();
  private quietUntil: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly feed: Pick<CatalogFeed, "readSlots">,
    private readonly clock: Clock,
  ) {}

  /**
   * The record, at most a second old; the last known one, or undefined, when the store does not answer. Never fails.
   * @param seen what is known of the group is of that revision: the reasons are no older.
   */
  async read(namespace: string, groupUid: string, seen = 0n): Promise<SlotsRecord | undefined> {
    const key = `${namespace}/${groupUid}`;
    const kept = this.kept.get(key);
    const now = this.clock.monotonic();
    if (kept !== undefined && now - kept.at < FRESH && kept.seen >= seen) return kept.slots;
    if (now < this.quietUntil) return kept?.slots;
    try {
      const slots = await this.withPatience(this.feed.readSlots(namespace, groupUid));
      if (this.kept.size >= MOST_KEPT) this.kept.clear();
      this.kept.set(key, { slots, at: this.clock.monotonic(), seen });
      return slots;
    } catch (error) {
      if (isReason(error, "STORE_DAMAGED")) {
        return { ...NO_SLOTS, attention: (error.facts.why ?? [error.facts.what]).map(damaged) };
      }
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
