// The one who changes the store while it is watched: puts, deletes, transactions of many keys, and values of all sizes.

import type { EtcdWire, Op } from "../../../src/model/ports.js";
import { until } from "../../support/until.js";

const LANES = 12;
const OPS_AT_ONCE = 100;

export class Writer {
  /** Transactions that were answered. */
  changes = 0;
  /** The newest of their revisions. */
  head = 0;
  readonly #wire: EtcdWire;
  readonly #chance: () => number;
  readonly #keys: number;
  #written = 0;

  constructor(wire: EtcdWire, keys: number, chance: () => number) {
    this.#wire = wire;
    this.#keys = keys;
    this.#chance = chance;
  }

  /** Every key once, so that a snapshot has some length. */
  async fill(): Promise<void> {
    for (let at = 0; at < this.#keys; at += OPS_AT_ONCE) {
      const some = Array.from({ length: Math.min(OPS_AT_ONCE, this.#keys - at) }, (_, i) => this.#put(at + i, 200));
      await this.#change(some);
    }
  }

  /** At least that many changes, and on and on until the condition holds. */
  async write(fewest: number, enough: () => boolean = () => true): Promise<void> {
    const goal = this.changes + fewest;
    const lane = async (number: number): Promise<void> => {
      while (this.changes < goal || (number === 0 && !enough())) await this.#any();
    };
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  }

  /** Changes so large that a watch that was away gets them in fragments, each of many keys. */
  async writeLarge(changes: number): Promise<void> {
    for (let i = 0; i < changes; i++) {
      await this.#change(this.#someKeys(6).map((key) => this.#put(key, 150_000)));
    }
  }

  /** Keys that etcd deletes by itself once the lease is over. */
  async writeLeased(seconds: number): Promise<void> {
    const { lease } = await this.#wire.leaseGrant(seconds);
    await this.#change(Array.from({ length: 10 }, (_, i) => ({ ...this.#put(0, 10), key: `${LEASED}${i}`, lease })));
  }

  async leasedKeys(): Promise<number> {
    return (await this.#wire.range({ key: LEASED, end: LEASED_END })).kvs.length;
  }

  async #any(): Promise<void> {
    const [key = 0, ...more] = this.#someKeys(1 + Math.floor(this.#chance() * 9));
    const kind = this.#chance();
    try {
      if (kind < 0.6) await this.#change([this.#put(key, 150)]);
      else if (kind < 0.75) await this.#change([{ op: "delete", key: keyOf(key) }]);
      else if (kind < 0.98)
        await this.#change([...more.map((other) => this.#put(other, 100)), { op: "delete", key: keyOf(key) }]);
      else await this.#change([this.#put(key, 40_000)]);
    } catch {
      // Etcd is away just now. Whether this one was stored, the true history tells.
      await until("the store answers the writer", () => this.#answers(), { withinMs: 60_000 });
    }
  }

  #answers(): Promise<boolean> {
    return this.#wire.range({ key: "/" }).then(
      () => true,
      () => false,
    );
  }

  async #change(ops: readonly Op[]): Promise<void> {
    const { revision } = await this.#wire.txn([], ops);
    this.changes++;
    this.head = Math.max(this.head, Number(revision));
  }

  /** The store was put back: its revisions begin again further down. */
  wentBack(revision: number): void {
    this.head = revision;
  }

  #someKeys(count: number): number[] {
    return [...new Set(Array.from({ length: count }, () => Math.floor(this.#chance() * this.#keys)))];
  }

  #put(key: number, size: number): Extract<Op, { op: "put" }> {
    const value = JSON.stringify({ instance_host: "172.17.0.1", n: ++this.#written, padding: "x".repeat(size) });
    return { op: "put", key: keyOf(key), value };
  }
}

const LEASED = "/services/leased/-/containers/c";
const LEASED_END = "/services/leased/-/containers/d";

/** Some keys of each kind that the range holds; a few that the catalog ignores. */
function keyOf(number: number): string {
  if (number % 50 === 0) return `/theseus/drains/default/d${number}`;
  if (number % 50 === 1) return `/namespaces/n${number}`;
  return `/services/s${number % 17}/dev/containers/c${number}/info`;
}
