// A group's config: proto <-> model. Absent stays absent. What the wire can say and the model cannot is reported;
// whether the values make sense is validate-config.ts's to say.

import type {
  GroupConfig as ProtoConfig,
  ConfigFile as ProtoFile,
  Port as ProtoPort,
  Volume as ProtoVolume,
} from "../../clients/gen/theseus/v1/group.js";
import type { ConfigFile, GroupConfig, Port, Volume } from "../model/group.js";
import { nonEmpty, nonEmptyMap, present } from "./absent.js";
import {
  fromHealth,
  fromLogging,
  fromLost,
  fromStop,
  fromUpdate,
  type HealthPart,
  toHealth,
  toLogging,
  toLost,
  toStop,
  toUpdate,
} from "./convert-policies.js";
import { PROFILE, PROTOCOL, PULL, RESTART, VOLUME_SCOPE, wordOf } from "./convert-words.js";
import { at, type Report } from "./violations.js";

/** A config as it came: nothing has to be there, and a health may be a pace alone. */
export type ConfigPart = Partial<Omit<GroupConfig, "health">> & { readonly health?: HealthPart };

export function toConfigPart(proto: ProtoConfig, report: Report): ConfigPart {
  return present({
    ...toImagePart(proto, report),
    ...toPlacementPart(proto, report),
    instances: proto.instances,
    env: nonEmptyMap(proto.env),
    ports: nonEmpty(proto.ports.map((port, i) => toPort(port, at(report, `ports.${port.name || `[${i}]`}`)))),
    cpu: proto.cpu,
    mem: toMem(proto.memBytes, at(report, "mem")),
    health: toHealth(proto.health, at(report, "health")),
    volumes: nonEmpty(proto.volumes.map((volume, i) => toVolume(volume, at(report, `volumes[${i}]`)))),
    files: nonEmpty(proto.files.map(toFile)),
    networks: nonEmpty(proto.networks),
    dockerLabels: nonEmptyMap(proto.dockerLabels),
  });
}

function toImagePart(proto: ProtoConfig, report: Report) {
  return {
    image: proto.image === "" ? undefined : proto.image,
    pull: wordOf(PULL, proto.pull, at(report, "pull")),
    command: nonEmpty(proto.command),
    args: nonEmpty(proto.args),
    workdir: proto.workdir,
    user: proto.user,
    init: proto.init,
    profile: wordOf(PROFILE, proto.profile, at(report, "profile")),
    logging: toLogging(proto.logging),
  };
}

function toPlacementPart(proto: ProtoConfig, report: Report) {
  return {
    constraints: proto.constraints,
    distinctHost: proto.distinctHost,
    maxPerHost: proto.maxPerHost,
    spread: proto.spread,
    stop: toStop(proto.stop, at(report, "stop")),
    restart: wordOf(RESTART, proto.restart, at(report, "restart")),
    lost: toLost(proto.lost, at(report, "lost")),
    weight: proto.weight,
    open: proto.open,
    update: toUpdate(proto.update, at(report, "update")),
  };
}

/** A whole config from a part: reports what a config cannot be without. */
export function completeConfig(part: ConfigPart, report: Report): GroupConfig {
  const { health, ...rest } = part;
  if (health === undefined) return { image: "", ...rest };
  const { check, ...pace } = health;
  if (check === undefined) report("health", "it needs one of none, http, tcp, grpc, exec");
  return { image: "", ...rest, health: { ...pace, check: check ?? { kind: "none" } } };
}

function toMem(bytes: bigint | undefined, report: Report): number | undefined {
  if (bytes === undefined) return undefined;
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER)) report("", `${bytes} bytes are more than any machine has`);
  return Number(bytes);
}

function toPort(port: ProtoPort, report: Report): Port {
  return {
    name: port.name,
    container: port.container,
    ...present({ host: port.host, protocol: wordOf(PROTOCOL, port.protocol, at(report, "protocol")) }),
  };
}

function toVolume(volume: ProtoVolume, report: Report): Volume {
  const readOnly = present({ readOnly: volume.readOnly });
  const per = wordOf(VOLUME_SCOPE, volume.per, at(report, "per"));
  switch (volume.source?.$case) {
    case "bind":
      if (per !== undefined) report("per", "a bind is a path of the host, it belongs to no slot");
      return { bind: volume.source.value, at: volume.at, ...readOnly };
    case "name":
      return { name: volume.source.value, at: volume.at, ...present({ per }), ...readOnly };
    case undefined:
      return { name: "", at: volume.at, ...present({ per }), ...readOnly };
  }
}

function toFile(file: ProtoFile): ConfigFile {
  return { at: file.at, content: file.content.toString("base64"), ...present({ mode: file.mode }) };
}

export function fromConfig(config: GroupConfig): ProtoConfig {
  return {
    ...fromPolicies(config),
    image: config.image,
    pull: config.pull === undefined ? undefined : PULL[config.pull],
    command: [...(config.command ?? [])],
    args: [...(config.args ?? [])],
    workdir: config.workdir,
    user: config.user,
    init: config.init,
    instances: config.instances,
    env: { ...config.env },
    ports: (config.ports ?? []).map(fromPort),
    cpu: config.cpu,
    memBytes: config.mem === undefined ? undefined : BigInt(Math.trunc(config.mem)),
    volumes: (config.volumes ?? []).map(fromVolume),
    files: (config.files ?? []).map(fromFile),
    networks: [...(config.networks ?? [])],
    dockerLabels: { ...config.dockerLabels },
  };
}

function fromPolicies(config: GroupConfig) {
  return {
    health: fromHealth(config.health),
    constraints: config.constraints,
    distinctHost: config.distinctHost,
    maxPerHost: config.maxPerHost,
    spread: config.spread,
    stop: fromStop(config.stop),
    restart: config.restart === undefined ? undefined : RESTART[config.restart],
    lost: fromLost(config.lost),
    weight: config.weight,
    open: config.open,
    update: fromUpdate(config.update),
    profile: config.profile === undefined ? undefined : PROFILE[config.profile],
    logging: fromLogging(config.logging),
  };
}

function fromPort(port: Port): ProtoPort {
  const protocol = port.protocol === undefined ? undefined : PROTOCOL[port.protocol];
  return { name: port.name, container: port.container, host: port.host, protocol };
}

function fromVolume(volume: Volume): ProtoVolume {
  if ("bind" in volume) {
    return { source: { $case: "bind", value: volume.bind }, at: volume.at, per: undefined, readOnly: volume.readOnly };
  }
  const per = volume.per === undefined ? undefined : VOLUME_SCOPE[volume.per];
  return { source: { $case: "name", value: volume.name }, at: volume.at, per, readOnly: volume.readOnly };
}

function fromFile(file: ConfigFile): ProtoFile {
  return { at: file.at, content: Buffer.from(file.content, "base64"), mode: file.mode };
}
