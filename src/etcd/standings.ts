// Registrations as the leader finds them, and what it writes about those whose heartbeat is gone: always fenced, and only
// while the heartbeat stays away.

import type { EtcdWire, KeyValue } from "../model/ports.js";
import type { SeenRegistration, StandingChange, StandingStore } from "../model/registration.js";
import type { Fence, FencedResult } from "../model/store.js";
import { Complaints } from "./complaints.js";
import { infoCodec } from "./container-codec.js";
import { fenceReads, isInOffice } from "./epochs.js";
import { encode } from "./json-codec.js";
import { below, HEARTBEATS_PREFIX, HOLDERS_PREFIX, heartbeatKey, holderKey, infoKey } from "./keys.js";
import { removeVoid } from "./lease.js";
import { parseKey } from "./parse-key.js";
import type { Parts } from "./parts.js";
import { rangeAll, readKeys } from "./ranges.js";
import { holderCodec } from "./record-codec.js";
import { registeredInfo } from "./registration-record.js";
import { readStored, rewrite } from "./stored.js";
import { Transaction } from "./transaction.js";

type Written = Parameters<StandingStore["writeStandings"]>[2];

/** Each needs three compares of the 128 that etcd takes. */
const AT_ONCE = 30;

export class EtcdStandings implements StandingStore {
  readonly #parts: Pick<Parts, "wire" | "clock" | "log">;
  readonly #complaints: Complaints;

  constructor(parts: Pick<Parts, "wire" | "clock" | "log">) {
    this.#parts = parts;
    this.#complaints = new Complaints(parts.log);
  }

  /** A heartbeat without a lease is void: it is deleted and does not count. */
  async readRegistrations(): Promise<readonly SeenRegistration[]> {
    const { wire } = this.#parts;
    const { kvs, revision } = await rangeAll(wire, below(HOLDERS_PREFIX));
    if (kvs.length === 0) return [];
    const heartbeats = await rangeAll(wire, below(HEARTBEATS_PREFIX), { revision, keysOnly: true });
    const alive = new Set<string>();
    for (const kv of heartbeats.kvs) {
      if (kv.lease === 0n) await removeVoid(wire, kv);
      else alive.add(kv.key);
    }
    return kvs.flatMap((kv) => this.#seen(kv, alive) ?? []);
  }

  #seen(kv: KeyValue, alive: ReadonlySet<string>): SeenRegistration | undefined {
    const key = parseKey(kv.key);
    if (key?.kind !== "holder") return undefined;
    const holder = readStored(holderCodec, kv);
    if ("problem" in holder) {
      this.#complaints.once(kv, holder.problem);
      return undefined;
    }
    const { value, modRevision } = holder;
    return { ref: key.ref, holder: value, modRevision, alive: alive.has(heartbeatKey(key.ref)) };
  }

  async writeStandings(fence: Fence, changes: readonly StandingChange[], written: Written): Promise<FencedResult> {
    let result: FencedResult = { ok: true, revision: 0n };
    for (let at = 0; at < changes.length && result.ok && !fence.end?.aborted; at += AT_ONCE) {
      result = await this.#write(fence, changes.slice(at, at + AT_ONCE), written);
    }
    return result;
  }

  /** By halves, where one of them has changed meanwhile; that one alone is left as it is. */
  async #write(fence: Fence, changes: readonly StandingChange[], written: Written): Promise<FencedResult> {
    const { wire } = this.#parts;
    const { values, revision } = await readKeys(
      wire,
      changes.map(({ seen }) => infoKey(seen.ref)),
    );
    const txn = new Transaction().fenced(fence);
    for (const change of changes) this.#add(txn, change, values.get(infoKey(change.seen.ref)));
    const result = await commit(wire, fence, txn);
    if (result.ok) written(changes);
    if (result.ok || result.why === "fenced" || fence.end?.aborted) return result;
    if (changes.length === 1) return { ok: true, revision };
    const middle = Math.ceil(changes.length / 2);
    const first = await this.#write(fence, changes.slice(0, middle), written);
    return first.ok ? this.#write(fence, changes.slice(middle), written) : first;
  }

  #add(txn: Transaction, { seen, to }: StandingChange, infoKv: KeyValue | undefined): void {
    const { ref, holder, modRevision } = seen;
    txn.unchanged(holderKey(ref), modRevision);
    if (seen.alive) txn.exists(heartbeatKey(ref));
    else txn.unchanged(heartbeatKey(ref), 0n);
    const info = infoKv === undefined ? undefined : registeredInfo(infoKv);
    if (info !== undefined) txn.unchanged(infoKey(ref), info.modRevision);
    if (to === "gone") {
      txn.remove(holderKey(ref));
      if (info !== undefined) txn.remove(infoKey(ref));
      return;
    }
    const now = this.#parts.clock.now();
    const { lostAt: _, ...rest } = holder;
    const next = { ...rest, standing: to, ...(to === "lost" ? { lostAt: now } : {}) };
    txn.put(holderKey(ref), encode(holderCodec, next));
    if (info === undefined) return;
    const told = { ...info.value, state: to === "kept" ? holder.state : to, since: now };
    txn.put(infoKey(ref), rewrite(infoCodec, told, info));
  }
}

async function commit(wire: EtcdWire, fence: Fence, txn: Transaction): Promise<FencedResult> {
  const { succeeded, revision, results } = await txn.commit(wire, fenceReads(fence));
  if (succeeded) return { ok: true, revision };
  return { ok: false, why: isInOffice(fence, results) ? "stale" : "fenced" };
}
