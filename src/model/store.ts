// The store as the rest of the house sees it: the seed's seventeen methods, the scheduler's fenced writes, and the
// changes people ask for. etcd/ implements it; nothing else knows a key. Every write is a transaction on mod
// revisions. Failures: those of EtcdWire, and the reasons named at each method.

import type { ChangeContext, ChangeResult, GroupChange, RequestIdentity } from "./change.js";
import type { ContainerInfo, Intent } from "./container.js";
import type { Drain, DrainAnswer, DrainRecord } from "./drain.js";
import type { Event } from "./event.js";
import type { Evidence } from "./evidence.js";
import type { EpochWritten, Fence, FencedResult } from "./fence.js";
import type { Change, ConfigRecord, GroupConfig, Pin } from "./group.js";
import type { Cursor, HistoryRecord } from "./history.js";
import type { HostRecord } from "./host.js";
import type { Instant } from "./instant.js";
import type { LabelSet } from "./labels.js";
import type { RecoveryRecord } from "./recovery.js";
import type { ContainerRef, GroupRef, ServiceRef } from "./reference.js";
import type { Reservation } from "./reservations.js";
import type { RolloutsRecord } from "./rollout.js";
import type { SlotsRecord } from "./slots.js";

export type { EpochWritten, Fence, FencedResult } from "./fence.js";

/** A stored value and the revision that last wrote it. */
export type Versioned<T> = { readonly value: T; readonly modRevision: bigint };

export type Written = { readonly revision: bigint };

/** The seed's etcd driver, by name. */
export interface ServiceDirectory {
  createService(service: ServiceRef): Promise<Written>;
  /** GROUP_EXISTS */
  createGroup(group: GroupRef, config: GroupConfig, change: Change): Promise<Written>;
  /** Deletes the keys of an empty service. SERVICE_NOT_EMPTY */
  removeService(service: ServiceRef): Promise<Written>;
  /** Deletes the keys of a group without containers. CONFLICT while containers have keys. */
  removeGroup(group: GroupRef): Promise<Written>;
  serviceExists(service: ServiceRef): Promise<boolean>;
  groupExists(group: GroupRef): Promise<boolean>;
  /** Also services that only a hand-written record implies. */
  getServiceNames(namespace: string): Promise<string[]>;
  getServiceGroups(service: ServiceRef): Promise<LabelSet[]>;
  getServiceContainers(service: ServiceRef): Promise<ContainerRef[]>;
  /** NO_SUCH_GROUP */
  getGroupConfig(group: GroupRef): Promise<ConfigRecord>;
  /** NO_SUCH_GROUP, CONFLICT when from is given and is not the present config_revision. */
  setGroupConfig(group: GroupRef, config: GroupConfig, change: Change, from?: number): Promise<Written>;
  getGroupContainerNames(group: GroupRef): Promise<string[]>;
  containerExists(container: ContainerRef): Promise<boolean>;
  /** NO_SUCH_CONTAINER */
  getContainerInfo(container: ContainerRef): Promise<ContainerInfo>;
  /** NO_SUCH_CONTAINER */
  setContainerInfo(container: ContainerRef, info: ContainerInfo): Promise<Written>;
  /** CONTAINER_EXISTS, GROUP_CLOSED */
  registerContainer(container: ContainerRef, info: ContainerInfo): Promise<Written>;
  /** NO_SUCH_CONTAINER; GROUP_CLOSED for a managed container */
  deregisterContainer(container: ContainerRef): Promise<Written>;
}

/** Everything about one group at one revision. */
export type GroupSnapshot = {
  readonly ref: GroupRef;
  /** Undefined: there is no group key; hand-written records may be there all the same. */
  readonly uid: string | undefined;
  readonly record: Versioned<ConfigRecord> | undefined;
  readonly intents: ReadonlyMap<string, Versioned<Intent>>;
  readonly infos: ReadonlyMap<string, Versioned<ContainerInfo>>;
  readonly slots: Versioned<SlotsRecord> | undefined;
  readonly rollouts: Versioned<RolloutsRecord> | undefined;
  /** By the name of the container that leaves. */
  readonly drains: ReadonlyMap<string, Drain>;
  readonly revision: bigint;
};

/** A drain record without the servers, which the store finds out and compares in the same transaction. */
export type OpenDrain = { readonly name: string } & Omit<DrainRecord, "servers">;

/** What the scheduler writes about one group; each key is compared with what the snapshot had. */
export type GroupWrite = {
  readonly putIntents?: readonly Intent[];
  readonly putInfos?: readonly (readonly [name: string, info: ContainerInfo])[];
  /** Deletes the intent, the info, and the drain with its answers. */
  readonly removeContainers?: readonly string[];
  /** Asks every server that is registered at this write, or was gone without signing off in the 10 minutes before it. */
  readonly openDrains?: readonly OpenDrain[];
  readonly slots?: SlotsRecord;
  readonly rollouts?: RolloutsRecord;
  readonly pin?: Pin;
  readonly host?: { readonly record: HostRecord; readonly modRevision: bigint };
  /** Deletes group, config and slots keys, and the service key when no other group is left. */
  readonly removeGroup?: true;
  /** A config revision of the leader's own making, which takes the place of the present one; it gets its history. */
  readonly record?: ConfigRecord;
  /** Writes the group's key with this uid, in place of another one if there is any, and what is missing above it. */
  readonly uid?: string;
  readonly events?: readonly Event[];
};

/** The text by which a container carries the config that it was made from. */
export interface ConfigTexts {
  /** The same config gives the same text. */
  write(config: GroupConfig): string;
  /** Undefined for what cannot be understood. */
  read(text: string): GroupConfig | undefined;
}

export interface SchedulerStore {
  listGroups(): Promise<{ readonly groups: readonly GroupRef[]; readonly revision: bigint }>;
  /** Linearizable. */
  readGroup(group: GroupRef): Promise<GroupSnapshot>;
  /** Every intent of every namespace with the cpu and mem its group's config asks for; for hosts' reservations. */
  readReservations(): Promise<readonly Reservation[]>;
  writeGroup(fence: Fence, snapshot: GroupSnapshot, write: GroupWrite): Promise<FencedResult>;
  readHosts(): Promise<readonly Versioned<HostRecord>[]>;
  /** @param was its mod revision; 0n: it must not exist yet. */
  writeHost(fence: Fence, record: HostRecord, was: bigint, events?: readonly Event[]): Promise<FencedResult>;
  /**
   * Appends the epoch of a term, the first time; rewrites it when the fence has it; keeps the newest 100. "fenced" also
   * when it is not there any more or another one is newer: history has changed under this leader.
   */
  writeEpoch(fence: Fence, epoch: string, at: Instant): Promise<EpochWritten>;
  /** Deletes drains of containers that have no intent, with their answers. */
  forgetDrains(fence: Fence): Promise<void>;
  /** Notes which servers went without signing off, and forgets those that were noted 10 minutes ago. */
  keepRoster(fence: Fence, now: Instant): Promise<void>;
  /**
   * Calls `changed` after another hand has changed a host, slots, the recovery record or the leader key, and whenever it
   * may have. Until the signal; never rejects.
   */
  followRecords(changed: () => void, signal: AbortSignal): Promise<void>;
  /** Linearizable. Undefined: nothing waits. A record that cannot be understood counts as one without items. */
  readRecovery(): Promise<Versioned<RecoveryRecord> | undefined>;
  /** modRevision 0n: it must not exist yet. A record without items is deleted. */
  writeRecovery(fence: Fence, record: RecoveryRecord, modRevision: bigint): Promise<FencedResult>;
  /** Deletes answers to requests older than that. */
  forgetRequests(fence: Fence, before: Instant): Promise<void>;
  /** True when any config of a group of that uid is recorded, removed or not. Linearizable; false for a text that is no uid. */
  historyKnows(namespace: string, groupUid: string): Promise<boolean>;
  /** The newest ten at most, newest first. One that cannot be understood is left out and logged once. */
  readHistory(namespace: string, groupUid: string): Promise<readonly HistoryRecord[]>;
  /**
   * Deletes what is past its bounds, as pastKeeping() says. A group whose keys are gone without a removal counts as
   * removed from now on.
   */
  forgetHistory(fence: Fence, now: Instant): Promise<void>;
  /**
   * Of a container that has evidence already nothing is written. What makingRoom() says goes in the same transaction. A
   * container goes on the strength of it, so its intent is compared with what was seen.
   * @param spared names of containers.
   */
  keepEvidence(fence: Fence, seen: SeenGroup, evidence: Evidence, spared: readonly string[]): Promise<FencedResult>;
  /**
   * Newest first; with a container only its own. Linearizable. One that cannot be understood is left out and logged once;
   * nothing for a text that is no uid.
   */
  readEvidence(
    group: GroupKey,
    container?: string,
  ): Promise<{ readonly evidence: readonly Evidence[]; readonly revision: bigint }>;
  /** Deletes the evidence of groups of which nothing else is kept any more. */
  forgetEvidence(fence: Fence): Promise<void>;
  /** Deletes events that are past their bounds, as eventsPast() says. */
  forgetEvents(fence: Fence, now: Instant): Promise<void>;
}

/** Of a snapshot, of a group that has a uid. */
export type SeenGroup = Pick<GroupSnapshot, "ref" | "intents"> & { readonly uid: string };

/** What is kept of a group beyond its name. */
export type GroupKey = { readonly namespace: string; readonly uid: string };

export type NamespaceRecord = { readonly name: string; readonly created: Instant };

/** Changes asked for by people and programs. */
export interface ChangeStore {
  /**
   * All in one transaction. GROUP_EXISTS, NO_SUCH_GROUP, NO_SUCH_NAMESPACE, GROUP_REMOVING, CONFLICT, REQUEST_ID_REUSED.
   */
  changeGroups(changes: readonly GroupChange[], context: ChangeContext): Promise<ChangeResult>;
  /** NAMESPACE_EXISTS, REQUEST_ID_REUSED */
  createNamespace(name: string, context: ChangeContext): Promise<ChangeResult>;
  /** NO_SUCH_NAMESPACE, NAMESPACE_NOT_EMPTY, REQUEST_ID_REUSED */
  removeNamespace(name: string, context: ChangeContext): Promise<ChangeResult>;
  /** Deletes the key of a service that nothing is in. NO_SUCH_SERVICE, SERVICE_NOT_EMPTY, REQUEST_ID_REUSED */
  removeEmptyService(service: ServiceRef, context: ChangeContext): Promise<ChangeResult>;
  /**
   * Stores a person's word: `give` makes the new record of the present one, and is asked again when that has changed.
   * Fails as `give` does. REQUEST_ID_REUSED
   */
  giveWord(give: (record: RecoveryRecord) => RecoveryRecord, context: ChangeContext): Promise<ChangeResult>;
  /** What this request was answered before, with `replayed`; undefined: nothing was, or it is not protected. REQUEST_ID_REUSED */
  formerAnswer(request: RequestIdentity): Promise<ChangeResult | undefined>;
  /** Linearizable read of one config, for a change that is made from it. */
  readConfig(
    group: GroupRef,
  ): Promise<{ readonly uid: string; readonly record: ConfigRecord; readonly revision: bigint } | undefined>;
}

// --- the mirror's feed -------------------------------------------------------------------------------------------------

/** One key of the catalog's range, decoded. Foreign or broken values are entries too. */
export type Entry =
  | { readonly kind: "service"; readonly ref: ServiceRef; readonly created?: Instant }
  | { readonly kind: "group"; readonly ref: GroupRef; readonly uid: string; readonly created: Instant }
  | { readonly kind: "config"; readonly ref: GroupRef; readonly record: ConfigRecord }
  | { readonly kind: "intent"; readonly ref: ContainerRef; readonly intent: Intent }
  | { readonly kind: "info"; readonly ref: ContainerRef; readonly info: ContainerInfo }
  | { readonly kind: "namespace"; readonly record: NamespaceRecord }
  | { readonly kind: "cluster"; readonly clusterId: string }
  | { readonly kind: "drain"; readonly container: ContainerRef; readonly record: DrainRecord }
  | {
      readonly kind: "drainAnswer";
      readonly container: ContainerRef;
      readonly serverId: string;
      readonly answer: DrainAnswer;
    }
  /** A key under /services or /namespaces, or a drain, whose value cannot be understood: never served, shown by describe. */
  | { readonly kind: "broken"; readonly ref: ContainerRef | GroupRef | ServiceRef; readonly problem: string };

export type EntryAt = { readonly key: string; readonly entry: Entry; readonly modRevision: bigint };

/** Snapshot replaces all; a delta is all of one revision; a bookmark moves the cursor and says the store is alive. */
export type Feed = (
  | { readonly kind: "snapshot"; readonly entries: readonly EntryAt[] }
  | { readonly kind: "delta"; readonly put: readonly EntryAt[]; readonly removed: readonly string[] }
  | { readonly kind: "bookmark" }
) & {
  readonly cursor: Cursor;
  /**
   * The cursor's epoch was there in the first listing, and has not been written since: if the store was put back while no
   * server was there to see it, cursors that others gave of this epoch are of a history that was lost.
   */
  readonly unproven?: true;
};

/** A part of the groups' keys; absent: all namespaces, all services. */
export type Scope = { readonly namespace?: string; readonly service?: string };

export interface CatalogFeed {
  /** Never ends by itself: it reconnects and lists again as often as it must; a snapshot may come at any time. */
  follow(signal: AbortSignal): AsyncIterable<Feed>;
  /** Slots records, so that any server can say why a group is not as asked. */
  readSlots(namespace: string, groupUid: string): Promise<SlotsRecord | undefined>;
  /** Linearizable. Undefined: the leader has written none. STORE_DAMAGED when the record cannot be understood. */
  readRollouts(namespace: string, groupUid: string): Promise<Versioned<RolloutsRecord> | undefined>;
  readHosts(): Promise<readonly Versioned<HostRecord>[]>;
  /** The keys of groups in the scope with their mod revisions, and the store's present revision. Linearizable. */
  presentKeys(scope: Scope): Promise<{ readonly keys: ReadonlyMap<string, bigint>; readonly revision: bigint }>;
  /** Entries of the range at an old revision, for later pages of a list. PAGE_TOKEN_EXPIRED when it is compacted. */
  readAt(revision: bigint): Promise<readonly EntryAt[]>;
}

// --- drains --------------------------------------------------------------------------------------------------------------

export interface DrainStore {
  /**
   * Writes what this server says of the drain of that revision, as seen at the cursor. Undefined, and nothing is written:
   * the drain is not there any more, history has changed since, or the answer before is not the one of that revision.
   * @param former the revision that wrote the answer before; 0n: there is none.
   */
  answerDrain(drain: AnsweredDrain, answer: DrainAnswer, former: bigint): Promise<Written | undefined>;
}

export type AnsweredDrain = { readonly container: ContainerRef; readonly revision: bigint; readonly seen: Cursor };

// --- leadership ----------------------------------------------------------------------------------------------------------

/** One term of office. */
export type Term = {
  readonly fence: Fence;
  /** Aborted when the term ends, for whatever reason. */
  readonly signal: AbortSignal;
  /** Checked right before each Docker call: false from 0.7 x TTL after the last acknowledged keepalive was sent. */
  mayAct(): boolean;
};

export interface Election {
  /** Campaigns again and again until the signal; runs `lead` for each term and waits for it to return. */
  campaign(lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Server id of the present leader, "" when there is none. */
  leader(): Promise<string>;
}

/** What a server tells of itself; the discovery listeners are told to containers. */
export type Listeners = { readonly discovery: string; readonly version: string };

export interface Membership {
  readonly serverId: string;
  /**
   * Registers this server under a lease and keeps it registered until the signal; then signs off.
   * @param later what it tells from then on, without a moment in between in which it is not registered.
   */
  join(listeners: Listeners, signal: AbortSignal, later?: Promise<Listeners>): Promise<void>;
  /** Resolves once this server has been registered; rejects with the signal's reason. */
  registered(signal: AbortSignal): Promise<void>;
  servers(): Promise<readonly { readonly id: string; readonly discovery: string }[]>;
  /** Drains wait for it: it is registered, or went without signing off in the last 10 minutes. Linearizable. */
  isAwaited(id: string): Promise<boolean>;
}
