// The stretches of the store's history: who appends them, and which is the newest.

import type { Instant } from "../model/instant.js";
import type { KeyValue } from "../model/ports.js";
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
 * The leader's epoch, appended the first time and rewritten after that; the oldest go. False when another one has been
 * appended since: history has changed, and this leader may not go on.
 */
export async function addLeaderEpoch(
  { wire }: Pick<Parts, "wire">,
  fence: Fence,
  epoch: { readonly id: string; readonly at: Instant },
): Promise<Transaction | undefined> {
  const key = epochKey(epoch.id);
  const { kvs } = await rangeAll(wire, EPOCHS_RANGE);
  const own = kvs.find((kv) => kv.key === key);
  const txn = new Transaction().fenced(fence).put(key, encode(epochCodec, { at: epoch.at, leader: true }));
  if (own === undefined) {
    for (const old of oldest(kvs)) txn.remove(old.key);
    return txn.unchanged(key, 0n);
  }
  if (newestEpoch(kvs) !== epoch.id) return undefined;
  return txn.compare({ ...EPOCHS_RANGE, target: "create", op: "<", value: own.createRevision + 1n });
}

function oldest(kvs: readonly KeyValue[]): readonly KeyValue[] {
  const inOrder = [...kvs].sort((a, b) => (a.createRevision < b.createRevision ? -1 : 1));
  return inOrder.slice(0, Math.max(0, inOrder.length - (KEPT - 1))).slice(0, KEPT);
}

/** The newest epoch can change only by an event on such a key. */
export const isEpochKey = (key: string): boolean => key.startsWith(EPOCHS_PREFIX);
