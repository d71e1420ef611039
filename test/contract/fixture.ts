// What the suites of the store share: a store on the wire under test, names that no other test uses, and a leader.

import { createStore, type Store } from "../../src/etcd/driver.js";
import { LEADER_KEY } from "../../src/etcd/keys.js";
import type { ChangeContext } from "../../src/model/change.js";
import type { ContainerInfo, Intent } from "../../src/model/container.js";
import type { Change } from "../../src/model/group.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import type { Fence } from "../../src/model/store.js";
import { testParts } from "../support/parts.js";

/** Opens a wire to the store under test; the caller of the suite closes what is behind it. */
export type WireFactory = () => Promise<EtcdWire>;

export const CHANGE: Change = { actor: "ann@desk", command: "apply", message: "", time: Date.UTC(2026, 0, 1) };

let requests = 0;
let services = 0;

/** A change with a request id of its own, or with that one. */
export function context(requestId = `request-${++requests}`, digest = "d1"): ChangeContext {
  return { namespace: "default", requestId, digest, change: CHANGE };
}

/** A group of a service that nothing else uses. */
export function freshGroup(labels: readonly string[] = ["dev"], namespace = "default"): GroupRef {
  return groupRef(`service${++services}`, labels, namespace);
}

export function anInfo(name: string, more: Partial<ContainerInfo> = {}): ContainerInfo {
  return {
    instanceName: name,
    instanceHost: "172.17.0.1",
    instancePort: 20417,
    portMappings: { http: { external: 20417, exposed: 8080, protocol: "tcp" } },
    ...more,
  };
}

export function anIntent(name: string, slot: number, more: Partial<Intent> = {}): Intent {
  return {
    name,
    slot,
    generation: 1,
    configRevision: 1,
    fingerprint: "1-f",
    host: "local",
    hostPorts: { http: 20417 },
    phase: "creating",
    ...more,
  };
}

export type Fixture = { readonly wire: EtcdWire; readonly store: Store };

export async function openFixture(openWire: WireFactory): Promise<Fixture> {
  const wire = await openWire();
  return { wire, store: createStore(wire, testParts()) };
}

/** Puts a leader key under a long lease and returns the proof of it. */
export async function becomeLeader(wire: EtcdWire): Promise<Fence> {
  const { lease } = await wire.leaseGrant(60);
  await wire.txn([], [{ op: "delete", key: LEADER_KEY }]);
  const { revision } = await wire.txn([], [{ op: "put", key: LEADER_KEY, value: "test", lease }]);
  return { key: LEADER_KEY, createRevision: revision, lease };
}

export async function put(wire: EtcdWire, key: string, value: string): Promise<bigint> {
  return (await wire.txn([], [{ op: "put", key, value }])).revision;
}

export async function get(wire: EtcdWire, key: string): Promise<string | undefined> {
  return (await wire.range({ key })).kvs[0]?.value;
}

/** The error that the promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
