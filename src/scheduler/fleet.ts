// What is given away on all hosts together, read once for all passes of the same moment. Must not know who asks.

import type { Intent, Reserves } from "../model/container.js";
import type { HostRecord } from "../model/host.js";
import { SECOND } from "../model/instant.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { Holdings } from "./holdings.js";
import type { HostBook } from "./host-book.js";
import { type HeldPlace, heldPlace } from "./host-holdings.js";
import type { Office } from "./office.js";
import type { SchedulerDeps } from "./scheduler-deps.js";
import { SharedReading } from "./shared-reading.js";

export type FleetReading = {
  /** At least what was held when this was read, and what is promised: later readings and promises are in it too. */
  readonly holdings: Holdings;
  /** Per host, as HostBook.doubts(), from before the reservations were read. */
  readonly doubts: ReadonlyMap<string, number>;
};

/** Whatever changes it is told: by our own writes, and by the mirror. */
const KEEP = 30 * SECOND;

export class Fleet {
  readonly #office: Office;
  readonly #book: HostBook;
  readonly #hosts: readonly string[];
  readonly #reservations: SchedulerDeps["reservations"];
  readonly #reading: SharedReading<FleetReading>;
  readonly #holdings = new Holdings();
  /** Promises that were kept or broken: a reading that is begun from now on knows which. */
  readonly #settled = new Set<HeldPlace>();
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

  /**
   * From now on every plan counts these intents, which are about to be written, so that plans made side by side give
   * nothing away twice. @returns to be called when the write is over, however it went.
   */
  promise(group: GroupRef, intents: readonly Intent[], config: Reserves | undefined): () => void {
    const places = intents.map((intent) => {
      const { cpu = 0, mem = 0 } = intent.reserves ?? config ?? {};
      return heldPlace(groupId(group), { group, intent, cpu, mem });
    });
    for (const place of places) this.#holdings.promise(place);
    return () => {
      for (const place of places) this.#settled.add(place);
    };
  }

  /** As last read or written. */
  records(): readonly HostRecord[] {
    return this.#book.records();
  }

  async #read(): Promise<FleetReading> {
    const { store, since } = this.#office;
    if (since > this.#given) this.#given = since;
    const settled = [...this.#settled];
    this.#book.learn(await store.readHosts());
    // A write of ours whose answer was lost shows in the host's record.
    const { unexpected } = this.#book;
    if (unexpected > this.#given) this.#given = unexpected;
    const doubts = new Map(this.#hosts.map((host) => [host, this.#book.doubts(host)]));
    this.#holdings.take(await this.#reservations(this.#given));
    for (const place of settled) {
      this.#settled.delete(place);
      this.#holdings.forget(place);
    }
    return { holdings: this.#holdings, doubts };
  }
}
