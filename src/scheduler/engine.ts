// One Docker Engine as the term uses it: one shared listing, lanes so that launches starve nothing, and leadership
// checked right before every effect. Must not know what the effects are for.

import { MINUTE, type Milliseconds } from "../model/instant.js";
import type { EngineListing, Mandate, Runtime } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { createLane, type Lane } from "./lane.js";
import { listed } from "./listed.js";
import type { Office } from "./office.js";
import { SharedReading, type Taken } from "./shared-reading.js";

/** What takes long has a lane of its own: pulls may take minutes, stops as long as the grace. */
export type LaneName = "launch" | "pull" | "stop" | "other";

const WIDTHS: Readonly<Record<LaneName, number>> = { launch: 8, pull: 2, stop: 16, other: 8 };
/** How old a listing may be when no event and no call of ours says that anything changed. */
const LISTING_KEEP = 1000;
/** No pass works with a listing that was begun so long ago. */
const REMOVED_KEEP: Milliseconds = MINUTE;

/** Whose container it is. */
export type ContainerOwner = { readonly group: GroupRef; readonly name: string };

export class Engine {
  readonly runtime: Runtime;
  readonly #office: Office;
  readonly #listing: SharedReading<EngineListing>;
  readonly #lanes: Readonly<Record<LaneName, Lane>>;
  /** Containers that are gone by our hand, and since when: they may stand in a listing that was begun before. */
  readonly #removed = new Map<string, Milliseconds>();
  #owners = new Map<string, ContainerOwner>();
  #groups = new Map<string, GroupRef>();

  constructor(runtime: Runtime, office: Office) {
    this.runtime = runtime;
    this.#office = office;
    this.#listing = new SharedReading(() => this.#list(), office.clock, LISTING_KEEP);
    this.#lanes = {
      launch: createLane(WIDTHS.launch),
      pull: createLane(WIDTHS.pull),
      stop: createLane(WIDTHS.stop),
      other: createLane(WIDTHS.other),
    };
  }

  get host(): string {
    return this.runtime.host;
  }

  /** Everything on the engine, from a listing begun after the last change known. */
  list(): Promise<Taken<EngineListing>> {
    return this.#listing.get();
  }

  /** Removes a container that has ended or never began. CANCELLED when the term is over. */
  async remove(id: string): Promise<void> {
    await this.effect((runtime) => runtime.remove(id));
    this.#removed.set(id, this.#office.clock.monotonic());
  }

  /** We have removed it: of what a listing shows of it nothing is true any more. */
  isRemoved(id: string): boolean {
    return this.#removed.has(id);
  }

  /** Something happened on the engine: the listings begun so far are too old. */
  touch(): void {
    this.#listing.touch();
  }

  /** Waits for its turn in the lane and runs the work, whose effects have to go through `effect`. */
  inLane<T>(lane: LaneName, work: () => Promise<T>): Promise<T> {
    return this.#lanes[lane](work);
  }

  /**
   * Asks the engine for something after which a listing of before is as good as it was: it may pull images, remove volumes
   * and what trials have left. CANCELLED when the term is over.
   */
  async ask<T>(call: (runtime: Runtime, mandate: Mandate) => Promise<T>): Promise<T> {
    this.#office.assertMayAct();
    return call(this.runtime, this.#office);
  }

  /**
   * Asks the engine to change a container. CANCELLED when the term is over; what takes several effects has the mandate to
   * ask before each.
   */
  async effect<T>(call: (runtime: Runtime, mandate: Mandate) => Promise<T>): Promise<T> {
    this.#office.assertMayAct();
    this.touch();
    try {
      return await call(this.runtime, this.#office);
    } finally {
      this.touch();
    }
  }

  /** Remembers whose container that is before a listing shows it. */
  remember(id: string, owner: ContainerOwner): void {
    this.#owners.set(id, owner);
    this.#groups.set(groupId(owner.group), owner.group);
  }

  ownerOf(id: string): ContainerOwner | undefined {
    return this.#owners.get(id);
  }

  /** Groups that had containers here by the last listing or since. */
  groups(): Iterable<GroupRef> {
    return this.#groups.values();
  }

  async #list(): Promise<EngineListing> {
    const longAgo = this.#office.clock.monotonic() - REMOVED_KEEP;
    for (const [id, at] of this.#removed) if (at < longAgo) this.#removed.delete(id);
    const listing = await this.runtime.list();
    const { ours } = listing;
    this.#owners = new Map(ours.map(({ id, name, owner }) => [id, { group: owner.group, name }]));
    this.#groups = new Map(
      [...listed(listing).groups].flatMap(([id, [first]]) => (first ? [[id, first.owner.group]] : [])),
    );
    return listing;
  }
}
