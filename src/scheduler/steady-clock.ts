// A wall clock that does not jump: for deadlines that are counted from stored times. Knows nothing of what is counted.

import type { Instant, Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

/** Of the time that passes: so much faster or slower it goes until it is where the machine's wall clock is. */
const CATCHES_UP = 1 / 20;

/**
 * Begins at the machine's wall clock and goes on as time passes, whatever somebody sets the wall clock to; that is caught up
 * with bit by bit, an hour in twenty. Never goes back.
 */
export function steadyClock(clock: Clock): Clock {
  let wall: Instant = clock.now();
  let at: Milliseconds = clock.monotonic();
  return {
    now: () => {
      const passed = Math.max(0, clock.monotonic() - at);
      at += passed;
      const due = wall + passed;
      const most = passed * CATCHES_UP;
      wall = due + Math.max(-most, Math.min(most, clock.now() - due));
      return Math.round(wall);
    },
    monotonic: () => clock.monotonic(),
    sleep: (length, signal) => clock.sleep(length, signal),
  };
}
