// Fills a store with groups of ten containers, with every record that Theseus keeps of them.

import { configRecordCodec } from "../../src/etcd/config-codec.js";
import { encode } from "../../src/etcd/json-codec.js";
import { configKey, groupKey, serviceKey, slotsKey } from "../../src/etcd/keys.js";
import { createdCodec, groupCodec, slotsCodec } from "../../src/etcd/record-codec.js";
import type { ConfigRecord } from "../../src/model/group.js";
import type { EtcdWire, Op } from "../../src/model/ports.js";
import { containerRecords } from "./raw-etcd.js";

export const GROUP_SIZE = 10;
/** 24 records each: as many as etcd takes in one transaction are 128. */
const AT_ONCE = 5;
const CREATED = Date.UTC(2026, 0, 1);

/** Two labels that all groups have, and one that is its own. */
export const groupRef = (group: number) => ({
  namespace: "default",
  service: `service${group}`,
  labels: ["dev", "frontend", `team=${group}`],
});

/** Groups 0 to `groups` - 1. */
export async function fill(wire: EtcdWire, groups: number): Promise<void> {
  for (let at = 0; at < groups; at += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, groups - at) }, (_, i) => groupRecords(at + i));
    await wire.txn([], some.flat());
  }
}

function groupRecords(group: number): readonly Op[] {
  const ref = groupRef(group);
  const uid = `u${String(group).padStart(11, "0")}`;
  const record: ConfigRecord = {
    config: {
      image: "shop-web:1",
      instances: GROUP_SIZE,
      env: { LOG_LEVEL: "info", SHOP_REGION: "eu-1", SHOP_MODE: "production" },
      ports: [{ name: "http", container: 8080 }],
      mem: 256 * 1024 * 1024,
    },
    configRevision: 42,
    change: { actor: "ada@desk", command: "apply", message: "", time: CREATED },
  };
  const slot = { generation: 3, host: "local", failures: 0 };
  const slots = Object.fromEntries(Array.from({ length: GROUP_SIZE }, (_, i) => [String(i + 1), slot]));
  const own: readonly Op[] = [
    { op: "put", key: serviceKey(ref), value: encode(createdCodec, { created: CREATED }) },
    { op: "put", key: groupKey(ref), value: encode(groupCodec, { uid, created: CREATED }) },
    { op: "put", key: configKey(ref), value: encode(configRecordCodec, record) },
    { op: "put", key: slotsKey(ref.namespace, uid), value: encode(slotsCodec, { slots, attention: [] }) },
  ];
  const containers = Array.from({ length: GROUP_SIZE }, (_, i) => containerRecords(GROUP_SIZE * group + i, ref.labels));
  return [...own, ...containers.flat()];
}
