// The scheduler's store in memory: one revision per write, every key compared as in etcd, one leader at a time.

import type { ContainerInfo, Intent } from "../../src/model/container.js";
import type { Drain, DrainAnswer } from "../../src/model/drain.js";
import type { Event } from "../../src/model/event.js";
import type { ConfigRecord, GroupConfig } from "../../src/model/group.js";
import type { HistoryRecord } from "../../src/model/history.js";
import type { HostRecord } from "../../src/model/host.js";
import type { Instant } from "../../src/model/instant.js";
import { NOTHING_TO_RECOVER, type RecoveryRecord } from "../../src/model/recovery.js";
import { type GroupRef, groupId } from "../../src/model/reference.js";
import type { Reservation } from "../../src/model/reservations.js";
import type { RolloutsRecord } from "../../src/model/rollout.js";
import type { SlotsRecord } from "../../src/model/slots.js";
import { type SteeringAct, steered } from "../../src/model/steering.js";
import type {
  EpochWritten,
  Fence,
  FencedResult,
  GroupSnapshot,
  GroupWrite,
  SchedulerStore,
  Versioned,
} from "../../src/model/store.js";
import { MemoryEvidence } from "./memory-evidence.js";

type Group = {
  readonly ref: GroupRef;
  uid: string | undefined;
  record: Versioned<ConfigRecord> | undefined;
  readonly intents: Map<string, Versioned<Intent>>;
  readonly infos: Map<string, Versioned<ContainerInfo>>;
  slots: Versioned<SlotsRecord> | undefined;
  rollouts: Versioned<RolloutsRecord> | undefined;
  readonly drains: Map<string, Drain>;
};

export type StoreWrite = { readonly group: GroupRef; readonly write: GroupWrite; readonly revision: bigint };

export class MemoryStore extends MemoryEvidence implements SchedulerStore {
  /** Every write of a group that was committed, oldest first. */
  readonly writes: StoreWrite[] = [];
  readonly epochs: string[] = [];
  /** Who has to answer for a drain. */
  servers: readonly string[] = [];
  /** Of all writes that were committed, oldest first. */
  readonly events: Event[] = [];
  eventsForgotten: Instant | undefined;
  forgotten: Instant | undefined;
  historyForgotten: Instant | undefined;
  readonly #groups = new Map<string, Group>();
  readonly #hosts = new Map<string, Versioned<HostRecord>>();
  /** Namespace and uid -> configs, newest first. */
  readonly #history = new Map<string, readonly HistoryRecord[]>();
  #recovery: Versioned<RecoveryRecord> | undefined;
  readonly #records = new Set<() => void>();
  readonly #listeners = new Set<(group: GroupRef | "all", revision: bigint) => void>();
  #revision = 1n;
  #leader = 0n;
  #uids = 0;

  // --- what a test does -----------------------------------------------------------------------------------------

  /** A new leader: every fence given out before is void. */
  elect(): Fence {
    this.#leader = ++this.#revision;
    return { key: "/theseus/leader", createRevision: this.#leader, lease: this.#leader };
  }

  /** Creates the group, or gives it another config. */
  ask(ref: GroupRef, config: GroupConfig): void {
    const group = this.#group(ref);
    group.uid ??= `uid${++this.#uids}`;
    const configRevision = (group.record?.value.configRevision ?? 0) + 1;
    const change = { actor: "test", command: "apply", message: "", time: 0 };
    const pin = group.record?.value.config.image === config.image ? group.record.value.pin : undefined;
    const restart = group.record?.value.restart;
    const asked = { config, configRevision, change, ...(pin && { pin }), ...(restart !== undefined && { restart }) };
    this.#remember(group, asked);
    this.#put(group, asked);
  }

  askRestart(ref: GroupRef): void {
    const group = this.#group(ref);
    const { config, configRevision, change, pin } = this.#recordOf(group);
    const next = configRevision + 1;
    const asked = { config, configRevision: next, change, restart: next, ...(pin && { pin }) };
    this.#remember(group, asked);
    this.#put(group, asked);
  }

  steer(ref: GroupRef, act: SteeringAct): void {
    const group = this.#group(ref);
    const record = this.#recordOf(group);
    this.#put(group, { ...record, steering: steered(record.steering, act, record.change) });
  }

  askRemoval(ref: GroupRef, volumes = false): void {
    const group = this.#group(ref);
    this.#put(group, { ...this.#recordOf(group), removing: { volumes } });
  }

  /** Another hand deletes the keys of a container. */
  damage(ref: GroupRef, name: string): void {
    const group = this.#group(ref);
    group.intents.delete(name);
    group.infos.delete(name);
    this.#tell(ref, ++this.#revision);
  }

  /** As a server writes a person's word. */
  recoverWith(change: (record: RecoveryRecord) => RecoveryRecord): bigint {
    const revision = ++this.#revision;
    const value = change(this.#recovery?.value ?? NOTHING_TO_RECOVER);
    this.#recovery = value.items.length === 0 ? undefined : { value, modRevision: revision };
    return revision;
  }

  /** Everything as it is now, to be put back by the answer as an older backup is: only the leader stays. */
  backUp(): () => void {
    const groups = structuredClone([...this.#groups]);
    const hosts = structuredClone([...this.#hosts]);
    const history = structuredClone([...this.#history]);
    const recovery = structuredClone(this.#recovery);
    return () => {
      const before = [...this.#groups.values()].map(({ ref }) => ref);
      this.#groups.clear();
      for (const [id, group] of structuredClone(groups)) this.#groups.set(id, group);
      this.#hosts.clear();
      for (const [name, host] of structuredClone(hosts)) this.#hosts.set(name, host);
      this.#history.clear();
      for (const [id, records] of structuredClone(history)) this.#history.set(id, records);
      this.#recovery = recovery;
      for (const ref of before) this.#tell(ref, ++this.#revision);
    };
  }

  /** Somebody finds that history is another one. */
  declareChange(): void {
    this.epochs.push("another");
    this.#tell("all", ++this.#revision);
  }

  snapshot(ref: GroupRef): GroupSnapshot {
    const group = this.#groups.get(groupId(ref)) ?? emptyGroup(ref);
    const { intents, infos, drains } = group;
    const copies = { intents: new Map(intents), infos: new Map(infos), drains: new Map(drains) };
    return { ...group, ...copies, revision: this.#revision };
  }

  infos(ref: GroupRef): ContainerInfo[] {
    return [...this.snapshot(ref).infos.values()].map(({ value }) => value);
  }

  intents(ref: GroupRef): Intent[] {
    return [...this.snapshot(ref).intents.values()].map(({ value }) => value);
  }

  host(name: string): HostRecord | undefined {
    return this.#hosts.get(name)?.value;
  }

  /** Told of every change of a group, like a watch; the answer ends it. */
  watch(listener: (group: GroupRef | "all", revision: bigint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A server says how a drain stands. */
  answerDrain(ref: GroupRef, name: string, server: string, answer: DrainAnswer = { awaits: [] }): void {
    const group = this.#group(ref);
    const drain = group.drains.get(name);
    if (drain === undefined) throw new Error(`no drain of ${name}`);
    const revision = ++this.#revision;
    group.drains.set(name, { ...drain, answers: new Map([...drain.answers, [server, answer]]) });
    this.#tell(ref, revision);
  }

  /** Another hand deletes the record of a drain. */
  forgetDrain(ref: GroupRef, name: string): void {
    this.#group(ref).drains.delete(name);
    this.#tell(ref, ++this.#revision);
  }

  /** Another hand writes a record of the leader's. */
  editRecords(): void {
    for (const changed of this.#records) changed();
  }

  // --- SchedulerStore ----------------------------------------------------------------------------------------------

  async listGroups(): Promise<{ groups: GroupRef[]; revision: bigint }> {
    return { groups: [...this.#groups.values()].map(({ ref }) => ref), revision: this.#revision };
  }

  async readGroup(ref: GroupRef): Promise<GroupSnapshot> {
    return this.snapshot(ref);
  }

  async readReservations(): Promise<Reservation[]> {
    return [...this.#groups.values()].flatMap(({ ref, intents, record }) =>
      [...intents.values()].map(({ value: intent }) => ({
        group: ref,
        intent,
        cpu: (intent.reserves ?? record?.value.config)?.cpu ?? 0,
        mem: (intent.reserves ?? record?.value.config)?.mem ?? 0,
      })),
    );
  }

  async writeGroup(fence: Fence, snapshot: GroupSnapshot, write: GroupWrite): Promise<FencedResult> {
    if (!this.#isInOffice(fence)) return { ok: false, why: "fenced" };
    const group = this.#groups.get(groupId(snapshot.ref)) ?? emptyGroup(snapshot.ref);
    if (!this.#holds(group, snapshot, write)) return { ok: false, why: "stale" };
    const revision = ++this.#revision;
    this.#apply(group, write, revision);
    this.writes.push({ group: snapshot.ref, write, revision });
    this.events.push(...(write.events ?? []));
    this.#tell(snapshot.ref, revision);
    return { ok: true, revision };
  }

  async readHosts(): Promise<Versioned<HostRecord>[]> {
    return [...this.#hosts.values()];
  }

  async writeHost(
    fence: Fence,
    record: HostRecord,
    modRevision: bigint,
    events: readonly Event[] = [],
  ): Promise<FencedResult> {
    if (!this.#isInOffice(fence)) return { ok: false, why: "fenced" };
    if ((this.#hosts.get(record.name)?.modRevision ?? 0n) !== modRevision) return { ok: false, why: "stale" };
    const revision = ++this.#revision;
    this.#hosts.set(record.name, { value: record, modRevision: revision });
    this.events.push(...events);
    return { ok: true, revision };
  }

  async writeEpoch(fence: Fence, epoch: string): Promise<EpochWritten> {
    if (!this.#isInOffice(fence)) return { ok: false, why: "fenced" };
    this.epochs.push(epoch);
    const revision = ++this.#revision;
    const { createRevision } = fence.epoch ?? { createRevision: revision };
    return { ok: true, revision, fence: { ...fence, epoch: { id: epoch, createRevision } } };
  }

  followRecords(changed: () => void, signal: AbortSignal): Promise<void> {
    this.#records.add(changed);
    return new Promise((resolve) => {
      const end = (): void => {
        this.#records.delete(changed);
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    });
  }

  async forgetRequests(_fence: Fence, before: Instant): Promise<void> {
    this.forgotten = before;
  }

  async forgetDrains(): Promise<void> {}
  async forgetEvents(_fence: Fence, now: Instant): Promise<void> {
    this.eventsForgotten = now;
  }
  async keepRoster(): Promise<void> {}

  async readRecovery(): Promise<Versioned<RecoveryRecord> | undefined> {
    return this.#recovery;
  }

  async writeRecovery(fence: Fence, record: RecoveryRecord, modRevision: bigint): Promise<FencedResult> {
    if (fence.createRevision !== this.#leader) return { ok: false, why: "fenced" };
    if ((this.#recovery?.modRevision ?? 0n) !== modRevision) return { ok: false, why: "stale" };
    return { ok: true, revision: this.recoverWith(() => record) };
  }

  async historyKnows(namespace: string, groupUid: string): Promise<boolean> {
    return this.#history.has(`${namespace}/${groupUid}`);
  }

  async readHistory(namespace: string, groupUid: string): Promise<readonly HistoryRecord[]> {
    return this.#history.get(`${namespace}/${groupUid}`) ?? [];
  }

  async forgetHistory(_fence: Fence, now: Instant): Promise<void> {
    this.historyForgotten = now;
  }

  // ---------------------------------------------------------------------------------------------------------------------

  #isInOffice({ createRevision, epoch }: Fence): boolean {
    return createRevision === this.#leader && (epoch === undefined || this.epochs.at(-1) === epoch.id);
  }

  #group(ref: GroupRef): Group {
    const id = groupId(ref);
    const group = this.#groups.get(id) ?? emptyGroup(ref);
    this.#groups.set(id, group);
    return group;
  }

  #recordOf({ ref, record }: Group): ConfigRecord {
    if (record === undefined) throw new Error(`no group ${groupId(ref)}`);
    return record.value;
  }

  /** A new config revision gets its history. */
  #remember({ ref, uid }: Group, { config, configRevision, change, pin }: ConfigRecord): void {
    const { service, labels } = ref;
    const record = { service, labels, config, configRevision, change, ...(pin && { pin }) };
    const id = `${ref.namespace}/${uid}`;
    this.#history.set(id, [record, ...(this.#history.get(id) ?? [])]);
  }

  #put(group: Group, record: ConfigRecord): void {
    const revision = ++this.#revision;
    group.record = { value: record, modRevision: revision };
    this.#tell(group.ref, revision);
  }

  #holds(group: Group, seen: GroupSnapshot, write: GroupWrite): boolean {
    const same = <T>(now: Versioned<T> | undefined, then: Versioned<T> | undefined): boolean =>
      (now?.modRevision ?? 0n) === (then?.modRevision ?? 0n);
    const names = [...(write.putIntents ?? []).map(({ name }) => name), ...(write.removeContainers ?? [])];
    const told = [...(write.putInfos ?? []).map(([name]) => name), ...(write.removeContainers ?? [])];
    const left = (write.openDrains ?? []).map(({ name }) => name);
    const ofConfig = write.pin ?? write.removeGroup ?? write.record ?? left[0];
    return (
      names.every((name) => same(group.intents.get(name), seen.intents.get(name))) &&
      told.every((name) => same(group.infos.get(name), seen.infos.get(name))) &&
      left.every((name) => group.drains.get(name)?.revision === seen.drains.get(name)?.revision) &&
      (write.slots === undefined || same(group.slots, seen.slots)) &&
      (write.rollouts === undefined || same(group.rollouts, seen.rollouts)) &&
      (ofConfig === undefined || same(group.record, seen.record)) &&
      (write.uid === undefined || group.uid === seen.uid) &&
      (write.removeGroup === undefined || group.intents.size === 0) &&
      (write.host === undefined ||
        (this.#hosts.get(write.host.record.name)?.modRevision ?? 0n) === write.host.modRevision)
    );
  }

  #apply(group: Group, write: GroupWrite, revision: bigint): void {
    this.#groups.set(groupId(group.ref), group);
    for (const intent of write.putIntents ?? []) {
      group.intents.set(intent.name, { value: intent, modRevision: revision });
    }
    for (const [name, info] of write.putInfos ?? []) group.infos.set(name, { value: info, modRevision: revision });
    for (const name of write.removeContainers ?? []) {
      group.intents.delete(name);
      group.infos.delete(name);
      group.drains.delete(name);
    }
    for (const { name, ...asked } of write.openDrains ?? []) {
      group.drains.set(name, { revision, record: { ...asked, servers: this.servers }, answers: new Map() });
    }
    this.#applyRecords(group, write, revision);
    const host = write.host?.record;
    if (host !== undefined) this.#hosts.set(host.name, { value: host, modRevision: revision });
    if (write.removeGroup) this.#remove(group);
  }

  #applyRecords(group: Group, { slots, rollouts, pin, uid, record }: GroupWrite, modRevision: bigint): void {
    if (slots !== undefined) group.slots = { value: slots, modRevision };
    if (rollouts !== undefined) group.rollouts = { value: rollouts, modRevision };
    if (pin !== undefined && group.record !== undefined) {
      group.record = { value: { ...group.record.value, pin }, modRevision };
    }
    if (uid !== undefined) group.uid = uid;
    if (record !== undefined) this.#remember(group, record);
    if (record !== undefined) group.record = { value: record, modRevision };
  }

  #remove(group: Group): void {
    this.#groups.delete(groupId(group.ref));
    const id = `${group.ref.namespace}/${group.uid}`;
    const [last] = this.#history.get(id) ?? [];
    if (last !== undefined) this.#history.set(id, [{ ...last, removed: { at: 0 } }]);
  }

  #tell(ref: GroupRef | "all", revision: bigint): void {
    for (const listener of this.#listeners) listener(ref, revision);
  }
}

function emptyGroup(ref: GroupRef): Group {
  return {
    ref,
    uid: undefined,
    record: undefined,
    intents: new Map(),
    infos: new Map(),
    slots: undefined,
    rollouts: undefined,
    drains: new Map(),
  };
}
