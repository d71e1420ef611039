// Every record that Theseus keeps of a group of the fleet, as it writes them.

import { configRecordCodec, historyCodec } from "../../../src/etcd/config-codec.js";
import { infoCodec, intentCodec } from "../../../src/etcd/container-codec.js";
import { encode } from "../../../src/etcd/json-codec.js";
import {
  configKey,
  containerKey,
  drainKey,
  groupKey,
  historyKey,
  infoKey,
  rolloutsKey,
  serviceKey,
  slotsKey,
} from "../../../src/etcd/keys.js";
import { createdCodec, drainCodec, groupCodec, slotsCodec } from "../../../src/etcd/record-codec.js";
import { rolloutsCodec } from "../../../src/etcd/rollout-codec.js";
import type { ContainerInfo, Intent } from "../../../src/model/container.js";
import { fingerprint } from "../../../src/model/fingerprint.js";
import type { ConfigRecord, GroupConfig } from "../../../src/model/group.js";
import { HOUR } from "../../../src/model/instant.js";
import type { Op } from "../../../src/model/ports.js";
import { containerOf, hostName, type SeededGroup } from "./fleet.js";
import { rolloutsOf } from "./rollouts.js";
import { evidenceOps, slotsOf } from "./trouble.js";

const DIGEST = "3b4c5d6e7f80912a3b4c5d6e7f80912a3b4c5d6e7f80912a3b4c5d6e7f80912a";
const FIRST_PORT = 20_000;
const PORTS = 12_000;
/** No generation is the first one: replaced before. */
const GENERATION = 3;

const put = (key: string, value: string): Op => ({ op: "put", key, value });

export function groupOps(group: SeededGroup, now: number): readonly Op[] {
  const { ref, uid, rev } = group;
  const created = now - 40 * 24 * HOUR;
  const own = [
    put(serviceKey(ref), encode(createdCodec, { created })),
    put(groupKey(ref), encode(groupCodec, { uid, created })),
    ...(group.kind === "registered" ? [] : configOps(group)),
    put(slotsKey(ref.namespace, uid), encode(slotsCodec, slotsOf(group, now))),
    ...evidenceOps(group, now),
  ];
  const slots = Array.from({ length: group.size }, (_, index) => index + 1);
  const rollouts = rolloutsOf(group, now);
  if (rollouts.length > 0) own.push(put(rolloutsKey(ref.namespace, uid), encode(rolloutsCodec, { rollouts })));
  return [...own, ...slots.flatMap((slot) => containerOps(group, slot, { now, rev }))];
}

/** What was asked, at that revision: what came with the newest one is told by the comparison. */
export function configOf({ image, size, rev }: SeededGroup, at = rev): GroupConfig {
  const isNew = at === rev;
  return {
    image: isNew ? image : image.replace(/:.*?(\d+)$/, (tag) => `${tag}-before`),
    instances: size,
    env: { LOG_LEVEL: isNew ? "debug" : "info", SHOP_REGION: "eu-1", SHOP_MODE: "production" },
    ports: [
      { name: "http", container: 8080 },
      { name: "metrics", container: 9090 },
    ],
    cpu: 0.25,
    mem: (isNew ? 768 : 512) * 1024 * 1024,
    update: { maxParallel: "2", minHealthyTime: 10_000 },
  };
}

const pinOf = (image: string) => ({ asked: image, pinned: `${image.replace(/:[^:/]*$/, "")}@sha256:${DIGEST}` });

function configOps(group: SeededGroup): readonly Op[] {
  const { ref, uid, rev, change, kind } = group;
  const config = configOf(group);
  const record: ConfigRecord = {
    ...{ config, configRevision: rev, change, pin: pinOf(config.image) },
    ...(kind === "removing" ? { removing: { volumes: false } } : {}),
    ...(kind === "paused" ? { steering: { promotions: 0, paused: change } } : {}),
  };
  const revisions = [rev - 1, rev].filter((one) => one > 0);
  const history = revisions.map((one) => {
    const of = configOf(group, one);
    const told = one === rev ? change : { ...change, time: change.time - 26 * HOUR, message: "" };
    const { service, labels } = ref;
    const value = { service, labels, config: of, configRevision: one, change: told, pin: pinOf(of.image) };
    return put(historyKey(ref.namespace, uid, one), encode(historyCodec, value));
  });
  return [put(configKey(ref), encode(configRecordCodec, record)), ...history];
}

export function containerName({ ref, kind }: SeededGroup, slot: number): string {
  const labels = ref.labels.join(".").replaceAll("=", "-");
  const name = `${ref.service}.${labels}${labels === "" ? "" : "."}${slot}`;
  return kind === "registered" ? `${name}-outside` : `${name}.${GENERATION}-k3f9x2`;
}

type At = { readonly now: number; readonly rev: number; readonly port?: number };

/** Intent and info of one container; with `port` as its first one. */
export function containerOps(group: SeededGroup, slot: number, { now, port }: At): readonly Op[] {
  const { ref, firstHost, kind, size } = group;
  const { rev, state } = containerOf(group, slot);
  const name = containerName(group, slot);
  const at = { ...ref, name };
  const isManaged = kind !== "registered";
  const host = kind === "unknown" ? hostName(12) : hostName(firstHost + slot);
  const first = port ?? FIRST_PORT + ((firstHost * 37 + slot * 2) % PORTS);
  const config = configOf(group, rev);
  const leaving = state === "draining" || state === "stopped";
  const intent: Intent = {
    ...{ name, slot, generation: GENERATION, configRevision: rev, host },
    fingerprint: fingerprint(config, pinOf(config.image)),
    hostPorts: { http: first, metrics: first + 1 },
    phase: state === "stopped" ? "stopping" : state === "draining" ? "draining" : "running",
    reserves: { cpu: config.cpu ?? 0, mem: config.mem ?? 0 },
    ...(leaving ? { reason: `the group is to have ${size - 1} instances` } : {}),
  };
  const mapping = (external: number, exposed: number) => ({ external, exposed, protocol: "tcp" as const });
  const info: ContainerInfo = {
    ...{ instanceName: name, instanceHost: `10.0.${Math.floor(firstHost / 250)}.${(firstHost % 250) + 1}` },
    ...{ instancePort: first, portMappings: { http: mapping(first, 8080), metrics: mapping(first + 1, 9090) } },
    ...{ state, labels: ref.labels, weight: 100, since: group.change.time + slot * 1000 },
    ...(isManaged ? { host, slot, generation: GENERATION, configRevision: rev } : {}),
    origin: isManaged ? "managed" : "registered",
  };
  const drain = { servers: ["server-gone"], ackDeadline: 10_000, asked: now - 4000 };
  return [
    ...(isManaged ? [put(containerKey(at), encode(intentCodec, intent))] : []),
    put(infoKey(at), encode(infoCodec, info)),
    ...(state === "draining" ? [put(drainKey(at), encode(drainCodec, drain))] : []),
  ];
}
