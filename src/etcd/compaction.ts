// Keeps the store's history short: the leader forgets what is older than ten minutes, every five. Must not know what the
// history is of.

import { isReason } from "../model/errors.js";
import { MINUTE, type Milliseconds } from "../model/instant.js";
import { LEADER_KEY } from "./keys.js";
import type { Parts } from "./parts.js";

const EVERY: Milliseconds = 5 * MINUTE;
/** Watches and pages may be that far behind. In whole periods, since a revision is noted once each. */
const PERIODS_KEPT = 2;

/** Works until the signal; never rejects. A compaction that fails is made up for by the next one. */
export async function keepCompacting(
  { wire, clock, log }: Pick<Parts, "wire" | "clock" | "log">,
  signal: AbortSignal,
): Promise<void> {
  const noted: bigint[] = [];
  while (!signal.aborted) {
    try {
      const { revision } = await wire.range({ key: LEADER_KEY, keysOnly: true });
      noted.push(revision);
      const old = noted.length > PERIODS_KEPT ? noted.shift() : undefined;
      if (old !== undefined && old > 0n && !signal.aborted) await wire.compact(old);
    } catch (error) {
      // Another leader has compacted further already.
      if (!signal.aborted && !isReason(error, "PAGE_TOKEN_EXPIRED"))
        log.warn({ error }, "the store's history could not be compacted");
    }
    await clock.sleep(EVERY, signal).catch(() => undefined);
  }
}
