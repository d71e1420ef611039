// For the few things that a term cannot begin without: tried until they work.

import { type Bounds, jittered } from "./back-off.js";
import type { Office } from "./office.js";

const BOUNDS: Bounds = { first: 200, most: 5000 };

/** The work's result, or undefined when the term ended first. Logs the first failure in a row. */
export async function persistently<T>(office: Office, what: string, work: () => Promise<T>): Promise<T | undefined> {
  for (let failures = 1; !office.end.aborted; failures++) {
    try {
      return await work();
    } catch (error) {
      if (office.end.aborted) return undefined;
      if (failures === 1) office.log.warn({ err: error }, `${what} failed, trying again`);
      await office.clock.sleep(jittered(office.rng, failures, BOUNDS), office.end).catch(() => undefined);
    }
  }
  return undefined;
}
