// What happens by the clock alone: leases end, watches hear that nothing is missing, nobody waits for a disk that hangs.

import type { Milliseconds } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import type { Journal } from "./journal.js";
import type { LeaseDesk } from "./lease-desk.js";
import type { Leases } from "./leases.js";
import type { WatchStream } from "./watch-stream.js";

/** Shorter than any lease lasts, so that a new one is seen before it ends. */
const LONGEST_SLEEP: Milliseconds = 1000;
const PROGRESS_EVERY: Milliseconds = 10 * 60_000;

export type TickerParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly leases: Leases;
  readonly desk: LeaseDesk;
  readonly journal: Journal;
  readonly streams: ReadonlySet<WatchStream>;
};

/** Runs until the signal. Never fails. */
export async function tick(parts: TickerParts, signal: AbortSignal): Promise<void> {
  const { clock, journal, streams } = parts;
  let notifyAt = clock.monotonic() + PROGRESS_EVERY;
  while (!signal.aborted) {
    await clock.sleep(restOf(parts), signal).catch(() => undefined);
    if (signal.aborted) return;
    journal.giveUpWaiting();
    endLeases(parts);
    if (clock.monotonic() < notifyAt) continue;
    notifyAt = clock.monotonic() + PROGRESS_EVERY;
    for (const stream of streams) stream.notifyProgress();
  }
}

function restOf({ clock, leases, journal }: TickerParts): Milliseconds {
  if (journal.trouble !== undefined) return LONGEST_SLEEP;
  return Math.max(1, Math.min(LONGEST_SLEEP, Math.ceil(leases.firstEnd - clock.monotonic())));
}

/** While the disk takes no writes they stay, of no use to anybody. */
function endLeases({ clock, log, leases, desk, journal }: TickerParts): void {
  if (journal.trouble !== undefined) return;
  for (const { id } of leases.endedBy(clock.monotonic())) {
    desk.revoke(id).catch((error: unknown) => log.debug({ err: error }, "a lease that ended could not be revoked yet"));
  }
}
