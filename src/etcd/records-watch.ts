// The leader's watch of what it writes itself beside the catalog's range: hosts, leader key, recovery record, slots. Tells
// when another hand has changed one of them. What is only added to or looked up (requests, history, servers) is not in it.

import type { Milliseconds } from "../model/instant.js";
import type { KeyRange } from "../model/ports.js";
import { appendEpoch } from "./epochs.js";
import { below, HOSTS_PREFIX, REQUESTS_PREFIX, SLOTS_PREFIX } from "./keys.js";
import type { OwnWrites } from "./own-writes.js";
import type { Parts } from "./parts.js";
import { snapshotAndWatch } from "./watch.js";
import type { RangeFeed } from "./watch-session.js";

/** Hosts, leader key and recovery record lie side by side. */
const RANGES: readonly KeyRange[] = [{ key: HOSTS_PREFIX, end: REQUESTS_PREFIX }, below(SLOTS_PREFIX)];
/** The answer to a write of our own may come after its event. */
const ANSWERED_WITHIN: Milliseconds = 200;

/** Calls `changed` after each change by another hand, and after each new listing. Until the signal; never rejects. */
export async function followRecords(
  parts: Parts,
  own: OwnWrites,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  const historyChanged = () => appendEpoch(parts);
  await Promise.all(
    RANGES.map(async (range) => {
      const strangers = new Strangers(parts, own, changed);
      for await (const item of snapshotAndWatch({ ...parts, historyChanged }, range, signal))
        strangers.take(item, signal);
    }),
  );
}

/** Tells the events of others from those of our own writes, once these have been answered. */
class Strangers {
  readonly #parts: Parts;
  readonly #own: OwnWrites;
  readonly #changed: () => void;
  #seen = new Map<string, bigint>();
  #isListed = false;

  constructor(parts: Parts, own: OwnWrites, changed: () => void) {
    this.#parts = parts;
    this.#own = own;
    this.#changed = changed;
  }

  take(item: RangeFeed, signal: AbortSignal): void {
    if (item.kind === "bookmark") return;
    if (item.kind === "snapshot") {
      // The first listing is what the term begins with.
      if (this.#isListed) this.#changed();
      this.#isListed = true;
      return;
    }
    const isWaiting = this.#seen.size > 0;
    for (const { kv } of item.events) this.#seen.set(kv.key, kv.modRevision);
    if (!isWaiting) void this.#judge(signal);
  }

  async #judge(signal: AbortSignal): Promise<void> {
    await this.#parts.clock.sleep(ANSWERED_WITHIN, signal).catch(() => undefined);
    const seen = [...this.#seen];
    this.#seen = new Map();
    if (!signal.aborted && seen.some(([key, revision]) => !this.#own.has(key, revision))) this.#changed();
  }
}
