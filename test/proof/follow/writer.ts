// The one who changes the records while they are watched, past Theseus, by etcd's own API.

import { setTimeout as pause } from "node:timers/promises";
import type { RequestOp } from "../../../src/embedded/gen/etcd.js";
import { EtcdApiClient } from "../../support/etcd-api.js";

const LANES = 4;
/** The watchers are what is looked at, not how much one machine can do. */
const PAUSE_MS = 10;
const PLACES = [
  "/services/s0/-",
  "/services/s0/dev",
  "/services/s1/dev,front",
  "/services/s1/dev,old",
  "/services/s2/prod",
  "/namespaces/blue/services/s1/dev",
] as const;
const NAMES = 12;
const STATES = ["ready", "ready", "stale", "starting", "unhealthy", "draining", "failed"] as const;

export class Writer {
  /** Transactions that were answered. */
  changes = 0;
  /** The newest of their revisions. */
  head = 0;
  readonly #client: EtcdApiClient;
  readonly #chance: () => number;
  #written = 0;

  constructor(endpoint: string, chance: () => number) {
    this.#client = new EtcdApiClient(endpoint.replace("http://", ""));
    this.#chance = chance;
  }

  close(): void {
    this.#client.close();
  }

  async fill(): Promise<void> {
    await this.#change([put("/namespaces/blue", JSON.stringify({ created: new Date(0).toISOString() }))]);
    for (const place of PLACES) {
      await this.#change(Array.from({ length: NAMES }, (_, i) => put(keyOf(place, i), this.#record())));
    }
  }

  /** At least that many changes, and on and on until the condition holds. */
  async write(fewest: number, enough: () => boolean = () => true): Promise<void> {
    const goal = this.changes + fewest;
    const lane = async (number: number): Promise<void> => {
      while (this.changes < goal || (number === 0 && !enough())) {
        await this.#change(this.#some());
        await pause(PAUSE_MS);
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  }

  /** The store was put back: its revisions begin again further down. */
  wentBack(revision: number): void {
    this.head = revision;
  }

  #some(): RequestOp[] {
    const kind = this.#chance();
    const [key = "", ...more] = this.#keys(1 + Math.floor(this.#chance() * 5));
    if (kind < 0.55) return [put(key, this.#record())];
    if (kind < 0.75) return [remove(key)];
    if (kind < 0.78) return [put(key, "{ this is no record")];
    return [remove(key), ...more.map((other) => put(other, this.#record()))];
  }

  #keys(count: number): string[] {
    const any = <T>(items: readonly T[]): T => items[Math.floor(this.#chance() * items.length)] as T;
    const one = () => keyOf(any(PLACES), Math.floor(this.#chance() * NAMES));
    return [...new Set(Array.from({ length: count }, one))];
  }

  #record(): string {
    const number = ++this.#written;
    const external = 20_000 + (number % 10_000);
    const mapping = { external, exposed: 8080, protocol: "tcp" };
    const admin = { admin: { ...mapping, external: external + 10_000 } };
    const more = number % 3 === 0 ? {} : { state: STATES[number % STATES.length], weight: number % 1000 };
    return JSON.stringify({
      instance_name: `by-hand-${number}`,
      instance_host: `10.0.${number % 200}.7`,
      instance_port: external,
      port_mappings: { http: mapping, ...(number % 4 === 0 ? {} : admin) },
      ...more,
    });
  }

  async #change(success: RequestOp[]): Promise<void> {
    const { header } = await this.#client.must("txn", { compare: [], success, failure: [] });
    this.changes++;
    this.head = Math.max(this.head, Number(header?.revision ?? 0));
  }
}

const keyOf = (place: string, number: number): string => `${place}/containers/c${number}/info`;

function put(key: string, value: string): RequestOp {
  const [bytes, content] = [Buffer.from(key), Buffer.from(value)];
  const requestPut = { key: bytes, value: content, lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };
  return { request: { $case: "requestPut", value: requestPut } };
}

function remove(key: string): RequestOp {
  const requestDeleteRange = { key: Buffer.from(key), rangeEnd: Buffer.alloc(0), prevKv: false };
  return { request: { $case: "requestDeleteRange", value: requestDeleteRange } };
}
