// What the leader writes of a group that is taken up again from its containers: the group's key and what is above it, and
// a config of the leader's own making.

import { TheseusError } from "../model/errors.js";
import type { ConfigRecord } from "../model/group.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import type { EtcdWire } from "../model/ports.js";
import { formatGroup } from "../model/reference.js";
import type { GroupSnapshot } from "../model/store.js";
import { configRecordCodec } from "./config-codec.js";
import { addHistory } from "./history.js";
import { encode } from "./json-codec.js";
import { configKey, groupKey, namespaceKey, rolloutsKey, serviceKey, slotsKey } from "./keys.js";
import type { OwnWrites } from "./own-writes.js";
import { readKeys } from "./ranges.js";
import { createdCodec, groupCodec } from "./record-codec.js";
import { mustRead } from "./stored.js";
import type { Transaction } from "./transaction.js";

/** CONFLICT when the group key is not that of the snapshot any more. */
export async function addFounding(
  txn: Transaction,
  snapshot: GroupSnapshot,
  uid: string,
  { wire, now }: { readonly wire: EtcdWire; readonly now: number },
): Promise<void> {
  const { ref } = snapshot;
  const above = [...(ref.namespace === DEFAULT_NAMESPACE ? [] : [namespaceKey(ref.namespace)]), serviceKey(ref)];
  const own = groupKey(ref);
  const { values } = await readKeys(wire, [...above, own]);
  const group = values.get(own);
  if ((group === undefined ? undefined : mustRead(groupCodec, group).value.uid) !== snapshot.uid)
    throw changed(snapshot);
  for (const key of above) {
    if (values.has(key)) txn.exists(key);
    else txn.unchanged(key, 0n).put(key, encode(createdCodec, { created: now }));
  }
  txn.unchanged(own, group?.modRevision ?? 0n).put(own, encode(groupCodec, { uid, created: now }));
  if (snapshot.uid !== undefined && snapshot.uid !== uid) {
    txn.remove(slotsKey(ref.namespace, snapshot.uid)).remove(rolloutsKey(ref.namespace, snapshot.uid));
  }
}

/** @param uid of the group as it is from now on. */
export function addRecord(
  txn: Transaction,
  snapshot: GroupSnapshot,
  { uid, record }: { readonly uid: string | undefined; readonly record: ConfigRecord },
  own: OwnWrites,
): void {
  const { ref, record: former } = snapshot;
  const key = configKey(ref);
  txn.unchanged(key, former?.modRevision ?? 0n).put(key, own.rewrite(key, configRecordCodec, record, former));
  if (uid !== undefined) addHistory(txn, { ref, uid }, record);
}

function changed({ ref }: GroupSnapshot): TheseusError {
  return new TheseusError("CONFLICT", {
    what: `another group was made in place of ${formatGroup(ref)} meanwhile`,
    now: "nothing was changed",
    group: ref,
  });
}
