// What the leader reads and writes. Every write is fenced: it fails once another leader is in office.

import { type Event, THESEUS } from "../model/event.js";
import type { Evidence } from "../model/evidence.js";
import type { HistoryRecord } from "../model/history.js";
import type { HostRecord } from "../model/host.js";
import type { Instant } from "../model/instant.js";
import type { RecoveryRecord } from "../model/recovery.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { Reservation } from "../model/reservations.js";
import type {
  EpochWritten,
  Fence,
  FencedResult,
  GroupKey,
  GroupSnapshot,
  GroupWrite,
  SchedulerStore,
  SeenGroup,
  Versioned,
} from "../model/store.js";
import { deletions } from "./deletions.js";
import { orphanedDrains } from "./drains.js";
import { fenceReads, isInOffice, writeLeaderEpoch } from "./epochs.js";
import { addEvents, pastEvents } from "./events.js";
import { EvidenceBook } from "./evidence.js";
import { GroupReader } from "./group-snapshot.js";
import { addIntents, addRest, portions, requireGroup, slotsUnchanged } from "./group-write.js";
import { HistoryReader } from "./history.js";
import { HistorySweep } from "./history-sweep.js";
import { Hosts } from "./hosts.js";
import { GROUPS_RANGE } from "./keys.js";
import { OwnWrites } from "./own-writes.js";
import { parseKey } from "./parse-key.js";
import type { Parts } from "./parts.js";
import { rangeAll } from "./ranges.js";
import { followRecords } from "./records-watch.js";
import { putRecovery, RecoveryReader } from "./recovery.js";
import { answersBefore } from "./request-answers.js";
import { Reservations } from "./reservations.js";
import { rosterUpkeep } from "./roster.js";
import { Transaction } from "./transaction.js";

export class EtcdSchedulerStore implements SchedulerStore {
  readonly #parts: Parts;
  readonly #groups: GroupReader;
  readonly #hosts: Hosts;
  readonly #reservations: Reservations;
  readonly #history: HistoryReader;
  readonly #sweep: HistorySweep;
  readonly #recovery: RecoveryReader;
  readonly #evidence: EvidenceBook;
  readonly #own = new OwnWrites();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#groups = new GroupReader(parts.wire, parts.log);
    this.#hosts = new Hosts(parts, this.#own);
    this.#reservations = new Reservations(parts.wire, parts.log);
    this.#history = new HistoryReader(parts);
    this.#sweep = new HistorySweep(parts);
    this.#recovery = new RecoveryReader(parts);
    this.#evidence = new EvidenceBook(parts);
  }

  /** Every group that has a key of its own or an intent; not those that only hand-written records imply. */
  async listGroups() {
    const { kvs, revision } = await rangeAll(this.#parts.wire, GROUPS_RANGE, { keysOnly: true });
    const groups = new Map<string, GroupRef>();
    for (const { key } of kvs) {
      const parsed = parseKey(key);
      if (parsed?.kind !== "group" && parsed?.kind !== "config" && parsed?.kind !== "intent") continue;
      const { namespace, service, labels } = parsed.ref;
      groups.set(groupId(parsed.ref), { namespace, service, labels });
    }
    return { groups: [...groups.values()], revision };
  }

  readGroup(group: GroupRef): Promise<GroupSnapshot> {
    return this.#groups.read(group);
  }

  readReservations(): Promise<readonly Reservation[]> {
    return this.#reservations.list();
  }

  /**
   * More than 100 intents are written in several transactions, the first with everything else: what a later one could
   * not write is as if it had never been planned. INVALID_REQUEST beyond 128 other keys, CONFLICT when a group with
   * containers is to be removed, NO_SUCH_GROUP when a key is missing that a write needs.
   */
  async writeGroup(fence: Fence, snapshot: GroupSnapshot, write: GroupWrite): Promise<FencedResult> {
    if (write.removeGroup && (write.removeContainers?.length ?? 0) > 0) {
      const { removeGroup, ...before } = write;
      const emptied = await this.writeGroup(fence, snapshot, before);
      if (!emptied.ok) return emptied;
      return this.writeGroup(fence, await this.readGroup(snapshot.ref), { removeGroup });
    }
    const [first = [], ...more] = portions(write);
    const txn = new Transaction().fenced(fence);
    const { wire, clock, rng } = this.#parts;
    const on = { wire, clock, rng, hosts: this.#hosts, own: this.#own };
    if (write.uid === undefined) requireGroup(txn, snapshot, first);
    addIntents(txn, snapshot, first, on);
    await addRest(txn, snapshot, write, on);
    let result = await this.#commit(fence, txn);
    const slotsRevision = result.ok ? result.revision : 0n;
    for (const portion of more) {
      if (!result.ok) return result;
      const next = new Transaction().fenced(fence);
      requireGroup(next, snapshot, portion);
      addIntents(next, snapshot, portion, on);
      slotsUnchanged(next, snapshot, write, slotsRevision);
      result = await this.#commit(fence, next);
    }
    return result;
  }

  readHosts(): Promise<readonly Versioned<HostRecord>[]> {
    return this.#hosts.list();
  }

  async writeHost(
    fence: Fence,
    record: HostRecord,
    modRevision: bigint,
    events: readonly Event[] = [],
  ): Promise<FencedResult> {
    const txn = new Transaction().fenced(fence);
    await this.#hosts.add(txn, record, modRevision);
    addEvents(txn, events, this.#parts.rng);
    return this.#commit(fence, txn);
  }

  async writeEpoch(fence: Fence, epoch: string, at: Instant): Promise<EpochWritten> {
    // The term begins with it.
    if (fence.epoch === undefined) this.#own.clear();
    const write = await writeLeaderEpoch(this.#parts.wire, fence, { id: epoch, at });
    if (write === undefined) return { ok: false, why: "fenced" };
    if (write.since === undefined) addEvents(write.txn, [tookOffice(this.#parts.serverId, at)], this.#parts.rng);
    const result = await this.#commit(fence, write.txn);
    if (!result.ok) return result;
    const createRevision = write.since ?? result.revision;
    return { ...result, fence: { ...fence, epoch: { id: epoch, createRevision } } };
  }

  readRecovery(): Promise<Versioned<RecoveryRecord> | undefined> {
    return this.#recovery.read();
  }

  writeRecovery(fence: Fence, record: RecoveryRecord, modRevision: bigint): Promise<FencedResult> {
    return this.#commit(fence, putRecovery(new Transaction().fenced(fence), record, modRevision));
  }

  followRecords(changed: () => void, signal: AbortSignal): Promise<void> {
    return followRecords(this.#parts, this.#own, changed, signal);
  }

  async forgetRequests(fence: Fence, before: Instant): Promise<void> {
    for (const txn of deletions(fence, await answersBefore(this.#parts.wire, before))) {
      if (fence.end?.aborted) return;
      const result = await this.#commit(fence, txn);
      if (!result.ok) return;
    }
  }

  async forgetDrains(fence: Fence): Promise<void> {
    await this.#commitAll(fence, await orphanedDrains(this.#parts.wire, fence));
  }

  async keepRoster(fence: Fence, now: Instant): Promise<void> {
    await this.#commitAll(fence, await rosterUpkeep(this.#parts.wire, fence, now));
  }

  historyKnows(namespace: string, groupUid: string): Promise<boolean> {
    return this.#history.knows(namespace, groupUid);
  }

  readHistory(namespace: string, groupUid: string): Promise<readonly HistoryRecord[]> {
    return this.#history.read(namespace, groupUid);
  }

  forgetHistory(fence: Fence, now: Instant): Promise<void> {
    return this.#sweep.run(fence, now, async (txn) => (await this.#commit(fence, txn)).ok);
  }

  keepEvidence(fence: Fence, seen: SeenGroup, evidence: Evidence, spared: readonly string[]): Promise<FencedResult> {
    return this.#evidence.keep(fence, seen, evidence, spared);
  }

  readEvidence(group: GroupKey, container?: string) {
    return this.#evidence.read(group, container);
  }

  async forgetEvidence(fence: Fence): Promise<void> {
    await this.#commitAll(fence, await this.#evidence.forget(fence));
  }

  async forgetEvents(fence: Fence, now: Instant): Promise<void> {
    await this.#commitAll(fence, deletions(fence, await pastEvents(this.#parts.wire, now)));
  }

  /** One that fails because somebody wrote meanwhile is left for the next time. */
  async #commitAll(fence: Fence, transactions: readonly Transaction[]): Promise<void> {
    for (const txn of transactions) {
      if (fence.end?.aborted) return;
      const result = await this.#commit(fence, txn);
      if (!result.ok && result.why === "fenced") return;
    }
  }

  /** A failed compare is "fenced" when it was one of the fence's, else "stale". */
  async #commit(fence: Fence, txn: Transaction): Promise<FencedResult> {
    const { succeeded, revision, results } = await txn.commit(this.#parts.wire, fenceReads(fence));
    if (succeeded) {
      this.#own.note(txn, revision);
      return { ok: true, revision };
    }
    return { ok: false, why: isInOffice(fence, results) ? "stale" : "fenced" };
  }
}

function tookOffice(serverId: string, at: Instant): Event {
  return { at, actor: THESEUS, kind: "leader", text: `server ${serverId} leads from now on` };
}
