// The last transaction of a group: its keys, and the service key when nothing else is left in the service.

import type { Instant } from "../model/instant.js";
import type { EtcdWire, KeyRange, KeyValue } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";
import { configRecordCodec } from "./config-codec.js";
import { addPresent, type Owner, type Recorded, readRecorded } from "./history.js";
import { after, below, configKey, containersPrefix, groupKey, rolloutsKey, serviceKey, slotsKey } from "./keys.js";
import { parseKey } from "./parse-key.js";
import { readTogether } from "./ranges.js";
import { groupCodec } from "./record-codec.js";
import { mustRead, readStored } from "./stored.js";
import type { Transaction } from "./transaction.js";

export type Surroundings = {
  /** Uid and mod revisions of the group's own keys, as far as they are there. */
  readonly uid: string | undefined;
  readonly group: bigint;
  readonly config: bigint;
  /** How many containers of the group have keys. */
  readonly containers: number;
  /** Where the service has keys that are not the group's own; undefined: this is the last of it. */
  readonly beside: KeyRange | undefined;
  /** What stays in history; undefined without a uid or a config that can be understood. */
  readonly last: Recorded | undefined;
};

/** What a removal depends on, at one revision. STORE_DAMAGED when the group key cannot be understood. */
export async function readSurroundings(wire: EtcdWire, ref: GroupRef): Promise<Surroundings> {
  const [own, config] = [groupKey(ref), configKey(ref)];
  const ranges = besideGroup(ref);
  const beside = ranges.map((range) => ({ ...range, limit: 1, keysOnly: true }));
  const inside = { ...below(containersPrefix(ref)), keysOnly: true };
  const { found } = await readTogether(wire, [{ key: own }, { key: config }, inside, ...beside]);
  const [[group] = [], [stored] = [], containers = [], ...others] = found;
  const names = containers.flatMap(({ key }) => {
    const parsed = parseKey(key);
    return parsed?.kind === "intent" || parsed?.kind === "info" ? [parsed.ref.name] : [];
  });
  const uid = group === undefined ? undefined : mustRead(groupCodec, group).value.uid;
  return {
    uid,
    group: group?.modRevision ?? 0n,
    config: stored?.modRevision ?? 0n,
    containers: new Set(names).size,
    beside: ranges[others.findIndex((kvs) => kvs.length > 0)],
    last: uid === undefined || stored === undefined ? undefined : await lastConfig(wire, { ref, uid }, stored),
  };
}

async function lastConfig(wire: EtcdWire, owner: Owner, stored: KeyValue): Promise<Recorded | undefined> {
  const config = readStored(configRecordCodec, stored);
  return "problem" in config ? undefined : readRecorded(wire, owner, config.value);
}

/** The last config stays in history. Fails to commit when one of these keys, or what is left in the service, has changed since. */
export function addGroupRemoval(txn: Transaction, ref: GroupRef, around: Surroundings, now: Instant): void {
  txn.unchanged(groupKey(ref), around.group).remove(groupKey(ref));
  txn.unchanged(configKey(ref), around.config).remove(configKey(ref));
  const { uid, last } = around;
  if (uid !== undefined) txn.remove(slotsKey(ref.namespace, uid)).remove(rolloutsKey(ref.namespace, uid));
  if (uid !== undefined && last !== undefined) addPresent(txn, { ref, uid }, last, now);
  // Of two groups that go at once each would leave the service to the other: it stays only while the other is there.
  if (around.beside !== undefined) {
    txn.someIn(around.beside);
    return;
  }
  for (const range of besideGroup(ref)) txn.empty(range);
  txn.remove(serviceKey(ref));
}

/** Everything in the service but the group key and its config key. */
function besideGroup(ref: GroupRef): KeyRange[] {
  const { key, end } = below(`${serviceKey(ref)}/`);
  const [own, config] = [groupKey(ref), configKey(ref)];
  return [
    { key, end: own },
    { key: after(own), end: config },
    { key: after(config), end },
  ];
}
