// The cluster id: random, made by the first transaction, the same for everybody from then on.

import type { EtcdWire, Rng } from "../model/ports.js";
import { decode, encode } from "./json-codec.js";
import { CLUSTER_KEY } from "./keys.js";
import { clusterCodec } from "./record-codec.js";
import { damaged } from "./stored.js";
import { Transaction } from "./transaction.js";

/** The cluster id, made if there is none. May be repeated. STORE_DAMAGED when the key holds something else. */
export async function ensureCluster(wire: EtcdWire, rng: Rng): Promise<string> {
  const clusterId = rng.hex(8);
  const txn = new Transaction().unchanged(CLUSTER_KEY, 0n).put(CLUSTER_KEY, encode(clusterCodec, { clusterId }));
  const { succeeded, results } = await txn.commit(wire, [{ op: "range", key: CLUSTER_KEY }]);
  if (succeeded) return clusterId;
  const [answer] = results;
  const [stored] = answer?.op === "range" ? answer.kvs : [];
  const decoded = decode(clusterCodec, stored?.value ?? "");
  if ("problem" in decoded) throw damaged(CLUSTER_KEY, decoded.problem);
  return decoded.value.clusterId;
}
