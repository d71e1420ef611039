// What is given away on all hosts together, read once for all passes of the same moment. Must not know who asks.

import type { HostRecord } from "../model/host.js";
import { SECOND } from "../model/instant.js";
import type { Reservation } from "../model/store.js";
import type { HostBook } from "./host-book.js";
import type { Office } from "./office.js";
import type { SchedulerDeps } from "./scheduler-deps.js";
import { SharedReading } from "./shared-reading.js";

export type FleetReading = {
  readonly reservations: readonly Reservation[];
  /** Per host, taken before the reservations were read: an assignment counted later may be missing in them. */
  readonly assignments: ReadonlyMap<string, number>;
};

/** Whatever changes it is told: by our own writes, and by the mirror. */
const KEEP = 30 * SECOND;

export class Fleet {
  readonly #office: Office;
  readonly #book: HostBook;
  readonly #hosts: readonly string[];
  readonly #reservations: SchedulerDeps["reservations"];
  readonly #reading: SharedReading<FleetReading>;
  /** The revision of our last write that gave something away or freed it: it has to be seen. */
  #given = 0n;

  constructor(
    {
      office,
      book,
      reservations,
    }: Pick<SchedulerDeps, "reservations"> & { readonly office: Office; readonly book: HostBook },
    hosts: readonly string[],
  ) {
    this.#office = office;
    this.#book = book;
    this.#reservations = reservations;
    this.#hosts = hosts;
    this.#reading = new SharedReading(() => this.#read(), office.clock, KEEP);
  }

  /** Begun after the last change known. Fails as the store fails. */
  async read(): Promise<FleetReading> {
    return (await this.#reading.get()).value;
  }

  /** Something was given away or freed, or may have been. @param revision of the write, where it is ours and is done. */
  touch(revision = 0n): void {
    if (revision > this.#given) this.#given = revision;
    this.#reading.touch();
  }

  /** As last read or written. */
  records(): readonly HostRecord[] {
    return this.#book.records();
  }

  async #read(): Promise<FleetReading> {
    const { store, since } = this.#office;
    if (since > this.#given) this.#given = since;
    const assignments = new Map(this.#hosts.map((host) => [host, this.#book.assignments(host)]));
    const [records, reservations] = await Promise.all([store.readHosts(), this.#reservations(this.#given)]);
    this.#book.learn(records);
    return { reservations, assignments };
  }
}
