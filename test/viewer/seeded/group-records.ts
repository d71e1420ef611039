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
import { containerOf, hostName, type SeededGroup, SLOT_THAT_MOVES } from "./fleet.js";
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
  const moved = group.kind === "rolling" ? containerOps(group, SLOT_THAT_MOVES, { now, rev, isBefore: true }) : [];
  return [...own, ...slots.flatMap((slot) => containerOps(group, slot, { now, rev })), ...moved];
}

/** What was asked, at that revision: what came with the newest one is told by the comparison. */
export function configOf({ image, size, rev }: SeededGroup, at = rev): GroupConfig {
  const isNew = at === rev;
  const suffix = at === rev - 1 ? "before" : "old";
  return {
    image: isNew ? image : image.replace(/:.*?(\d+)$/, (tag) => `${tag}-${suffix}`),
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
  const revisions = [rev - 2, rev - 1, rev].filter((one) => one > 0);
  const history = revisions.map((one) => {
    const of = configOf(group, one);
    const told = one === rev ? change : { ...change, time: change.time - 26 * HOUR, message: "" };
    const { service, labels } = ref;
    const value = { service, labels, config: of, configRevision: one, change: told, pin: pinOf(of.image) };
    return put(historyKey(ref.namespace, uid, one), encode(historyCodec, value));
  });
  return [put(configKey(ref), encode(configRecordCodec, record)), ...history];
}

export function containerName({ ref, kind }: SeededGroup, slot: number, generation = GENERATION): string {
  const labels = ref.labels.join(".").replaceAll("=", "-");
  const name = `${ref.service}.${labels}${labels === "" ? "" : "."}${slot}`;
  return kind === "registered" ? `${name}-outside` : `${name}.${generation}-k3f9x2`;
}

type At = {
  readonly now: number;
  readonly rev: number;
  readonly port?: number;
  /** The one that was in this slot before, and serves. */
  readonly isBefore?: boolean;
};

/** Where and what the container is: the present one of the slot, or the one before it. */
function placeOf(group: SeededGroup, slot: number, isBefore: boolean) {
  const { firstHost, kind, size } = group;
  const present = containerOf(group, slot);
  const away = isBefore ? 20 : 0;
  return {
    ...(isBefore ? { rev: present.rev - 1, state: "ready" as const } : present),
    generation: isBefore ? GENERATION - 1 : GENERATION,
    host: kind === "unknown" ? hostName(12) : hostName(firstHost + slot + away),
    port: FIRST_PORT + ((firstHost * 37 + (isBefore ? slot + size : slot) * 2) % PORTS),
  };
}

/** Intent and info of one container; with `port` as its first one. */
export function containerOps(group: SeededGroup, slot: number, { now, port, isBefore = false }: At): readonly Op[] {
  const { ref, firstHost, kind, size } = group;
  const { rev, state, generation, host, port: own } = placeOf(group, slot, isBefore);
  const name = containerName(group, slot, generation);
  const at = { ...ref, name };
  const isManaged = kind !== "registered";
  const first = port ?? own;
  const config = configOf(group, rev);
  const leaving = state === "draining" || state === "stopped";
  const intent: Intent = {
    ...{ name, slot, generation, configRevision: rev, host },
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
    ...(isManaged ? { host, slot, generation, configRevision: rev } : {}),
    origin: isManaged ? "managed" : "registered",
  };
  const drain = { servers: ["server-gone"], ackDeadline: 10_000, asked: now - 4000 };
  return [
    ...(isManaged ? [put(containerKey(at), encode(intentCodec, intent))] : []),
    put(infoKey(at), encode(infoCodec, info)),
    ...(state === "draining" ? [put(drainKey(at), encode(drainCodec, drain))] : []),
  ];
}
