// What the messages of a watch add up to: a snapshot replaces all, a delta changes some, a bookmark moves on in time.

import type { Freshness } from "./freshness.js";
import type { Endpoint, MissReason, NotReady, WatchDelta, WatchResponse } from "./gen/theseus/v1/discovery_service.js";
import type { GroupRef } from "./gen/theseus/v1/reference.js";

/** Everything that is known of what is watched, at one revision. */
export interface ServiceState {
  /** Stable order: namespace, service, labels, slot, name. */
  readonly endpoints: readonly Endpoint[];
  readonly revision: bigint;
  /** Where a watch goes on from here; opaque. */
  readonly cursor: string;
  /** When this was last known to be the store's state, by the server's clock. */
  readonly asOf: Date;
  readonly matchingGroups: number;
  /** Whether or not they are ready. */
  readonly matchingContainers: number;
  /** Why nothing is ready, as far as the last snapshot told; else empty. */
  readonly miss?: MissReason;
  readonly nearMisses: readonly string[];
  readonly notReady: readonly NotReady[];
}

type Facts = Pick<ServiceState, "matchingGroups" | "matchingContainers" | "miss" | "nearMisses" | "notReady">;

const NO_MISS = { nearMisses: [], notReady: [] };

export class Fold {
  readonly #endpoints = new Map<string, Endpoint>();
  #facts: Facts = { matchingGroups: 0, matchingContainers: 0, ...NO_MISS };
  #revision = 0n;
  readonly #freshness: Freshness;
  #asOf = new Date(0);
  #cursor = "";
  /** Of a snapshot that has not come whole. */
  #parts: WatchResponse[] = [];

  /** @param freshness hears of every message. */
  constructor(freshness: Freshness) {
    this.#freshness = freshness;
  }

  /** Of the last message; empty before the first snapshot. */
  get cursor(): string {
    return this.#cursor;
  }

  /** A part of a snapshot has come, and not the last one. */
  get isPartial(): boolean {
    return this.#parts.length > 0;
  }

  /**
   * True when the state is another one now. False too for what this version does not know, and for a part of a snapshot
   * that is not the last: what was known stays until then.
   */
  take(message: WatchResponse): boolean {
    // A new stream begins anew.
    if (message.watchId !== "") this.#parts = [];
    if (message.more) {
      this.#parts.push(message);
      return false;
    }
    const [first, ...others] = [...this.#parts, message];
    this.#parts = [];
    const changes = this.#takeWhole(first);
    // The others only bring more endpoints, and the last one the cursor.
    for (const { content } of others)
      if (content?.$case === "delta") for (const one of content.value.put) this.#put(one);
    this.#cursor = message.cursor;
    return changes;
  }

  #takeWhole({ cursor, revision, content }: WatchResponse): boolean {
    const changes = content?.$case === "snapshot" || content?.$case === "delta";
    if (content?.$case === "snapshot") {
      const { endpoints, asOfTime, matchingGroups, matchingContainers, miss, nearMisses, notReady } = content.value;
      this.#endpoints.clear();
      for (const endpoint of endpoints) this.#put(endpoint);
      this.#facts = { matchingGroups, matchingContainers, nearMisses, notReady, ...(miss === 0 ? {} : { miss }) };
      this.#freshness.told(asOfTime);
      this.#asOf = asOfTime ?? this.#freshness.serverTime();
    } else if (content?.$case === "delta") {
      this.#change(content.value);
      this.#asOf = this.#freshness.serverTime();
      this.#freshness.changed();
    } else if (content?.$case === "bookmark") {
      this.#freshness.told(content.value.asOfTime);
    }
    this.#cursor = cursor;
    if (changes) this.#revision = revision;
    return changes;
  }

  state(): ServiceState {
    const endpoints = [...this.#endpoints.values()].sort(inOrder);
    return { endpoints, revision: this.#revision, cursor: this.#cursor, asOf: this.#asOf, ...this.#facts };
  }

  #put(endpoint: Endpoint): void {
    const { group, name = "" } = endpoint.container ?? {};
    this.#endpoints.set(idOf(group, name), endpoint);
  }

  #change({ put, removed, matchingGroups, matchingContainers }: WatchDelta): void {
    for (const endpoint of put) this.#put(endpoint);
    for (const { group, which } of removed)
      if (which?.$case === "name") this.#endpoints.delete(idOf(group, which.value));
    this.#facts = { matchingGroups, matchingContainers, ...NO_MISS };
  }
}

/** Also the order of groups. */
function idOf(group: GroupRef | undefined, name: string): string {
  const { namespace = "", service = "", labels = [] } = group ?? {};
  return `${namespace || "default"}/${service} ${labels.join(",") || "-"} ${name}`;
}

function inOrder(a: Endpoint, b: Endpoint): number {
  const groups = byText(idOf(a.container?.group, ""), idOf(b.container?.group, ""));
  if (groups !== 0) return groups;
  return (
    (a.container?.slot ?? 0) - (b.container?.slot ?? 0) || byText(a.container?.name ?? "", b.container?.name ?? "")
  );
}

/** The same on every machine. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
