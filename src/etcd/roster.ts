// Who of the servers may still have watchers: those that are registered, and those that went without signing off. Beside
// its key under a lease each has one without, which its sign-off alone deletes at once; the leader notes when it first
// missed a server, and forgets it 10 minutes after, or when a hundred others went after it.

import { type Instant, MINUTE, type Milliseconds } from "../model/instant.js";
import type { EtcdWire, KeyValue } from "../model/ports.js";
import type { Fence } from "../model/store.js";
import { type Decoded, decode, encode } from "./json-codec.js";
import { below, ROSTER_PREFIX, rosterKey, SERVERS_PREFIX } from "./keys.js";
import { parseKey } from "./parse-key.js";
import { readTogether } from "./ranges.js";
import { type RosterRecord, rosterCodec } from "./record-codec.js";
import { Transaction } from "./transaction.js";

const REMEMBERED: Milliseconds = 10 * MINUTE;
/** Every drain names them all. A server that is started over and over would leave hundreds. */
const MOST_REMEMBERED = 100;

/** Everybody who counts, sorted; and when that was so. */
export type Roll = { readonly servers: readonly string[]; readonly revision: bigint };

/** Linearizable. */
export async function readRoll(wire: EtcdWire, now: Instant): Promise<Roll> {
  const { registered, gone, revision } = await readBoth(wire);
  const counted = remembered(gone, now).map(({ id }) => id);
  return { servers: [...registered, ...counted].sort(), revision };
}

/** What the leader has to write: when it first missed a server, and that one is forgotten. */
export async function rosterUpkeep(wire: EtcdWire, fence: Fence, now: Instant): Promise<readonly Transaction[]> {
  const { gone } = await readBoth(wire);
  const counted = new Set(remembered(gone, now));
  return gone.flatMap((one) => {
    const { id, kv, record } = one;
    const txn = new Transaction().fenced(fence).unchanged(kv.key, kv.modRevision);
    if (!counted.has(one)) return [txn.remove(kv.key)];
    const former = "value" in record ? record.value : { since: now };
    // A mark from the future is one of another clock.
    if (former.gone !== undefined && former.gone <= now) return [];
    return [txn.put(rosterKey(id), encode(rosterCodec, { ...former, gone: now }, kv.value))];
  });
}

/** Not registered, and not signed off. */
type Gone = { readonly id: string; readonly kv: KeyValue; readonly record: Decoded<RosterRecord> };

async function readBoth(wire: EtcdWire) {
  const { found, revision } = await readTogether(wire, [below(SERVERS_PREFIX), below(ROSTER_PREFIX)]);
  const [servers = [], marks = []] = found;
  const registered = new Set<string>();
  for (const { key, lease } of servers) {
    const parsed = parseKey(key);
    // A key without a lease came with a copy of the store, without its server.
    if (parsed?.kind === "server" && lease !== 0n) registered.add(parsed.id);
  }
  const gone = marks.flatMap((kv): Gone[] => {
    const parsed = parseKey(kv.key);
    if (parsed?.kind !== "roster" || registered.has(parsed.id)) return [];
    return [{ id: parsed.id, kv, record: decode(rosterCodec, kv.value) }];
  });
  return { registered, gone, revision };
}

/** Those that went last, and not too long ago. One that nobody has missed yet went just now. */
function remembered(gone: readonly Gone[], now: Instant): readonly Gone[] {
  const wentAt = ({ record }: Gone): Instant => ("value" in record ? record.value.gone : undefined) ?? now;
  return gone
    .filter((one) => now - wentAt(one) < REMEMBERED)
    .sort((a, b) => wentAt(b) - wentAt(a))
    .slice(0, MOST_REMEMBERED);
}
