// Takes up a store from its records, and refuses one of which something is missing.

import type { Milliseconds } from "../model/instant.js";
import type { Rng } from "../model/ports.js";
import { countKept } from "./compaction.js";
import type { Disk } from "./disk.js";
import { FIRST_REVISION, History } from "./history.js";
import { Leases } from "./leases.js";
import { type Compacted, DamagedRecord, type Identity, identityRecord, readRecord, type Stored } from "./records.js";

export type Loaded = { readonly identity: Identity; readonly history: History; readonly leases: Leases };

/** Makes a new store when there is none. Leases begin anew now. Fails with DamagedRecord, or as Disk does. */
export async function loadStore(disk: Disk, rng: Rng, now: Milliseconds): Promise<Loaded> {
  const loading = new Loading(now);
  for await (const record of disk.records()) loading.take(readRecord(record));
  const loaded = loading.finish();
  if (loaded !== undefined) return loaded;
  const identity = { clusterId: randomId(rng), memberId: randomId(rng) };
  await disk.write([{ type: "put", ...identityRecord(identity) }]);
  return { identity, history: new History(), leases: new Leases() };
}

class Loading {
  readonly #history = new History();
  readonly #leases = new Leases();
  readonly #now: Milliseconds;
  #identity: Identity | undefined;
  #compacted: Compacted | undefined;
  #records = 0;

  constructor(now: Milliseconds) {
    this.#now = now;
  }

  /** In the order of keys: how far history is compacted comes before leases, these before revisions. */
  take(stored: Stored): void {
    this.#records++;
    switch (stored.kind) {
      case "identity":
        this.#identity = stored;
        return;
      case "compacted":
        this.#compacted = stored;
        this.#history.loadCompacted(stored.revision);
        return;
      case "lease":
        this.#leases.grant(stored.id, stored.ttlSeconds, this.#now);
        return;
      case "revision":
        this.#checkNext(stored.revision);
        this.#history.load(stored.revision, stored.changes);
    }
  }

  /** Undefined: there is no store yet. */
  finish(): Loaded | undefined {
    if (this.#records === 0) return undefined;
    if (this.#identity === undefined) throw new DamagedRecord("there are records, but none that says whose");
    this.#checkKept();
    this.#history.letGoOfLost(this.#leases);
    this.#history.attachLeases(this.#leases);
    return { identity: this.#identity, history: this.#history, leases: this.#leases };
  }

  #checkNext(revision: number): void {
    const compacted = Math.max(FIRST_REVISION, this.#history.compacted);
    const last = Math.max(compacted, this.#history.head);
    if (revision > compacted && revision !== last + 1) {
      throw new DamagedRecord(`revision ${last + 1} is missing, though revision ${revision} is there`);
    }
  }

  #checkKept(): void {
    if (this.#compacted === undefined) return;
    const { revision, kept } = this.#compacted;
    const found = countKept(this.#history, revision);
    if (found === kept) return;
    throw new DamagedRecord(`${kept} versions of keys should stand at revision ${revision}, found are ${found}`);
  }
}

function randomId(rng: Rng): bigint {
  return BigInt(`0x${rng.hex(8)}`) || 1n;
}
