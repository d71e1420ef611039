// What is remembered between two readings of all reservations, and what may not be.

import { describe, expect, it } from "@jest/globals";
import { intentCodec } from "../../../src/etcd/container-codec.js";
import { encode } from "../../../src/etcd/json-codec.js";
import { configKey, containerKey } from "../../../src/etcd/keys.js";
import { Reservations } from "../../../src/etcd/reservations.js";
import type { Intent } from "../../../src/model/container.js";
import type { EtcdWire, KeyValue } from "../../../src/model/ports.js";
import { groupRef } from "../../../src/model/reference.js";
import { silent } from "../../support/parts.js";

const GROUP = groupRef("web", ["dev"]);
const KEY = containerKey({ ...GROUP, name: "c1" });
const intent = (host: string): Intent => ({
  name: "c1",
  slot: 1,
  generation: 1,
  configRevision: 1,
  fingerprint: "1-f",
  host,
  hostPorts: {},
  phase: "running",
});

/** A store whose keys are replaced by hand. */
class Store {
  kvs: KeyValue[] = [];
  readonly wire = {
    range: async () => ({ kvs: this.kvs, more: false, revision: 9n }),
  } as unknown as EtcdWire;

  put(key: string, value: string, modRevision: bigint): void {
    const kv = { key, value, createRevision: 1n, modRevision, version: 1n, lease: 0n };
    this.kvs = [...this.kvs.filter((one) => one.key !== key), kv];
  }
}

describe("reservations", () => {
  it("are what the store says now, also when it was restored and has another value at the same revision", async () => {
    const store = new Store();
    const reservations = new Reservations(store.wire, silent);
    const hosts = async () => (await reservations.list()).map((one) => one.intent.host);
    store.put(KEY, encode(intentCodec, intent("here")), 5n);
    expect(await hosts()).toEqual(["here"]);
    store.put(KEY, encode(intentCodec, intent("there")), 5n);
    expect(await hosts()).toEqual(["there"]);
    store.kvs = [];
    expect(await hosts()).toEqual([]);
  });

  it("decode a value once, and complain of a broken one once", async () => {
    const store = new Store();
    const complaints: unknown[] = [];
    const log = { ...silent, warn: (fields: object) => void complaints.push(Reflect.get(fields, "key")) };
    const reservations = new Reservations(store.wire, log);
    store.put(KEY, encode(intentCodec, intent("here")), 5n);
    store.put(configKey(GROUP), "not even JSON", 6n);
    const [first] = await reservations.list();
    const [second] = await reservations.list();
    expect(second?.intent).toBe(first?.intent);
    expect(complaints).toEqual([configKey(GROUP)]);
  });
});
