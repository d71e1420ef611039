// What a term writes whatever the groups do: its epoch each minute and whenever history may have changed, which ends the
// term if it has; and old answers to requests deleted each hour.

import { HOUR, MINUTE } from "../model/instant.js";
import { Alarm, repeat } from "./alarm.js";
import type { Office } from "./office.js";
import { persistently } from "./persist.js";

/** One request id has one effect for that long. */
const REQUESTS_KEPT = 24 * HOUR;

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
    const { clock, end } = this.#office;
    await Promise.all([
      this.#keepEpoch(),
      repeat(clock, HOUR, end, () => this.#quietly("forgetting old requests", () => this.#forgetRequests())),
    ]);
  }

  async #keepEpoch(): Promise<void> {
    const { end } = this.#office;
    while (!end.aborted) {
      await this.#alarm.wait(MINUTE);
      if (!end.aborted) await this.#quietly("writing the epoch", () => this.#writeEpoch());
    }
  }

  async #writeEpoch(): Promise<void> {
    const { store, clock } = this.#office;
    await this.#office.write((fence) => store.writeEpoch(fence, this.#epoch, clock.now()));
  }

  #forgetRequests(): Promise<void> {
    const { store, clock } = this.#office;
    return this.#office.attempt((fence) => store.forgetRequests(fence, clock.now() - REQUESTS_KEPT));
  }

  async #quietly(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#office.end.aborted) this.#office.log.warn({ err: error }, `${what} failed`);
    }
  }
}
