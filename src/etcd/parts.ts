// What everything in this folder is built from.

import type { Clock, EtcdWire, Logger, Rng } from "../model/ports.js";

export type Parts = {
  readonly wire: EtcdWire;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly serverId: string;
};
