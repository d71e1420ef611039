// The stretches of the store's history: who appends them, and which is the newest.

import type { Instant } from "../model/instant.js";
import type { EtcdWire, KeyValue, Op, OpResult } from "../model/ports.js";
import type { Fence } from "../model/store.js";
import { encode } from "./json-codec.js";
import { EPOCHS_PREFIX, EPOCHS_RANGE, epochKey } from "./keys.js";
import { parseKey } from "./parse-key.js";
import type { Parts } from "./parts.js";
import { rangeAll } from "./ranges.js";
import { epochCodec } from "./record-codec.js";
import { Transaction } from "./transaction.js";

const KEPT = 100;

/** The id of the newest epoch, "" while there is none. */
export function newestEpoch(kvs: Iterable<Pick<KeyValue, "key" | "createRevision">>): string {
  let newest: { readonly id: string; readonly created: bigint } | undefined;
  for (const { key, createRevision } of kvs) {
    const parsed = key.startsWith(EPOCHS_PREFIX) ? parseKey(key) : undefined;
    if (parsed?.kind !== "epoch") continue;
    if (newest === undefined || createRevision > newest.created) newest = { id: parsed.id, created: createRevision };
  }
  return newest?.id ?? "";
}

/** A server that found history changed says so to all others. */
export async function appendEpoch({ wire, rng, clock }: Pick<Parts, "wire" | "rng" | "clock">): Promise<void> {
  const key = epochKey(rng.hex(8));
  const value = encode(epochCodec, { at: clock.now(), leader: false });
  await new Transaction().unchanged(key, 0n).put(key, value).commit(wire);
}

/**
 * The write of a leader's epoch. Without one in the fence it is appended, and the oldest go; an earlier try of which the
 * answer was lost counts. With one it is rewritten, which fails when it is gone or another is newer. Undefined: another
 * has been appended since that earlier try.
 * @returns since: the revision that it was appended at, undefined if this write appends it.
 */
export async function writeLeaderEpoch(
  wire: EtcdWire,
  fence: Fence,
  { id, at }: { readonly id: string; readonly at: Instant },
): Promise<{ readonly txn: Transaction; readonly since: bigint | undefined } | undefined> {
  const key = epochKey(id);
  const txn = new Transaction().fenced(fence).put(key, encode(epochCodec, { at, leader: true }));
  if (fence.epoch !== undefined) return { txn, since: fence.epoch.createRevision };
  const { kvs } = await rangeAll(wire, EPOCHS_RANGE);
  const since = kvs.find((kv) => kv.key === key)?.createRevision;
  if (since === undefined) {
    for (const old of oldest(kvs)) txn.remove(old.key);
    return { txn: txn.unchanged(key, 0n), since };
  }
  return newestEpoch(kvs) === id ? { txn: txn.newestEpoch(key, since), since } : undefined;
}

/** What is read when a fenced write did not go through. */
export const fenceReads = (fence: Fence): readonly Op[] => [
  { op: "range", key: fence.key },
  { op: "range", ...EPOCHS_RANGE, keysOnly: true },
];

/** True when the fence holds, by what was read. */
export function isInOffice(fence: Fence, [leader, epochs]: readonly OpResult[]): boolean {
  const [key] = leader?.op === "range" ? leader.kvs : [];
  if (key?.createRevision !== fence.createRevision || key.lease !== fence.lease) return false;
  if (fence.epoch === undefined) return true;
  const { id, createRevision } = fence.epoch;
  const kvs = epochs?.op === "range" ? epochs.kvs : [];
  const own = kvs.find((kv) => kv.key === epochKey(id));
  return own?.createRevision === createRevision && newestEpoch(kvs) === id;
}

function oldest(kvs: readonly KeyValue[]): readonly KeyValue[] {
  const inOrder = [...kvs].sort((a, b) => (a.createRevision < b.createRevision ? -1 : 1));
  return inOrder.slice(0, Math.max(0, inOrder.length - (KEPT - 1))).slice(0, KEPT);
}

/** The newest epoch can change only by an event on such a key. */
export const isEpochKey = (key: string): boolean => key.startsWith(EPOCHS_PREFIX);
