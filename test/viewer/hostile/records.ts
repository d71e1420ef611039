// The payloads in every text that a record has, written as no server would: past every check. One group carries them all in
// its config, its attention, its evidence and its events; fifty more carry one each in what a list shows of a group.

import { configRecordCodec, historyCodec } from "../../../src/etcd/config-codec.js";
import { infoCodec, intentCodec } from "../../../src/etcd/container-codec.js";
import { eventsCodec } from "../../../src/etcd/event-codec.js";
import { evidenceCodec } from "../../../src/etcd/evidence-codec.js";
import { encode } from "../../../src/etcd/json-codec.js";
import {
  configKey,
  containerKey,
  eventsKey,
  evidenceKey,
  groupKey,
  historyKey,
  infoKey,
  namespaceKey,
  rolloutsKey,
  serviceKey,
  slotsKey,
} from "../../../src/etcd/keys.js";
import { createdCodec, groupCodec, slotsCodec } from "../../../src/etcd/record-codec.js";
import { rolloutsCodec } from "../../../src/etcd/rollout-codec.js";
import type { Change, GroupConfig } from "../../../src/model/group.js";
import type { Op } from "../../../src/model/ports.js";
import type { GroupRef } from "../../../src/model/reference.js";
import type { Rollout } from "../../../src/model/rollout.js";
import { hostOp, hostRecord } from "../seeded/around.js";
import { PAYLOADS } from "./payloads.js";

export const NAMESPACE = "hostile";
const SLOTS = PAYLOADS.length;
/** Carries all of them. */
export const ALL: GroupRef = { namespace: NAMESPACE, service: "all", labels: ["dev"] };
const UID = "hostileall000";
const REV = 2;

const put = (key: string, value: string): Op => ({ op: "put", key, value });
const payload = (index: number): string => PAYLOADS[index % PAYLOADS.length] ?? "";
const changeOf = (text: string, time: number): Change => ({ actor: text, command: text, message: text, time });

export const containerNameOf = (slot: number): string => `all.dev.${slot}.1-k3f9x2`;
/** Each payload in the list of groups and of containers, one group each. */
const carrier = (index: number): GroupRef => ({ ...ALL, service: `one-${index + 1}` });

export function hostileOps(now: number): readonly Op[] {
  const hosts = PAYLOADS.map((text, index) => hostile(index, text, now));
  return [
    put(namespaceKey(NAMESPACE), encode(createdCodec, { created: now })),
    ...allOps(now),
    ...PAYLOADS.flatMap((text, index) => carrierOps(text, index, now)),
    ...hosts.map(hostOp),
    eventsOf(now),
  ];
}

function hostile(index: number, text: string, now: number) {
  const problem = { reason: "HOST_UNREACHABLE" as const, text, since: now };
  const told = { address: text, engineVersion: text, engineId: text, labels: [text] };
  return { ...hostRecord(index + 1, now), name: text, ...told, problem };
}

function configOf(image: string): GroupConfig {
  const texts = [...PAYLOADS];
  return {
    ...{ image, instances: SLOTS, workdir: payload(1), user: payload(2), constraints: payload(3) },
    ...{ command: texts, args: texts, env: Object.fromEntries(texts.map((text) => [text, text])) },
    dockerLabels: Object.fromEntries(texts.map((text) => [text, text])),
    ports: [{ name: "http", container: 80 }],
  };
}

function allOps(now: number): readonly Op[] {
  const before = { config: { image: "quiet:1", instances: SLOTS }, change: changeOf("quiet", now - 1000) };
  const present = { config: configOf(payload(0)), change: changeOf(payload(4), now) };
  const { service, labels } = ALL;
  const rollout = rolloutOf(now);
  return [
    put(serviceKey(ALL), encode(createdCodec, { created: now })),
    put(groupKey(ALL), encode(groupCodec, { uid: UID, created: now })),
    put(configKey(ALL), encode(configRecordCodec, { ...present, configRevision: REV })),
    ...[before, present].map((one, index) => {
      const value = { ...one, service, labels, configRevision: index + 1 };
      return put(historyKey(NAMESPACE, UID, index + 1), encode(historyCodec, value));
    }),
    put(rolloutsKey(NAMESPACE, UID), encode(rolloutsCodec, { rollouts: [rollout] })),
    put(slotsKey(NAMESPACE, UID), encode(slotsCodec, { slots: slotsOf(now), attention: [] })),
    ...PAYLOADS.flatMap((text, index) => containerOps(ALL, { text, slot: index + 1, now })),
    ...PAYLOADS.slice(0, 20).map((text, index) => evidenceOf(text, index + 1, now)),
  ];
}

function rolloutOf(now: number): Rollout {
  const policy = {
    ...{ maxParallel: 1, order: "start-first" as const, wait: 0, minHealthyTime: 0, healthyDeadline: 60_000 },
    ...{ progressDeadline: 600_000, onFailure: "rollback" as const, steps: [payload(5)] },
  };
  const failure = { reason: "CONTAINER_EXITED" as const, text: payload(3), at: now, slot: 1, host: payload(6) };
  const counts = { done: 0, stepsDone: 0, slots: {}, replaces: true, started: now, progressAt: now };
  return { to: REV, from: 1, state: "failed", policy, ...counts, failure: { ...failure, container: payload(7) } };
}

function slotsOf(since: number) {
  const entries = PAYLOADS.map((text, index) => {
    const attention = { reason: "CONTAINER_EXITED" as const, text, slot: index + 1, host: text, since };
    return [index + 1, { generation: 1, failures: 3, host: text, attention }] as const;
  });
  return Object.fromEntries(entries);
}

type Carried = { readonly text: string; readonly slot: number; readonly now: number };

function containerOps(ref: GroupRef, { text, slot, now }: Carried): readonly Op[] {
  const name = `${ref.service}.dev.${slot}.1-k3f9x2`;
  const at = { ...ref, name };
  const mapping = { external: 20_000 + slot, exposed: 80, protocol: "tcp" as const };
  const told = { configRevision: REV, slot, generation: 1, host: text };
  const intent = { ...told, name, fingerprint: text, hostPorts: {}, phase: "running" as const, reason: text };
  const info = {
    ...{ ...told, instanceName: text, instanceHost: text, instancePort: 20_000 + slot, labels: [text], since: now },
    ...{ portMappings: { [text]: mapping }, state: "failed" as const, origin: "managed" as const },
  };
  return [put(containerKey(at), encode(intentCodec, intent)), put(infoKey(at), encode(infoCodec, info))];
}

function evidenceOf(text: string, slot: number, now: number): Op {
  const container = containerNameOf(slot);
  // Only the last ones are shown: others of each container.
  const first = (10 * (slot - 1)) % PAYLOADS.length;
  const lines = [...PAYLOADS.slice(first), ...PAYLOADS.slice(0, first)].map((line, index) => ({
    ...{ at: BigInt(now + index) * 1_000_000n, text: line },
    stream: index % 2 ? ("stdout" as const) : ("stderr" as const),
  }));
  const evidence = {
    ...{ container, slot, generation: 1, configRevision: REV, host: text, at: now, text, exitCode: 1 },
    ...{ reason: "CONTAINER_EXITED" as const, outOfMemory: false, health: [...PAYLOADS], lines, unread: text },
  };
  const key = evidenceKey(NAMESPACE, UID, { configRevision: REV, slot, container });
  return put(key, encode(evidenceCodec, evidence));
}

function carrierOps(text: string, index: number, now: number): readonly Op[] {
  const ref = carrier(index);
  const uid = `hostile${String(index).padStart(5, "0")}`;
  const config = { image: text, instances: 1 };
  const attention = { reason: "IMAGE_NOT_FOUND" as const, text, slot: 1, host: text, since: now };
  return [
    put(serviceKey(ref), encode(createdCodec, { created: now })),
    put(groupKey(ref), encode(groupCodec, { uid, created: now })),
    put(configKey(ref), encode(configRecordCodec, { config, configRevision: REV, change: changeOf(text, now) })),
    put(
      slotsKey(NAMESPACE, uid),
      encode(slotsCodec, { slots: { 1: { generation: 1, failures: 1, attention } }, attention: [] }),
    ),
    ...containerOps(ref, { text, slot: 1, now }),
  ];
}

function eventsOf(now: number): Op {
  const { service, labels } = ALL;
  const events = PAYLOADS.map((text, index) => ({
    ...{
      at: now + index,
      actor: text,
      service,
      labels,
      slot: 1,
      host: text,
      configRevision: REV,
      kind: "updated",
      text,
    },
  }));
  return put(eventsKey(NAMESPACE, { at: now, count: events.length, id: "bad0bad" }), encode(eventsCodec, { events }));
}
