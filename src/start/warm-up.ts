// Loads what is needed sooner or later, once the first calls have had their chance.

import type { Metrics } from "../http/metrics.js";
import { SECOND } from "../model/instant.js";
import type { Clock, Logger, Runtime } from "../model/ports.js";

type Parts = {
  readonly metrics: Metrics;
  readonly engine: Promise<Runtime>;
  readonly log: Logger;
  readonly clock: Clock;
};

/** Never rejects. */
export async function warmUp({ metrics, engine, log, clock }: Parts, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(2 * SECOND, signal);
    await metrics.page();
  } catch (error) {
    if (!signal.aborted) log.warn({ error }, "metrics cannot be loaded");
  }
  // Who follows a leader should not have to load its library first; an engine that is away is the leader's affair.
  await engine.then((known) => (signal.aborted ? undefined : known.info())).catch(() => undefined);
}
