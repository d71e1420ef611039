// What a term writes whatever the groups do: its epoch each minute and whenever history may have changed, which ends the
// term if it has; who of the servers is gone; and each hour what is past its bounds is swept out of the store.

import { HOUR, type Instant, MINUTE, type Milliseconds } from "../model/instant.js";
import type { Fence, SchedulerStore } from "../model/store.js";
import { Alarm, repeat } from "./alarm.js";
import type { Office } from "./office.js";
import { persistently } from "./persist.js";

/** One request id has one effect for that long. */
const REQUESTS_KEPT = 24 * HOUR;

type Sweep = {
  readonly what: string;
  /** Absent: each hour. */
  readonly every?: Milliseconds;
  readonly run: (store: SchedulerStore, fence: Fence, now: Instant) => Promise<void>;
};

/** Everything that leaves the store by its age or number; each on its own, so that one that fails stops no other. */
const SWEEPS: readonly Sweep[] = [
  {
    what: "forgetting old requests",
    run: (store, fence, now) => store.forgetRequests(fence, now - REQUESTS_KEPT),
  },
  { what: "forgetting drains that are over", run: (store, fence) => store.forgetDrains(fence) },
  { what: "forgetting old configs", run: (store, fence, now) => store.forgetHistory(fence, now) },
  // After the configs, with the last of which the evidence of a group goes.
  { what: "forgetting evidence", run: (store, fence) => store.forgetEvidence(fence) },
  {
    what: "forgetting old events",
    every: 5 * MINUTE,
    run: (store, fence, now) => store.forgetEvents(fence, now),
  },
];

const paceOf = ({ every = HOUR }: Sweep): Milliseconds => every;

export class Housekeeping {
  readonly #office: Office;
  readonly #epoch: string;
  readonly #alarm: Alarm;

  constructor(office: Office) {
    this.#office = office;
    this.#epoch = office.rng.hex(8);
    this.#alarm = new Alarm(office.clock, office.end);
  }

  /** Another epoch may have been appended: looked at now, not only at the end of the minute. */
  soon(): void {
    this.#alarm.ring();
  }

  /** Returns when the epoch of this term is in the store, or the term is over. */
  async begin(): Promise<void> {
    await persistently(this.#office, "writing the epoch", () => this.#writeEpoch());
  }

  /** Until the end of the term; never throws. */
  async run(): Promise<void> {
    await Promise.all([this.#keepEpoch(), this.#keepBounds()]);
  }

  async #keepBounds(): Promise<void> {
    const { clock, end } = this.#office;
    await this.#sweep(SWEEPS);
    const paces = new Set(SWEEPS.map(paceOf));
    const ofPace = (pace: Milliseconds) => SWEEPS.filter((sweep) => paceOf(sweep) === pace);
    await Promise.all([...paces].map((pace) => repeat(clock, pace, end, () => this.#sweep(ofPace(pace)))));
  }

  async #sweep(sweeps: readonly Sweep[]): Promise<void> {
    const { store, clock, end } = this.#office;
    for (const { what, run } of sweeps) {
      if (end.aborted) return;
      await this.#quietly(what, () => this.#office.attempt((fence) => run(store, fence, clock.now())));
    }
  }

  async #keepEpoch(): Promise<void> {
    const { end } = this.#office;
    while (!end.aborted) {
      await this.#alarm.wait(MINUTE);
      if (end.aborted) return;
      await this.#quietly("writing the epoch", () => this.#writeEpoch());
      await this.#quietly("looking for servers that are gone", () => this.#keepRoster());
    }
  }

  async #writeEpoch(): Promise<void> {
    const { store, clock } = this.#office;
    await this.#office.write(async (fence) => {
      const written = await store.writeEpoch(fence, this.#epoch, clock.now());
      if (written.ok) this.#office.strengthen(written.fence);
      return written;
    });
  }

  async #keepRoster(): Promise<void> {
    const { store, clock } = this.#office;
    if (!this.#office.end.aborted) await this.#office.attempt((fence) => store.keepRoster(fence, clock.now()));
  }

  async #quietly(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#office.end.aborted) this.#office.log.warn({ err: error }, `${what} failed`);
    }
  }
}
