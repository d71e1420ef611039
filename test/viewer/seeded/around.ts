// What is beside the groups of the fleet: namespaces, hosts, events, and a leader that is somewhere else.

import { randomBytes } from "node:crypto";
import { eventsCodec, type StoredEvent } from "../../../src/etcd/event-codec.js";
import { encode } from "../../../src/etcd/json-codec.js";
import { eventsKey, hostKey, LEADER_KEY, namespaceKey } from "../../../src/etcd/keys.js";
import { createdCodec, hostCodec } from "../../../src/etcd/record-codec.js";
import type { HostRecord } from "../../../src/model/host.js";
import { HOUR, MINUTE } from "../../../src/model/instant.js";
import type { EtcdWire, Op } from "../../../src/model/ports.js";
import { HOSTS, hostName, type SeededGroup, SILENT_HOST } from "./fleet.js";

const NAMESPACES = ["lab", "shop", "empty"];
/** Longer than any test. */
const OFFICE_SECONDS = 3600;

/** Holds the leader's key, so that no server of the test acts on what is only on paper. */
export async function leadElsewhere(wire: EtcdWire): Promise<void> {
  const { lease } = await wire.leaseGrant(OFFICE_SECONDS);
  await wire.txn([], [{ op: "put", key: LEADER_KEY, value: "server-elsewhere", lease }]);
}

export function aroundOps(groups: readonly SeededGroup[], now: number): readonly Op[] {
  const namespaces = NAMESPACES.map((name) => ({ key: namespaceKey(name), created: now - 90 * 24 * HOUR }));
  return [
    ...namespaces.map(({ key, created }) => put(key, encode(createdCodec, { created }))),
    ...Array.from({ length: HOSTS }, (_, index) => hostRecord(index, now)).map((host) => hostOp(host)),
    ...groups.slice(0, 60).map((group, index) => eventsOp(group, index, now)),
  ];
}

const put = (key: string, value: string): Op => ({ op: "put", key, value });

export const hostOp = (host: HostRecord): Op => put(hostKey(host.name), encode(hostCodec, host));

export function hostRecord(index: number, now: number): HostRecord {
  const isSilent = index === SILENT_HOST;
  const since = now - 40_000;
  const problem = { reason: "HOST_UNREACHABLE" as const, text: "connect ETIMEDOUT 10.1.0.13:2376", since };
  return {
    ...{ name: hostName(index), engineId: randomBytes(8).toString("hex"), engineVersion: "24.0.7" },
    ...{ address: `10.1.0.${index + 1}`, labels: [index % 2 ? "zone=eu-1" : "zone=eu-2", "disk=ssd"].sort() },
    ...{ cpu: 64, mem: 256 * 1024 ** 3, nextPort: 20_000, freedPorts: {} },
    ...(isSilent ? { problem } : {}),
    lastSeen: isSilent ? since : now,
  };
}

const DONE: readonly StoredEvent["kind"][] = ["updated", "rollout-begun", "rollout-done"];

function eventsOp({ ref, rev, change, kind }: SeededGroup, index: number, now: number): Op {
  const { service, labels } = ref;
  const at = Math.max(change.time, now - 6 * 24 * HOUR);
  const of = { service, labels, configRevision: rev };
  const told = kind === "failing" ? ["updated", "rollout-begun", "container-failed", "rollout-failed"] : DONE;
  const events = told.map((one, step): StoredEvent => {
    const actor = one === "updated" ? change.actor : "theseus";
    const slot = one === "container-failed" ? { slot: 1, host: hostName(index + 1) } : {};
    return { ...of, ...slot, at: at + step * MINUTE, actor, kind: one, text: textOf(one, rev) };
  });
  const key = eventsKey(ref.namespace, { at, count: events.length, id: (0x5eed00 + index).toString(16) });
  return put(key, encode(eventsCodec, { events }));
}

function textOf(kind: string, rev: number): string {
  if (kind === "updated") return `asked for rev ${rev}: image, env LOG_LEVEL, mem 512MiB to 768MiB`;
  if (kind === "container-failed") return "exited with code 1; its last lines are kept";
  return kind === "rollout-begun" ? `r-${rev} begins: 2 at a time, start-first` : `r-${rev} is over`;
}
