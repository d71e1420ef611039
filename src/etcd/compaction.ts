// Keeps the store's history short: the leader forgets what is older than ten minutes, every five. Must not know what the
// history is of.

import { isReason } from "../model/errors.js";
import { MINUTE, type Milliseconds } from "../model/instant.js";
import { LEADER_KEY } from "./keys.js";
import type { Parts } from "./parts.js";

const EVERY: Milliseconds = 5 * MINUTE;
/** Watches and pages may be that far behind. */
const KEPT: Milliseconds = 10 * MINUTE;

/** Which revision the store had when, as this server has seen it over all its terms: one alone may be shorter than what is kept. */
export class PastRevisions {
  #noted: { readonly revision: bigint; readonly at: Milliseconds }[] = [];

  /** Gives, once each, the newest revision that is old enough to be forgotten. @param at by the monotonic clock. */
  note(revision: bigint, at: Milliseconds): bigint | undefined {
    const last = this.#noted.at(-1);
    // The store was put back: what it had then is another history.
    if (last !== undefined && revision < last.revision) this.#noted = [];
    if (this.#noted.length === 0 || at - (last?.at ?? at) >= EVERY) this.#noted.push({ revision, at });
    const old = this.#noted.filter((one) => at - one.at >= KEPT);
    this.#noted = this.#noted.slice(old.length);
    return old.at(-1)?.revision;
  }
}

/** Works until the signal; never rejects. A compaction that fails is made up for by the next one. */
export async function keepCompacting(
  { wire, clock, log, past }: Pick<Parts, "wire" | "clock" | "log"> & { readonly past: PastRevisions },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { revision } = await wire.range({ key: LEADER_KEY, keysOnly: true });
      const old = past.note(revision, clock.monotonic());
      if (old !== undefined && old > 0n && !signal.aborted) await wire.compact(old);
    } catch (error) {
      // Another leader has compacted further already.
      if (!signal.aborted && !isReason(error, "PAGE_TOKEN_EXPIRED"))
        log.warn({ error }, "the store's history could not be compacted");
    }
    await clock.sleep(EVERY, signal).catch(() => undefined);
  }
}
