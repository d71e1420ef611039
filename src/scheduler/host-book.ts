// The host records as this term last read or wrote them, one writer per host at a time. Must not know why they change.

import { TheseusError } from "../model/errors.js";
import type { HostRecord } from "../model/host.js";
import type { Versioned } from "../model/store.js";
import { createLane, type Lane } from "./lane.js";

type Page = { record: Versioned<HostRecord> | undefined; assignments: number; readonly lane: Lane };

/** Writes the record it is given on the condition of the modRevision it is given (0n: not there yet), and gives what is stored then. */
export type HostWrite = (held: Versioned<HostRecord> | undefined) => Promise<Versioned<HostRecord> | undefined>;

export class HostBook {
  readonly #pages = new Map<string, Page>();

  /** Takes in what was read from the store, unless something newer is known. */
  learn(records: readonly Versioned<HostRecord>[]): void {
    for (const read of records) {
      const page = this.#page(read.value.name);
      if (page.record === undefined || page.record.modRevision < read.modRevision) page.record = read;
    }
  }

  /** Takes in what was read in place of all that was known: the store was restored, or the record deleted. */
  replace(host: string, read: Versioned<HostRecord> | undefined): void {
    this.#page(host).record = read;
  }

  record(host: string): HostRecord | undefined {
    return this.#page(host).record?.value;
  }

  records(): readonly HostRecord[] {
    return [...this.#pages.values()].flatMap(({ record }) => (record === undefined ? [] : [record.value]));
  }

  /** How many assignments to this host have ended in this term: a plan made from an earlier count does not know them all. */
  assignments(host: string): number {
    return this.#page(host).assignments;
  }

  /** Runs the write when no other one of this host is running, on the newest record known. */
  change(host: string, write: HostWrite): Promise<void> {
    const page = this.#page(host);
    return page.lane(async () => {
      page.record = await write(page.record);
    });
  }

  /** As change, for a write that gives ports and room away. CONFLICT when somebody else did so since `count` was read. */
  assign(host: string, count: number, write: HostWrite): Promise<void> {
    return this.change(host, async (held) => {
      const page = this.#page(host);
      if (page.assignments !== count) {
        throw new TheseusError("CONFLICT", { what: `another group was given room on host ${host} meanwhile` });
      }
      if (held === undefined) throw new TheseusError("CONFLICT", { what: `host ${host} has no record any more` });
      try {
        return await write(held);
      } finally {
        // Only now: who read the count while this was being written may not have seen it. An attempt that failed counts
        // too, since its answer may be what was lost.
        page.assignments++;
      }
    });
  }

  #page(host: string): Page {
    let page = this.#pages.get(host);
    if (page === undefined) {
      page = { record: undefined, assignments: 0, lane: createLane(1) };
      this.#pages.set(host, page);
    }
    return page;
  }
}
