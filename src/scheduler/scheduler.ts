// The scheduler of the elected server: one term at a time, each from nothing. Must not know who elects.

import type { Term } from "../model/store.js";
import { Office } from "./office.js";
import type { SchedulerDeps } from "./scheduler-deps.js";
import { NOT_LEADING, type SchedulerStatus } from "./scheduler-status.js";
import { TermWork } from "./term-work.js";

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
