// The scheduler of the elected server: one term at a time, each from nothing. Must not know who elects.

import type { Plan, PlanInput } from "../model/plan.js";
import type { Clock, Logger, Probe, Rng, Runtime } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";
import type { SchedulerStore, Term } from "../model/store.js";
import type { HostSettings } from "./host-record.js";
import { Office } from "./office.js";
import { NOT_LEADING, type SchedulerStatus } from "./scheduler-status.js";
import { TermWork } from "./term-work.js";

/** Told which group to look at ("all": every one) and, where known, the revision of the change behind it. */
export type WakeListener = (group: GroupRef | "all", revision?: bigint) => void;

export type SchedulerDeps = {
  readonly store: SchedulerStore;
  /** Host name -> its engine. */
  readonly runtimes: ReadonlyMap<string, Runtime>;
  readonly clusterId: string;
  readonly probe: Probe;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly plan: (input: PlanInput) => Plan;
  readonly hostSettings: HostSettings;
  /** Where containers reach the discovery of each server that is registered now. */
  readonly discoveryServers: () => Promise<readonly string[]>;
  /** Registers for changes seen in the store; the answer ends it. */
  readonly wake: (listener: WakeListener) => () => void;
};

export type Scheduler = {
  /**
   * Works for one term: until its signal, or until a write shows that another server leads. Returns when no store write
   * of the term is in flight; calls to engines that hang are left behind. Never throws.
   */
  lead(term: Term): Promise<void>;
  /** Of the present term. */
  status(): SchedulerStatus;
};

export function createScheduler(deps: SchedulerDeps): Scheduler {
  let present: TermWork | undefined;
  return {
    async lead(term) {
      const office = new Office(term, deps);
      const work = new TermWork(office, deps);
      present = work;
      deps.log.info({}, "leading");
      try {
        await work.run();
      } finally {
        if (present === work) present = undefined;
        deps.log.info({}, "not leading any more");
      }
    },
    status: () => present?.status() ?? NOT_LEADING,
  };
}
