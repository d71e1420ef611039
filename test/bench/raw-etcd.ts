// An etcd of its own for a bench, with our wire to it and a plain client beside it, and records as real ones are.

import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";
import { infoCodec, intentCodec } from "../../src/etcd/container-codec.js";
import { encode } from "../../src/etcd/json-codec.js";
import { containerKey, infoKey } from "../../src/etcd/keys.js";
import { snapshotAndWatch } from "../../src/etcd/watch.js";
import type { RangeFeed } from "../../src/etcd/watch-session.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { ContainerInfo, Intent } from "../../src/model/container.js";
import type { EtcdWire, KeyRange, Op } from "../../src/model/ports.js";
import { systemClock } from "../../src/system.js";
import { testParts } from "../support/parts.js";
import { startEtcd } from "../support/start-etcd.js";

/** As many keys as one page of our own reads has. */
export const PAGE = 2000;
const MESSAGE_BYTES = 64 * 1024 * 1024;

export type Bed = { readonly wire: EtcdWire; readonly raw: Etcd3; readonly endpoint: string };

export async function onEtcd<T>(work: (bed: Bed) => Promise<T>): Promise<T> {
  const etcd = await startEtcd({ detached: true });
  const wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  const raw = new Etcd3({
    hosts: etcd.endpoint,
    faultHandling: { host: () => noop, global: noop },
    grpcOptions: { "grpc.max_receive_message_length": MESSAGE_BYTES, "grpc.use_local_subchannel_pool": 1 },
  });
  try {
    return await work({ wire, raw, endpoint: etcd.endpoint });
  } finally {
    raw.close();
    wire.close();
    await etcd.stop();
  }
}

export function followRange(wire: EtcdWire, range: KeyRange, signal: AbortSignal): AsyncGenerator<RangeFeed, void> {
  const { clock, rng, log } = testParts();
  return snapshotAndWatch({ wire, clock, rng, log, historyChanged: async () => undefined }, range, signal);
}

/** Intent and info of one container of a group of ten. */
export function containerRecords(number: number, labels = ["dev", "frontend"]): readonly Op[] {
  const [group, slot] = [Math.floor(number / 10), (number % 10) + 1];
  const name = `service${group}.dev.frontend.${slot}.3-k3f9x2`;
  const ref = { namespace: "default", service: `service${group}`, labels, name };
  const hostPort = 20_000 + (number % 12_000);
  const intent: Intent = {
    name,
    slot,
    generation: 3,
    configRevision: 42,
    fingerprint: "1-0123456789abcdef0123456789abcdef",
    host: "local",
    hostPorts: { http: hostPort },
    phase: "running",
  };
  const info: ContainerInfo = {
    instanceName: name,
    instanceHost: "172.17.0.1",
    instancePort: hostPort,
    portMappings: { http: { external: hostPort, exposed: 8080, protocol: "tcp" } },
    state: "ready",
    labels,
    host: "local",
    slot,
    generation: 3,
    configRevision: 42,
    origin: "managed",
    weight: 100,
    since: Date.UTC(2026, 0, 1),
  };
  return [
    { op: "put", key: containerKey(ref), value: encode(intentCodec, intent) },
    { op: "put", key: infoKey(ref), value: encode(infoCodec, info) },
  ];
}
