// Drains as they are stored: the record of a container that leaves, and the answers of the servers below it.

import type { Drain, DrainAnswer } from "../model/drain.js";
import type { EtcdWire, KeyValue, Logger } from "../model/ports.js";
import type { ContainerRef } from "../model/reference.js";
import type { Fence, GroupSnapshot, OpenDrain } from "../model/store.js";
import { decode, encode } from "./json-codec.js";
import { below, configKey, containerKey, DRAINS_PREFIX, drainKey, ROSTER_PREFIX, SERVERS_PREFIX } from "./keys.js";
import { parseKey } from "./parse-key.js";
import { rangeAll } from "./ranges.js";
import { drainAnswerCodec, drainCodec } from "./record-codec.js";
import type { Roll } from "./roster.js";
import { mustRead } from "./stored.js";
import { Transaction } from "./transaction.js";

/**
 * By the name of the container. A record that cannot be understood is STORE_DAMAGED, since without it nobody would be
 * waited for; such an answer counts as none.
 */
export function readDrains(kvs: readonly KeyValue[], log: Logger): ReadonlyMap<string, Drain> {
  const drains = new Map<string, Drain & { readonly answers: Map<string, DrainAnswer> }>();
  for (const kv of kvs) {
    const key = parseKey(kv.key);
    if (key?.kind === "drain") {
      const { value: record, modRevision: revision } = mustRead(drainCodec, kv);
      drains.set(key.ref.name, { revision, record, answers: new Map() });
    } else if (key?.kind === "drainAnswer") {
      // A record comes before the answers below it.
      const decoded = decode(drainAnswerCodec, kv.value);
      if ("value" in decoded) drains.get(key.ref.name)?.answers.set(key.serverId, decoded.value);
      else log.debug({ key: kv.key, problem: decoded.problem }, "skipped a broken answer");
    }
  }
  return drains;
}

/**
 * Records that name everybody on the roll, as long as nobody joins before they are written. Two compares, however long
 * the roll is; so one that signs off at that moment is named, and waited for until the deadline. Nor are they written once
 * something else is asked of the group: how many may leave was decided on the config of the snapshot.
 */
export function addOpenDrains(
  txn: Transaction,
  snapshot: GroupSnapshot,
  drains: readonly OpenDrain[],
  { servers, revision }: Roll,
): void {
  if (drains.length === 0) return;
  txn.notWrittenSince(below(SERVERS_PREFIX), revision).notWrittenSince(below(ROSTER_PREFIX), revision);
  txn.unchanged(configKey(snapshot.ref), snapshot.record?.modRevision ?? 0n);
  for (const { name, ...asked } of drains) {
    const ref = { ...snapshot.ref, name };
    const former = snapshot.drains.get(name);
    txn.unchanged(drainKey(ref), former?.revision ?? 0n);
    txn.put(drainKey(ref), encode(drainCodec, { ...asked, servers }));
    if (former !== undefined) txn.removeAll(answersOf(ref));
  }
}

/** The record and its answers, whoever gave one meanwhile. */
export function addDrainRemoval(txn: Transaction, ref: ContainerRef): void {
  txn.remove(drainKey(ref)).removeAll(answersOf(ref));
}

/** Drains of which the container has no intent any more, and answers without a record, a transaction for each. */
export async function orphanedDrains(wire: EtcdWire, fence: Fence): Promise<readonly Transaction[]> {
  const { kvs } = await rangeAll(wire, below(DRAINS_PREFIX), { keysOnly: true });
  const containers = new Map<string, ContainerRef>();
  for (const { key } of kvs) {
    const parsed = parseKey(key);
    if (parsed?.kind === "drain" || parsed?.kind === "drainAnswer")
      containers.set(containerKey(parsed.ref), parsed.ref);
  }
  const orphaned: Transaction[] = [];
  for (const [key, ref] of containers) {
    if (fence.end?.aborted) return [];
    const { kvs: intent } = await wire.range({ key, keysOnly: true });
    if (intent.length > 0) continue;
    const txn = new Transaction().fenced(fence).unchanged(key, 0n);
    addDrainRemoval(txn, ref);
    orphaned.push(txn);
  }
  return orphaned;
}

const answersOf = (ref: ContainerRef) => below(`${drainKey(ref)}/`);
