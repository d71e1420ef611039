// The host records.

import type { HostRecord } from "../model/host.js";
import type { EtcdWire } from "../model/ports.js";
import type { Versioned } from "../model/store.js";
import { below, HOSTS_PREFIX, hostKey } from "./keys.js";
import { rangeAll } from "./ranges.js";
import { hostCodec } from "./record-codec.js";
import { mustRead, rewrite } from "./stored.js";
import type { Transaction } from "./transaction.js";

/** Reads hosts, and remembers them for the next write. */
export class Hosts {
  readonly #wire: EtcdWire;
  readonly #read = new Map<string, Versioned<HostRecord>>();

  constructor(wire: EtcdWire) {
    this.#wire = wire;
  }

  /** Sorted by name. STORE_DAMAGED when one cannot be understood. */
  async list(): Promise<readonly Versioned<HostRecord>[]> {
    const { kvs } = await rangeAll(this.#wire, below(HOSTS_PREFIX));
    const hosts = kvs.map((kv) => mustRead(hostCodec, kv));
    for (const host of hosts) this.#read.set(host.value.name, host);
    return hosts;
  }

  /** Adds the write of one record that was read at that mod revision; 0n: it must not exist. */
  async add(txn: Transaction, record: HostRecord, modRevision: bigint): Promise<void> {
    const key = hostKey(record.name);
    const former = modRevision === 0n ? undefined : await this.#former(record.name, modRevision);
    txn.unchanged(key, modRevision).put(key, rewrite(hostCodec, record, former));
  }

  async #former(name: string, modRevision: bigint): Promise<Versioned<HostRecord> | undefined> {
    if (this.#read.get(name)?.modRevision !== modRevision) await this.list();
    return this.#read.get(name);
  }
}
