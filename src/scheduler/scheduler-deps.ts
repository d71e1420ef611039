// What the scheduler is built from: ports, and what main.ts decides.

import type { Plan, PlanInput } from "../model/plan.js";
import type { Clock, Logger, Probe, Rng, Runtime } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";
import type { StandingStore } from "../model/registration.js";
import type { GroupReservations } from "../model/reservations.js";
import type { ConfigTexts, SchedulerStore } from "../model/store.js";
import type { HostSettings } from "./host-record.js";

/** Told which group to look at ("all": every one) and, where known, the revision of the change behind it. */
export type WakeListener = (group: GroupRef | "all", revision?: bigint) => void;

export type SchedulerDeps = {
  readonly store: SchedulerStore;
  readonly registrations: StandingStore;
  /** Host name -> its engine. */
  readonly runtimes: ReadonlyMap<string, Runtime>;
  readonly clusterId: string;
  readonly probe: Probe;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly plan: (input: PlanInput) => Plan;
  readonly hostSettings: HostSettings;
  readonly configs: ConfigTexts;
  /** What all intents hold of their hosts, with everything up to that revision. Fails as the store does. */
  readonly reservations: (atLeast: bigint) => Promise<readonly GroupReservations[]>;
  /** Where containers reach the discovery of each server that is registered now. */
  readonly discoveryServers: () => Promise<readonly string[]>;
  /** Registers for changes seen in the store; the answer ends it. */
  readonly wake: (listener: WakeListener) => () => void;
};
