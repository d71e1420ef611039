// Who of the servers may still have watchers: those that are registered, and those that went without signing off. Beside
// its key under a lease each has one without, which its sign-off alone deletes at once; the leader notes when it first
// missed a server, and forgets it 10 minutes after.

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

/** Everybody who counts, sorted; the keys that say so without a lease, with their mod revisions; when that was so. */
export type Roll = {
  readonly servers: readonly string[];
  readonly marks: ReadonlyMap<string, bigint>;
  readonly revision: bigint;
};

/** Linearizable. */
export async function readRoll(wire: EtcdWire, now: Instant): Promise<Roll> {
  const { registered, roster, revision } = await readBoth(wire);
  const counted = roster.filter(({ id, record }) => registered.has(id) || !isForgotten(record, now));
  return {
    servers: [...new Set([...registered, ...counted.map(({ id }) => id)])].sort(),
    marks: new Map(counted.map(({ kv }) => [kv.key, kv.modRevision])),
    revision,
  };
}

/** What the leader has to write: when it first missed a server, and that one is forgotten. */
export async function rosterUpkeep(wire: EtcdWire, fence: Fence, now: Instant): Promise<readonly Transaction[]> {
  const { registered, roster } = await readBoth(wire);
  return roster.flatMap(({ id, kv, record }) => {
    const txn = new Transaction().fenced(fence).unchanged(kv.key, kv.modRevision);
    if (registered.has(id)) return [];
    if (isForgotten(record, now)) return [txn.remove(kv.key)];
    const former = "value" in record ? record.value : { since: now };
    // A mark from the future is one of another clock.
    if (former.gone !== undefined && former.gone <= now) return [];
    return [txn.put(rosterKey(id), encode(rosterCodec, { ...former, gone: now }, kv.value))];
  });
}

type Listed = { readonly id: string; readonly kv: KeyValue; readonly record: Decoded<RosterRecord> };

async function readBoth(wire: EtcdWire) {
  const { found, revision } = await readTogether(wire, [below(SERVERS_PREFIX), below(ROSTER_PREFIX)]);
  const [servers = [], marks = []] = found;
  const registered = new Set<string>();
  for (const { key, lease } of servers) {
    const parsed = parseKey(key);
    // A key without a lease came with a copy of the store, without its server.
    if (parsed?.kind === "server" && lease !== 0n) registered.add(parsed.id);
  }
  const roster = marks.flatMap((kv): Listed[] => {
    const parsed = parseKey(kv.key);
    return parsed?.kind === "roster" ? [{ id: parsed.id, kv, record: decode(rosterCodec, kv.value) }] : [];
  });
  return { registered, roster, revision };
}

function isForgotten(record: Decoded<RosterRecord>, now: Instant): boolean {
  const gone = "value" in record ? record.value.gone : undefined;
  return gone !== undefined && now - gone >= REMEMBERED;
}
