// What the handlers of TheseusService stand on, and the few questions that several of them ask.

import type { Group } from "../../clients/gen/theseus/v1/group.js";
import type { Catalog, GroupEntry } from "../model/catalog.js";
import type { TheseusError } from "../model/errors.js";
import type { Timeline } from "../model/event.js";
import type { Instant, Milliseconds } from "../model/instant.js";
import { SECOND } from "../model/instant.js";
import type { GroupLogs } from "../model/logs.js";
import type { Clock, EtcdWire, Rng } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";
import type { GroupReservations } from "../model/reservations.js";
import type { GroupStats } from "../model/stats.js";
import type {
  CatalogFeed,
  ChangeStore,
  Election,
  Membership,
  SchedulerStore,
  ServiceDirectory,
} from "../model/store.js";
import { groupExists, noSuchGroup, noSuchNamespace } from "./error-texts.js";
import type { ForecasterDeps } from "./forecaster.js";
import type { GroupReader } from "./group-reader.js";
import type { FindImage } from "./image-looks.js";
import type { SlotsReader } from "./slots-reader.js";
import type { FindStrangers } from "./strangers.js";
import type { ConfigRules } from "./validate-config.js";

/** The outside world of TheseusService. */
export type TheseusPorts = {
  readonly catalog: Catalog;
  readonly changes: ChangeStore;
  readonly store: Pick<
    SchedulerStore,
    "listGroups" | "readHosts" | "readReservations" | "readRecovery" | "readHistory" | "readEvidence"
  >;
  /** What intents hold of their hosts, with everything up to that revision. Fails as the store does. */
  readonly reservations: (atLeast: bigint) => Promise<readonly GroupReservations[]>;
  /** Records of the leader's that the catalog does not mirror. */
  readonly feed: Pick<CatalogFeed, "readSlots" | "readRollouts">;
  readonly directory: Pick<ServiceDirectory, "serviceExists">;
  readonly election: Pick<Election, "leader">;
  readonly membership: Pick<Membership, "isAwaited" | "serverId" | "servers">;
  /** The store as a thing that is kept: how it is, and a copy of it. */
  readonly storage: Pick<EtcdWire, "status" | "backup">;
  readonly logs: GroupLogs;
  readonly stats: GroupStats;
  /** Absent: this server has no engine to ask for images. */
  readonly findImage?: FindImage;
  readonly findStrangers?: FindStrangers;
  readonly timeline: Timeline;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly rules: ConfigRules;
  readonly version: string;
  readonly startTime: Instant;
  /** What other parts of this server have to complain of, in words. */
  readonly problems?: () => readonly string[];
};

/** How long a change waits for the catalog to show it. */
const PATIENCE: Milliseconds = SECOND;

export class TheseusDeps {
  readonly catalog: Catalog;
  readonly changes: ChangeStore;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly rules: ConfigRules;
  readonly forecaster: ForecasterDeps;

  constructor(
    readonly ports: TheseusPorts,
    private readonly groups: GroupReader,
    readonly slots: SlotsReader,
  ) {
    const { catalog, changes, clock, rng, rules, store } = ports;
    this.catalog = catalog;
    this.changes = changes;
    this.clock = clock;
    this.rng = rng;
    this.rules = rules;
    const { findImage, findStrangers } = ports;
    this.forecaster = { store, slots, clock, clusterId: () => catalog.view().clusterId, findImage, findStrangers };
  }

  missing(ref: GroupRef): TheseusError {
    return noSuchGroup(this.catalog.view(), ref);
  }

  /** GROUP_EXISTS, NO_SUCH_NAMESPACE: what creating this group would be answered. */
  async refuseExisting(ref: GroupRef): Promise<void> {
    const found = await this.changes.readConfig(ref);
    if (found !== undefined) throw groupExists(ref, found.record);
    this.refuseMissingNamespace(ref.namespace);
  }

  refuseMissingNamespace(name: string): void {
    const view = this.catalog.view();
    if (!view.namespaces().some((namespace) => namespace.name === name)) throw noSuchNamespace(view, name);
  }

  /** The group as it is at or after this revision. Never fails a change that has been written: undefined then. */
  async groupAt(ref: GroupRef, revision: bigint, signal: AbortSignal): Promise<Group | undefined> {
    const entry = await this.entryAt(ref, revision, signal).catch(() => undefined);
    if (entry === undefined) return undefined;
    return this.groups.describe(entry, this.catalog.view().revision);
  }

  private async entryAt(ref: GroupRef, revision: bigint, signal: AbortSignal): Promise<GroupEntry | undefined> {
    const patience = new AbortController();
    const waited = this.clock.sleep(PATIENCE, patience.signal).then(
      () => patience.abort(),
      () => undefined,
    );
    try {
      await this.catalog.reach(revision, AbortSignal.any([signal, patience.signal])).catch(() => undefined);
    } finally {
      patience.abort();
      await waited;
    }
    const seen = this.catalog.view();
    const entry = seen.group(ref);
    if (seen.revision >= revision) return entry;
    const stored = await this.changes.readConfig(ref);
    if (stored === undefined) return entry;
    const base = entry ?? { ref, containers: [], problems: [], modRevision: stored.revision };
    return { ...base, uid: stored.uid, record: stored.record };
  }
}
