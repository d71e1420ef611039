// How long a slot waits after failures. No randomness: one leader acts, and each slot has its own clock.

import { MINUTE, type Milliseconds, SECOND } from "../model/instant.js";

/** Also of what waits for an image, or for a port. */
export const LONGEST_DELAY: Milliseconds = 5 * MINUTE;

/** After that many failures in a row: 1 s, doubling to 5 min; 0 before the first. */
export function slotDelay(failures: number): Milliseconds {
  return failures <= 0 ? 0 : Math.min(SECOND * 2 ** (failures - 1), LONGEST_DELAY);
}
