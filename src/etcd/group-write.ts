// What the scheduler writes about one group, as transactions: every key compared with what the snapshot had.

import type { Intent } from "../model/container.js";
import { TheseusError } from "../model/errors.js";
import type { Pin } from "../model/group.js";
import type { Clock, EtcdWire, Rng } from "../model/ports.js";
import { formatGroup } from "../model/reference.js";
import type { RolloutsRecord } from "../model/rollout.js";
import type { SlotsRecord } from "../model/slots.js";
import type { GroupSnapshot, GroupWrite } from "../model/store.js";
import { configRecordCodec } from "./config-codec.js";
import { infoCodec, intentCodec } from "./container-codec.js";
import { addDrainRemoval, addOpenDrains } from "./drains.js";
import { addEvents } from "./events.js";
import { addFounding, addRecord } from "./group-founding.js";
import { addGroupRemoval, readSurroundings } from "./group-removal.js";
import { addPresent, readRecorded } from "./history.js";
import type { Hosts } from "./hosts.js";
import { encode } from "./json-codec.js";
import { configKey, containerKey, groupKey, infoKey, rolloutsKey, slotsKey } from "./keys.js";
import type { OwnWrites } from "./own-writes.js";
import { slotsCodec } from "./record-codec.js";
import { rolloutsCodec } from "./rollout-codec.js";
import { readRoll } from "./roster.js";
import type { Transaction } from "./transaction.js";

/** Intents of one transaction; more are written in several, the slots record with the first. */
const INTENTS_AT_ONCE = 100;

export type WriteParts = {
  readonly wire: EtcdWire;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly hosts: Hosts;
  readonly own: OwnWrites;
};

/** The intents in portions; everything else goes with the first. */
export function portions(write: GroupWrite): readonly (readonly Intent[])[] {
  const intents = write.putIntents ?? [];
  const out: Intent[][] = [[]];
  for (let at = 0; at < intents.length; at += INTENTS_AT_ONCE) {
    out[at / INTENTS_AT_ONCE] = intents.slice(at, at + INTENTS_AT_ONCE);
  }
  return out;
}

/** Everything but the intents. */
export async function addRest(
  txn: Transaction,
  snapshot: GroupSnapshot,
  write: GroupWrite,
  on: WriteParts,
): Promise<void> {
  for (const [name, info] of write.putInfos ?? []) {
    const key = infoKey({ ...snapshot.ref, name });
    const former = snapshot.infos.get(name);
    txn.unchanged(key, former?.modRevision ?? 0n).put(key, on.own.rewrite(key, infoCodec, info, former));
  }
  for (const name of write.removeContainers ?? []) addContainerRemoval(txn, snapshot, name);
  if (write.openDrains?.length) {
    addOpenDrains(txn, snapshot, write.openDrains, await readRoll(on.wire, on.clock.now()));
  }
  if (write.slots !== undefined) addSlots(txn, snapshot, { uid: write.uid, slots: write.slots }, on.own);
  if (write.rollouts !== undefined) addRollouts(txn, snapshot, write.rollouts, on.own);
  if (write.pin !== undefined) await addPin(txn, snapshot, write.pin, on);
  if (write.host !== undefined) await on.hosts.add(txn, write.host.record, write.host.modRevision);
  const uid = write.uid ?? snapshot.uid;
  if (write.record !== undefined) addRecord(txn, snapshot, { uid, record: write.record }, on.own);
  if (write.uid !== undefined) await addFounding(txn, snapshot, write.uid, { wire: on.wire, now: on.clock.now() });
  if (write.removeGroup) await addGroup(txn, snapshot, on);
  if (write.events !== undefined) addEvents(txn, write.events, on.rng);
}

/** A new intent needs its group; one that is there already is written whatever became of the group. */
export function requireGroup(txn: Transaction, snapshot: GroupSnapshot, intents: readonly Intent[]): void {
  if (intents.some(({ name }) => !snapshot.intents.has(name))) txn.exists(groupKey(snapshot.ref));
}

export function addIntents(
  txn: Transaction,
  snapshot: GroupSnapshot,
  intents: readonly Intent[],
  { own }: Pick<WriteParts, "own">,
): void {
  for (const intent of intents) {
    const key = containerKey({ ...snapshot.ref, name: intent.name });
    const former = snapshot.intents.get(intent.name);
    txn.unchanged(key, former?.modRevision ?? 0n).put(key, own.rewrite(key, intentCodec, intent, former));
  }
}

/** For the later portions: the slots record is still the one of the first. */
export function slotsUnchanged(txn: Transaction, snapshot: GroupSnapshot, write: GroupWrite, revision: bigint): void {
  if (write.slots !== undefined) txn.unchanged(keyOfSlots(snapshot), revision);
}

function addContainerRemoval(txn: Transaction, snapshot: GroupSnapshot, name: string): void {
  const ref = { ...snapshot.ref, name };
  txn.unchanged(containerKey(ref), snapshot.intents.get(name)?.modRevision ?? 0n).remove(containerKey(ref));
  const info = snapshot.infos.get(name);
  if (info !== undefined) txn.unchanged(infoKey(ref), info.modRevision);
  txn.remove(infoKey(ref));
  // The snapshot may have been carried on in memory over the write that opened the drain.
  const phase = snapshot.intents.get(name)?.value.phase;
  if (snapshot.drains.has(name) || phase === "draining" || phase === "stopping") addDrainRemoval(txn, ref);
}

/** Under another uid there is none yet: the group key, which is compared, says so. */
function addSlots(
  txn: Transaction,
  snapshot: GroupSnapshot,
  { uid, slots }: { readonly uid: string | undefined; readonly slots: SlotsRecord },
  own: OwnWrites,
): void {
  if (uid !== undefined && uid !== snapshot.uid) {
    txn.put(slotsKey(snapshot.ref.namespace, uid), encode(slotsCodec, slots));
    return;
  }
  const key = keyOfSlots(snapshot);
  txn.unchanged(key, snapshot.slots?.modRevision ?? 0n).put(key, own.rewrite(key, slotsCodec, slots, snapshot.slots));
}

function addRollouts(txn: Transaction, snapshot: GroupSnapshot, rollouts: RolloutsRecord, own: OwnWrites): void {
  const { ref, uid, rollouts: former } = snapshot;
  if (uid === undefined) throw nothingToWriteTo(snapshot, "group");
  const key = rolloutsKey(ref.namespace, uid);
  txn.unchanged(key, former?.modRevision ?? 0n).put(key, own.rewrite(key, rolloutsCodec, rollouts, former));
}

/** Into the config and into its history record. */
async function addPin(txn: Transaction, snapshot: GroupSnapshot, pin: Pin, { wire, own }: WriteParts): Promise<void> {
  const { ref, uid, record } = snapshot;
  const key = configKey(ref);
  if (record === undefined) throw nothingToWriteTo(snapshot, "config");
  const next = { ...record.value, pin };
  txn.unchanged(key, record.modRevision).put(key, own.rewrite(key, configRecordCodec, next, record));
  if (uid !== undefined) addPresent(txn, { ref, uid }, await readRecorded(wire, { ref, uid }, next));
}

/** Every managed container has to be gone; records of others stay where they are, and so does the service then. */
async function addGroup(txn: Transaction, snapshot: GroupSnapshot, { wire, clock }: WriteParts): Promise<void> {
  if (snapshot.intents.size > 0) throw stillHasContainers(snapshot);
  const around = await readSurroundings(wire, snapshot.ref);
  if (snapshot.uid !== undefined) {
    // Every new intent raises the slots record: unchanged slots mean that no container came since the snapshot.
    txn.unchanged(keyOfSlots(snapshot), snapshot.slots?.modRevision ?? 0n);
  }
  const config = snapshot.record?.modRevision ?? 0n;
  addGroupRemoval(txn, snapshot.ref, { ...around, uid: snapshot.uid, config }, clock.now());
}

function stillHasContainers(snapshot: GroupSnapshot): TheseusError {
  return new TheseusError("CONFLICT", {
    what: `group ${formatGroup(snapshot.ref)} still has containers`,
    why: [[...snapshot.intents.keys()].join(", ")],
    now: "nothing was changed",
    group: snapshot.ref,
  });
}

function keyOfSlots(snapshot: GroupSnapshot): string {
  if (snapshot.uid === undefined) throw nothingToWriteTo(snapshot, "group");
  return slotsKey(snapshot.ref.namespace, snapshot.uid);
}

function nothingToWriteTo(snapshot: GroupSnapshot, what: string): TheseusError {
  return new TheseusError("NO_SUCH_GROUP", {
    what: `group ${formatGroup(snapshot.ref)} has no ${what} key`,
    now: "nothing was changed",
    group: snapshot.ref,
  });
}
