// The host records as this term last read or wrote them, one writer per host at a time. Must not know why they change.

import { isReason, TheseusError } from "../model/errors.js";
import type { HostRecord } from "../model/host.js";
import type { Versioned } from "../model/store.js";
import { createLane, type Lane } from "./lane.js";

type Page = { record: Versioned<HostRecord> | undefined; doubts: number; isBeingWritten: boolean; readonly lane: Lane };

/** Writes the record it is given on the condition of the modRevision it is given (0n: not there yet), and gives what is stored then. */
export type HostWrite = (held: Versioned<HostRecord> | undefined) => Promise<Versioned<HostRecord> | undefined>;

export class HostBook {
  readonly #pages = new Map<string, Page>();
  #unexpected = 0n;

  /** The newest revision of a record that was not known to be written by us: what was given away with it has to be seen. */
  get unexpected(): bigint {
    return this.#unexpected;
  }

  /** Takes in what was read from the store, unless something newer is known. */
  learn(records: readonly Versioned<HostRecord>[]): void {
    for (const read of records) {
      const page = this.#page(read.value.name);
      if (page.record !== undefined && page.record.modRevision >= read.modRevision) continue;
      page.record = read;
      // What is being written is most likely our own; where it is not, the write fails.
      if (!page.isBeingWritten) this.#wonder(page, read);
    }
  }

  /** Takes in what was read in place of all that was known: the store was restored, or the record deleted. */
  replace(host: string, read: Versioned<HostRecord> | undefined): void {
    const page = this.#page(host);
    page.record = read;
    this.#wonder(page, read);
  }

  record(host: string): HostRecord | undefined {
    return this.#page(host).record?.value;
  }

  records(): readonly HostRecord[] {
    return [...this.#pages.values()].flatMap(({ record }) => (record === undefined ? [] : [record.value]));
  }

  /**
   * How often something may have been given away here that no promise of ours stands for: an answer was lost, or another
   * hand wrote. A plan made from an earlier count does not know it.
   */
  doubts(host: string): number {
    return this.#page(host).doubts;
  }

  /** Runs the write when no other one of this host is running, on the newest record known. */
  change(host: string, write: HostWrite): Promise<void> {
    const page = this.#page(host);
    return page.lane(async () => {
      const held = page.record;
      page.isBeingWritten = true;
      try {
        page.record = await write(held);
      } catch (error) {
        // What was read meanwhile is not what a write that failed has written, as far as anybody knows.
        if (page.record !== held) this.#wonder(page, page.record);
        throw error;
      } finally {
        page.isBeingWritten = false;
      }
    });
  }

  /** As change, for a write that gives ports and room away. CONFLICT when there were doubts since they were counted. */
  assign(host: string, doubts: number, write: HostWrite): Promise<void> {
    return this.change(host, async (held) => {
      const page = this.#page(host);
      if (page.doubts !== doubts) {
        throw new TheseusError("CONFLICT", { what: `something else was given room on host ${host} meanwhile` });
      }
      if (held === undefined) throw new TheseusError("CONFLICT", { what: `host ${host} has no record any more` });
      try {
        return await write(held);
      } catch (error) {
        if (!isReason(error, "CONFLICT")) page.doubts++;
        throw error;
      }
    });
  }

  #wonder(page: Page, read: Versioned<HostRecord> | undefined): void {
    page.doubts++;
    if (read !== undefined && read.modRevision > this.#unexpected) this.#unexpected = read.modRevision;
  }

  #page(host: string): Page {
    let page = this.#pages.get(host);
    if (page === undefined) {
      page = { record: undefined, doubts: 0, isBeingWritten: false, lane: createLane(1) };
      this.#pages.set(host, page);
    }
    return page;
  }
}
