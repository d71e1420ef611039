// What the store is built from in tests: the machine's clock and chance, and a log that says nothing.

import type { Clock, Logger, Rng } from "../../src/model/ports.js";
import { systemClock, systemRng } from "../../src/system.js";

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

export type TestParts = {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly serverId: string;
};

export function testParts(serverId = "server-1"): TestParts {
  return { clock: systemClock, rng: systemRng, log: silent, serverId };
}
