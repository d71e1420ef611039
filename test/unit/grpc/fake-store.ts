// A store in memory: changes as ChangeStore makes them, and the feed that a real catalog follows. No keys, no etcd.

import type { ChangeContext, ChangeResult, GroupChange, RequestIdentity } from "../../../src/model/change.js";
import type { ContainerInfo, Intent } from "../../../src/model/container.js";
import { TheseusError } from "../../../src/model/errors.js";
import type { Evidence } from "../../../src/model/evidence.js";
import type { Change, ConfigRecord } from "../../../src/model/group.js";
import { carriedPin } from "../../../src/model/group-status.js";
import type { HistoryRecord } from "../../../src/model/history.js";
import { NOTHING_TO_RECOVER, type RecoveryRecord } from "../../../src/model/recovery.js";
import { type ContainerRef, type GroupRef, groupId, type ServiceRef } from "../../../src/model/reference.js";
import type { Reservation } from "../../../src/model/reservations.js";
import type { RolloutsRecord } from "../../../src/model/rollout.js";
import type { SlotsRecord } from "../../../src/model/slots.js";
import { steered } from "../../../src/model/steering.js";
import type {
  CatalogFeed,
  ChangeStore,
  Entry,
  EntryAt,
  Feed,
  GroupKey,
  SchedulerStore,
  Scope,
} from "../../../src/model/store.js";
import { aHostRecord, NOW } from "../../support/builders.js";

type Reads = Pick<
  SchedulerStore,
  "listGroups" | "readHosts" | "readReservations" | "readRecovery" | "readHistory" | "readEvidence"
>;

export class FakeStore implements ChangeStore, CatalogFeed, Reads {
  revision = 1n;
  hosts = [aHostRecord()];
  slots: SlotsRecord | undefined;
  /** By group uid. */
  readonly rollouts = new Map<string, RolloutsRecord>();
  recovery: RecoveryRecord | undefined;
  /** Newest first. */
  evidence: readonly Evidence[] = [];
  /** Thrown by every call while it is set. */
  broken: Error | undefined;
  /** Called before each change is looked at: the place for somebody else to be quicker. */
  beforeChange: () => void = () => undefined;
  changesAsked = 0;

  /** By group uid, newest first. */
  readonly history = new Map<string, readonly HistoryRecord[]>();
  readonly #entries = new Map<string, EntryAt>();
  readonly #past = new Map<bigint, readonly EntryAt[]>();
  readonly #answers = new Map<string, { digest: string; result: ChangeResult }>();
  readonly #wakers = new Set<() => void>();

  constructor() {
    this.put("cluster", { kind: "cluster", clusterId: "c0ffee" });
  }

  put(key: string, entry: Entry): bigint {
    this.revision += 1n;
    this.#entries.set(key, { key, entry, modRevision: this.revision });
    this.#tell();
    return this.revision;
  }

  delete(...keys: string[]): void {
    this.revision += 1n;
    for (const key of keys) this.#entries.delete(key);
    this.#tell();
  }

  putGroup(ref: GroupRef, record: ConfigRecord, uid = `uid-${groupId(ref)}`): void {
    this.put(`${groupId(ref)}`, { kind: "group", ref, uid, created: NOW });
    this.put(`${groupId(ref)} config`, { kind: "config", ref, record });
    this.#remember(ref, record, uid);
  }

  #remember({ service, labels }: GroupRef, { config, configRevision, change, pin }: ConfigRecord, uid: string): void {
    const kept = (this.history.get(uid) ?? []).filter((one) => one.configRevision !== configRevision);
    const record = { service, labels, config, configRevision, change, ...(pin && { pin }) };
    this.history.set(uid, [record, ...kept]);
  }

  putContainer(ref: ContainerRef, parts: { intent?: Intent; info?: ContainerInfo }): void {
    const key = `${groupId(ref)} ${ref.name}`;
    const { namespace, service, labels, name } = ref;
    const own = { namespace, service, labels, name };
    if (parts.intent !== undefined) this.put(`${key} intent`, { kind: "intent", ref: own, intent: parts.intent });
    if (parts.info !== undefined) this.put(`${key} info`, { kind: "info", ref: own, info: parts.info });
  }

  async changeGroups(changes: readonly GroupChange[], context: ChangeContext): Promise<ChangeResult> {
    this.#answer();
    this.changesAsked += 1;
    const former = await this.formerAnswer(context);
    if (former !== undefined) return former;
    this.beforeChange();
    const held = changes.map((change) => ({ change, record: this.#changed(change, context) }));
    const records = held.filter(({ change }) => change.kind !== "keep");
    for (const { change, record } of records) this.putGroup(change.ref, record);
    const groups = records.map(({ change: { ref }, record }) => ({ ref, configRevision: record.configRevision }));
    const result = { revision: this.revision, replayed: false, groups };
    return this.#answered(context, result);
  }

  async formerAnswer({ namespace, requestId, digest }: RequestIdentity): Promise<ChangeResult | undefined> {
    this.#answer();
    const former = this.#answers.get(`${namespace}/${requestId}`);
    if (former === undefined) return undefined;
    if (former.digest !== digest) throw new TheseusError("REQUEST_ID_REUSED", { what: "reused" });
    return { ...former.result, replayed: true };
  }

  #answered({ namespace, requestId, digest }: RequestIdentity, result: ChangeResult): ChangeResult {
    if (requestId !== "") this.#answers.set(`${namespace}/${requestId}`, { digest, result });
    return result;
  }

  #changed(change: GroupChange, { change: by }: ChangeContext): ConfigRecord {
    const present = this.#record(change.ref);
    const facts = { what: change.kind, group: change.ref };
    if (change.kind === "create") {
      if (present !== undefined) throw new TheseusError("GROUP_EXISTS", facts);
      return { config: change.config, configRevision: 1, change: by, ...(change.pin && { pin: change.pin }) };
    }
    if (present === undefined) throw new TheseusError("NO_SUCH_GROUP", facts);
    if (present.configRevision !== change.from) throw new TheseusError("CONFLICT", facts);
    if (change.kind === "remove") return { ...present, removing: { volumes: change.volumes } };
    if (change.kind === "keep") return present;
    if (change.kind === "steer") {
      return { ...present, steering: steered(present.steering, change.act, by, change.promotions) };
    }
    return nextRecord(present, change, by);
  }

  #record(ref: GroupRef): ConfigRecord | undefined {
    const entry = this.#entries.get(`${groupId(ref)} config`)?.entry;
    return entry?.kind === "config" ? entry.record : undefined;
  }

  async readConfig(ref: GroupRef) {
    this.#answer();
    const record = this.#record(ref);
    return record === undefined ? undefined : { uid: `uid-${groupId(ref)}`, record, revision: this.revision };
  }

  async giveWord(give: (record: RecoveryRecord) => RecoveryRecord, context: ChangeContext): Promise<ChangeResult> {
    const former = await this.formerAnswer(context);
    if (former !== undefined) return former;
    this.beforeChange();
    this.recovery = give(this.recovery ?? NOTHING_TO_RECOVER);
    this.revision += 1n;
    return this.#answered(context, { revision: this.revision, replayed: false, groups: [] });
  }

  async readRecovery() {
    this.#answer();
    return this.recovery === undefined ? undefined : { value: this.recovery, modRevision: this.revision };
  }

  async createNamespace(name: string, { change }: ChangeContext): Promise<ChangeResult> {
    this.#answer();
    if (this.#entries.has(`ns ${name}`)) throw new TheseusError("NAMESPACE_EXISTS", { what: name });
    const revision = this.put(`ns ${name}`, { kind: "namespace", record: { name, created: change.time } });
    return { revision, replayed: false, groups: [] };
  }

  async removeNamespace(name: string): Promise<ChangeResult> {
    this.#answer();
    if (!this.#entries.has(`ns ${name}`)) throw new TheseusError("NO_SUCH_NAMESPACE", { what: name });
    const used = [...this.#entries.values()].some(
      ({ entry }) => entry.kind === "group" && entry.ref.namespace === name,
    );
    if (used) throw new TheseusError("NAMESPACE_NOT_EMPTY", { what: name });
    this.delete(`ns ${name}`);
    return { revision: this.revision, replayed: false, groups: [] };
  }

  async listGroups() {
    this.#answer();
    const groups = [...this.#entries.values()].flatMap(({ entry }) => (entry.kind === "group" ? [entry.ref] : []));
    return { groups, revision: this.revision };
  }

  async readHosts() {
    this.#answer();
    return this.hosts.map((value, i) => ({ value, modRevision: BigInt(i + 1) }));
  }

  async readReservations(): Promise<readonly Reservation[]> {
    this.#answer();
    return [...this.#entries.values()].flatMap(({ entry }) => {
      if (entry.kind !== "intent") return [];
      const config = this.#record(entry.ref)?.config;
      return [{ group: entry.ref, intent: entry.intent, cpu: config?.cpu ?? 0, mem: config?.mem ?? 0 }];
    });
  }

  async readSlots() {
    this.#answer();
    return this.slots;
  }

  async readEvidence(_: GroupKey, container?: string) {
    this.#answer();
    const evidence = this.evidence.filter((one) => container === undefined || one.container === container);
    return { evidence, revision: this.revision };
  }

  async readHistory(_: string, uid: string) {
    this.#answer();
    return this.history.get(uid) ?? [];
  }

  async readRollouts(_: string, uid: string) {
    this.#answer();
    const value = this.rollouts.get(uid);
    return value === undefined ? undefined : { value, modRevision: this.revision };
  }

  async serviceExists({ namespace, service }: ServiceRef): Promise<boolean> {
    return this.#entries.has(`${namespace} ${service}`);
  }

  putService(ref: ServiceRef): void {
    this.put(`${ref.namespace} ${ref.service}`, { kind: "service", ref });
  }

  async removeEmptyService(service: ServiceRef, context: ChangeContext): Promise<ChangeResult> {
    const former = await this.formerAnswer(context);
    if (former !== undefined) return former;
    if (!(await this.serviceExists(service))) throw new TheseusError("NO_SUCH_SERVICE", { what: service.service });
    this.delete(`${service.namespace} ${service.service}`);
    return this.#answered(context, { revision: this.revision, replayed: false, groups: [] });
  }

  /** Revisions that were kept can be read; all others are compacted. */
  keepPast(): bigint {
    this.#past.set(this.revision, [...this.#entries.values()]);
    return this.revision;
  }

  async readAt(revision: bigint): Promise<readonly EntryAt[]> {
    const entries = this.#past.get(revision);
    if (entries === undefined) throw new TheseusError("PAGE_TOKEN_EXPIRED", { what: "compacted" });
    return entries;
  }

  async presentKeys({ namespace, service }: Scope) {
    this.#answer();
    const keys = new Map<string, bigint>();
    for (const { key, entry, modRevision } of this.#entries.values()) {
      if (!("ref" in entry) || !("labels" in entry.ref)) continue;
      const { ref } = entry;
      if ((namespace ?? ref.namespace) === ref.namespace && (service ?? ref.service) === ref.service)
        keys.set(key, modRevision);
    }
    return { keys, revision: this.revision };
  }

  /** A snapshot after every change: the catalog has no other path either way. */
  async *follow(signal: AbortSignal): AsyncIterable<Feed> {
    while (!signal.aborted) {
      const cursor = { epoch: "e1", revision: this.revision };
      yield { kind: "snapshot", entries: [...this.#entries.values()], cursor };
      if (this.revision === cursor.revision) await this.#change(signal);
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#wakers.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  #tell(): void {
    for (const wake of this.#wakers) wake();
  }

  #answer(): void {
    if (this.broken !== undefined) throw this.broken;
  }
}

/** A new config revision in place of the present one. */
function nextRecord(
  present: ConfigRecord,
  change: Extract<GroupChange, { kind: "replace" | "restart" }>,
  by: Change,
): ConfigRecord {
  const configRevision = change.from + 1;
  const config = change.kind === "restart" ? present.config : change.config;
  const pin = change.kind === "restart" ? present.pin : (change.pin ?? carriedPin(present, config));
  const restart = change.kind === "restart" ? configRevision : present.restart;
  const wait = change.kind === "restart" ? change.wait : undefined;
  return {
    ...{ config, configRevision, change: by },
    ...(pin && { pin }),
    ...(restart !== undefined && { restart }),
    ...(wait !== undefined && { restartWait: wait }),
  };
}
