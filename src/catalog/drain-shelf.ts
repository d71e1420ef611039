// The drains of the mirror, kept apart from its groups: an answer to one changes no lookup. Must not know the feed.

import { containerId } from "../model/discovery.js";
import type { Drain, DrainAnswer, DrainRecord } from "../model/drain.js";
import { type ContainerRef, groupId } from "../model/reference.js";
import type { EntryAt, Versioned } from "../model/store.js";

/** A drain, and the revisions that wrote its answers, by server id. */
export type Shelved = {
  readonly container: ContainerRef;
  readonly drain: Drain;
  readonly written: ReadonlyMap<string, bigint>;
};

/** Drains by the group's id, then by the name of the container. */
export type DrainsByGroup = ReadonlyMap<string, ReadonlyMap<string, Drain>>;

/** What is kept of one container; the record may be missing. */
type Place = {
  readonly container: ContainerRef;
  record: Versioned<DrainRecord> | undefined;
  readonly answers: Map<string, Versioned<DrainAnswer>>;
  shelved: Shelved | undefined;
};

const NONE: DrainsByGroup = new Map();

export class DrainShelf {
  readonly #places = new Map<string, Place>();
  #all: readonly Shelved[] | undefined = [];
  #byGroup: DrainsByGroup | undefined = NONE;

  /** The container that this entry concerns the leaving of; undefined: it is no entry of a drain. */
  static containerOf({ entry }: EntryAt): ContainerRef | undefined {
    return entry.kind === "drain" || entry.kind === "drainAnswer" ? entry.container : undefined;
  }

  put({ entry, modRevision }: EntryAt): void {
    if (entry.kind === "drain") this.#placeOf(entry.container).record = { value: entry.record, modRevision };
    else if (entry.kind === "drainAnswer") {
      this.#placeOf(entry.container).answers.set(entry.serverId, { value: entry.answer, modRevision });
    }
  }

  remove({ entry }: EntryAt): void {
    if (entry.kind !== "drain" && entry.kind !== "drainAnswer") return;
    const place = this.#placeOf(entry.container);
    if (entry.kind === "drain") place.record = undefined;
    else place.answers.delete(entry.serverId);
    if (place.record === undefined && place.answers.size === 0) this.#places.delete(containerId(entry.container));
  }

  /** The same list as long as nothing has changed. */
  all(): readonly Shelved[] {
    this.#all ??= [...this.#places.values()].flatMap((place) => shelvedOf(place) ?? []);
    return this.#all;
  }

  /** Immutable. */
  byGroup(): DrainsByGroup {
    this.#byGroup ??= grouped(this.all());
    return this.#byGroup;
  }

  /** For a change: what was worked out before holds no more. */
  #placeOf(container: ContainerRef): Place {
    this.#all = undefined;
    this.#byGroup = undefined;
    const id = containerId(container);
    const place = this.#places.get(id) ?? { container, record: undefined, answers: new Map(), shelved: undefined };
    place.shelved = undefined;
    this.#places.set(id, place);
    return place;
  }
}

function shelvedOf(place: Place): Shelved | undefined {
  const { container, record, answers } = place;
  if (record === undefined) return undefined;
  place.shelved ??= {
    container,
    drain: {
      revision: record.modRevision,
      record: record.value,
      answers: new Map([...answers].map(([server, { value }]) => [server, value])),
    },
    written: new Map([...answers].map(([server, { modRevision }]) => [server, modRevision])),
  };
  return place.shelved;
}

function grouped(all: readonly Shelved[]): DrainsByGroup {
  if (all.length === 0) return NONE;
  const groups = new Map<string, Map<string, Drain>>();
  for (const { container, drain } of all) {
    const id = groupId(container);
    const drains = groups.get(id) ?? new Map<string, Drain>();
    groups.set(id, drains.set(container.name, drain));
  }
  return groups;
}
