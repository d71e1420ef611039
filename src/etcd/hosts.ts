// The host records.

import type { HostRecord } from "../model/host.js";
import type { EtcdWire, KeyValue } from "../model/ports.js";
import type { Versioned } from "../model/store.js";
import { Complaints } from "./complaints.js";
import { encode } from "./json-codec.js";
import { below, HOSTS_PREFIX, hostKey } from "./keys.js";
import { OwnWrites } from "./own-writes.js";
import type { Parts } from "./parts.js";
import { rangeAll } from "./ranges.js";
import { hostCodec } from "./record-codec.js";
import { readStored, textOf } from "./stored.js";
import type { Transaction } from "./transaction.js";

/** Reads hosts, and remembers them for the next write. */
export class Hosts {
  readonly #wire: EtcdWire;
  readonly #own: OwnWrites;
  readonly #complaints: Complaints;
  readonly #read = new Map<string, Versioned<HostRecord>>();

  constructor({ wire, log }: Pick<Parts, "wire" | "log">, own = new OwnWrites()) {
    this.#wire = wire;
    this.#complaints = new Complaints(log);
    this.#own = own;
  }

  /** Sorted by name. One that cannot be understood is left out and logged once: it may not stop all the others. */
  async list(): Promise<readonly Versioned<HostRecord>[]> {
    const { kvs } = await rangeAll(this.#wire, below(HOSTS_PREFIX));
    const hosts = kvs.flatMap((kv) => this.#decoded(kv) ?? []);
    for (const host of hosts) this.#read.set(host.value.name, host);
    return hosts;
  }

  #decoded(kv: KeyValue): Versioned<HostRecord> | undefined {
    const host = readStored(hostCodec, kv);
    if (!("problem" in host)) return host;
    this.#complaints.once(kv, host.problem);
    return undefined;
  }

  /** Adds the write of one record that was read at that mod revision; 0n: it must not exist. */
  async add(txn: Transaction, record: HostRecord, modRevision: bigint): Promise<void> {
    const key = hostKey(record.name);
    const former = modRevision === 0n ? undefined : await this.#former(record.name, modRevision);
    txn.unchanged(key, modRevision).put(key, encode(hostCodec, record, former));
  }

  /** The text at that revision; undefined when it has been written again since, and the write will fail. */
  async #former(name: string, modRevision: bigint): Promise<string | undefined> {
    const own = this.#own.text(hostKey(name), modRevision);
    if (own !== undefined) return own;
    if (this.#read.get(name)?.modRevision !== modRevision) await this.list();
    const read = this.#read.get(name);
    return read?.modRevision === modRevision ? textOf(read) : undefined;
  }
}
