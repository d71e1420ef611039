// The scheduler's store in memory: one revision per write, every key compared as in etcd, one leader at a time.

import type { ContainerInfo, Intent } from "../../src/model/container.js";
import type { ConfigRecord, GroupConfig } from "../../src/model/group.js";
import type { HostRecord } from "../../src/model/host.js";
import type { Instant } from "../../src/model/instant.js";
import { type GroupRef, groupId } from "../../src/model/reference.js";
import type { SlotsRecord } from "../../src/model/slots.js";
import type {
  Fence,
  FencedResult,
  GroupSnapshot,
  GroupWrite,
  Reservation,
  SchedulerStore,
  Versioned,
} from "../../src/model/store.js";

type Group = {
  readonly ref: GroupRef;
  uid: string | undefined;
  record: Versioned<ConfigRecord> | undefined;
  readonly intents: Map<string, Versioned<Intent>>;
  readonly infos: Map<string, Versioned<ContainerInfo>>;
  slots: Versioned<SlotsRecord> | undefined;
};

export type StoreWrite = { readonly group: GroupRef; readonly write: GroupWrite; readonly revision: bigint };

export class MemoryStore implements SchedulerStore {
  /** Every write of a group that was committed, oldest first. */
  readonly writes: StoreWrite[] = [];
  readonly epochs: string[] = [];
  forgotten: Instant | undefined;
  readonly #groups = new Map<string, Group>();
  readonly #hosts = new Map<string, Versioned<HostRecord>>();
  readonly #listeners = new Set<(group: GroupRef | "all", revision: bigint) => void>();
  #revision = 1n;
  #leader = 0n;
  #uids = 0;

  // --- what a test does -----------------------------------------------------------------------------------------

  /** A new leader: every fence given out before is void. */
  elect(): Fence {
    this.#leader = ++this.#revision;
    return { key: "/theseus/leader", createRevision: this.#leader };
  }

  /** Creates the group, or gives it another config. */
  ask(ref: GroupRef, config: GroupConfig): void {
    const group = this.#group(ref);
    group.uid ??= `uid${++this.#uids}`;
    const configRevision = (group.record?.value.configRevision ?? 0) + 1;
    const change = { actor: "test", command: "apply", message: "", time: 0 };
    const pin = group.record?.value.config.image === config.image ? group.record.value.pin : undefined;
    this.#put(group, { config, configRevision, change, ...(pin === undefined ? {} : { pin }) });
  }

  askRemoval(ref: GroupRef, volumes = false): void {
    const group = this.#group(ref);
    if (group.record === undefined) throw new Error(`no group ${groupId(ref)}`);
    this.#put(group, { ...group.record.value, removing: { volumes } });
  }

  /** Another hand deletes the keys of a container. */
  damage(ref: GroupRef, name: string): void {
    const group = this.#group(ref);
    group.intents.delete(name);
    group.infos.delete(name);
    this.#tell(ref, ++this.#revision);
  }

  /** Somebody finds that history is another one. */
  declareChange(): void {
    this.epochs.push("another");
    this.#tell("all", ++this.#revision);
  }

  snapshot(ref: GroupRef): GroupSnapshot {
    const group = this.#groups.get(groupId(ref)) ?? emptyGroup(ref);
    return { ...group, intents: new Map(group.intents), infos: new Map(group.infos), revision: this.#revision };
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
        cpu: record?.value.config.cpu ?? 0,
        mem: record?.value.config.mem ?? 0,
      })),
    );
  }

  async writeGroup(fence: Fence, snapshot: GroupSnapshot, write: GroupWrite): Promise<FencedResult> {
    if (fence.createRevision !== this.#leader) return { ok: false, why: "fenced" };
    const group = this.#groups.get(groupId(snapshot.ref)) ?? emptyGroup(snapshot.ref);
    if (!this.#holds(group, snapshot, write)) return { ok: false, why: "stale" };
    const revision = ++this.#revision;
    this.#apply(group, write, revision);
    this.writes.push({ group: snapshot.ref, write, revision });
    this.#tell(snapshot.ref, revision);
    return { ok: true, revision };
  }

  async readHosts(): Promise<Versioned<HostRecord>[]> {
    return [...this.#hosts.values()];
  }

  async writeHost(fence: Fence, record: HostRecord, modRevision: bigint): Promise<FencedResult> {
    if (fence.createRevision !== this.#leader) return { ok: false, why: "fenced" };
    if ((this.#hosts.get(record.name)?.modRevision ?? 0n) !== modRevision) return { ok: false, why: "stale" };
    const revision = ++this.#revision;
    this.#hosts.set(record.name, { value: record, modRevision: revision });
    return { ok: true, revision };
  }

  async writeEpoch(fence: Fence, epoch: string): Promise<FencedResult> {
    const overtaken = this.epochs.includes(epoch) && this.epochs.at(-1) !== epoch;
    if (fence.createRevision !== this.#leader || overtaken) return { ok: false, why: "fenced" };
    this.epochs.push(epoch);
    return { ok: true, revision: ++this.#revision };
  }

  async forgetRequests(_fence: Fence, before: Instant): Promise<void> {
    this.forgotten = before;
  }

  // ---------------------------------------------------------------------------------------------------------------------

  #group(ref: GroupRef): Group {
    const id = groupId(ref);
    const group = this.#groups.get(id) ?? emptyGroup(ref);
    this.#groups.set(id, group);
    return group;
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
    return (
      names.every((name) => same(group.intents.get(name), seen.intents.get(name))) &&
      told.every((name) => same(group.infos.get(name), seen.infos.get(name))) &&
      (write.slots === undefined || same(group.slots, seen.slots)) &&
      ((write.pin === undefined && write.removeGroup === undefined) || same(group.record, seen.record)) &&
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
    }
    if (write.slots !== undefined) group.slots = { value: write.slots, modRevision: revision };
    if (write.pin !== undefined && group.record !== undefined) {
      group.record = { value: { ...group.record.value, pin: write.pin }, modRevision: revision };
    }
    const host = write.host?.record;
    if (host !== undefined) this.#hosts.set(host.name, { value: host, modRevision: revision });
    if (write.removeGroup) this.#groups.delete(groupId(group.ref));
  }

  #tell(ref: GroupRef | "all", revision: bigint): void {
    for (const listener of this.#listeners) listener(ref, revision);
  }
}

function emptyGroup(ref: GroupRef): Group {
  return { ref, uid: undefined, record: undefined, intents: new Map(), infos: new Map(), slots: undefined };
}
