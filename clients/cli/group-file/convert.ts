// A group of the file as the message that is sent. Only what was written is set.

import { Duration } from "../../gen/google/protobuf/duration.js";
import {
  type GroupConfig as Config,
  GroupConfig,
  type HealthCheck,
  type LostPolicy,
  OnFailure,
  OnReturn,
  type Port,
  Profile,
  Protocol,
  PullPolicy,
  RestartPolicy,
  type StopPolicy,
  UpdateOrder,
  type UpdatePolicy,
  type Volume,
  VolumeScope,
} from "../../gen/theseus/v1/group.js";
import type { Fields } from "../../partial.js";
import { parseDuration, parseSize } from "../quantities.js";
import { firstTcpPort } from "./cross-checks.js";
import type { GroupBlock } from "./schema.js";

/** What the CLI has read from other files. */
export interface Attached {
  readonly env: Readonly<Record<string, string>>;
  /** In the order of `files`. */
  readonly contents: readonly Uint8Array[];
}

export function toConfig(group: GroupBlock, { env, contents }: Attached): Config {
  const ports = Object.entries(group.ports ?? {});
  return GroupConfig.fromPartial({
    image: group.image,
    pull: word(group.pull, { missing: PullPolicy.MISSING, always: PullPolicy.ALWAYS, never: PullPolicy.NEVER }),
    command: group.command,
    args: group.args,
    workdir: group.workdir,
    user: group.user,
    init: group.init,
    instances: group.instances,
    env: { ...env, ...group.env },
    ports: ports.map(([name, port]) => toPort(name, port)),
    cpu: group.cpu,
    memBytes: group.mem === undefined ? undefined : BigInt(parseSize(group.mem) ?? 0),
    health: group.health === undefined ? undefined : toHealth(group.health, firstTcpPort(group.ports ?? {})),
    constraints: group.constraints,
    distinctHost: group.distinct_host,
    maxPerHost: group.max_per_host,
    spread: group.spread,
    volumes: group.volumes?.map(toVolume),
    files: group.files?.map(({ at, mode }, i) => ({ at, mode, content: contents[i] ?? new Uint8Array() })),
    networks: group.networks,
    ...policies(group),
    dockerLabels: group.docker_labels,
  } as Parameters<typeof GroupConfig.fromPartial>[0]);
}

function policies(group: GroupBlock): Fields<Config> {
  const { stop, lost, update, logging } = group;
  return {
    stop: stop === undefined ? undefined : toStop(stop),
    restart: word(group.restart, {
      always: RestartPolicy.ALWAYS,
      "on-failure": RestartPolicy.ON_FAILURE,
      never: RestartPolicy.NEVER,
    }),
    lost: lost === undefined ? undefined : toLost(lost),
    weight: group.weight,
    open: group.open,
    update: update === undefined ? undefined : toUpdate(update),
    profile: word(group.profile, { default: Profile.DEFAULT, restricted: Profile.RESTRICTED }),
    logging:
      logging === undefined
        ? undefined
        : { driver: logging.driver, maxSize: logging.max_size, maxFile: logging.max_file },
  };
}

function word<Word extends string, Value>(value: Word | undefined, table: Record<Word, Value>): Value | undefined {
  return value === undefined ? undefined : table[value];
}

/** undefined for undefined; the schema has refused what cannot be parsed. */
export function toDuration(text: string | undefined): Duration | undefined {
  const milliseconds = text === undefined ? undefined : parseDuration(text);
  if (milliseconds === undefined) return undefined;
  const seconds = Math.floor(milliseconds / 1000);
  return Duration.fromPartial({ seconds: BigInt(seconds), nanos: (milliseconds - seconds * 1000) * 1_000_000 });
}

type PortBlock = NonNullable<GroupBlock["ports"]>[string];

function toPort(name: string, port: PortBlock): Fields<Port> {
  if (typeof port === "number") return { name, container: port };
  const protocol = word(port.protocol, { tcp: Protocol.TCP, udp: Protocol.UDP });
  return { name, container: port.container, host: port.host, protocol };
}

type HealthBlock = NonNullable<GroupBlock["health"]>;

function toHealth(health: HealthBlock, firstPort: string | undefined): Fields<HealthCheck> {
  if (health === "none") return { check: { $case: "none", value: {} } };
  return {
    check: toCheck(health, firstPort),
    interval: toDuration(health.interval),
    timeout: toDuration(health.timeout),
    passes: health.passes,
    fails: health.fails,
    startPeriod: toDuration(health.start_period),
    startInterval: toDuration(health.start_interval),
  };
}

type NamedPort = { readonly port: string; readonly service?: string };

function toCheck(health: Exclude<HealthBlock, "none">, firstPort: string | undefined): Fields<HealthCheck>["check"] {
  const { http, tcp, grpc, exec } = health;
  if (http !== undefined) {
    const { port, path } = typeof http === "string" ? { port: undefined, path: http } : http;
    return { $case: "http", value: { port: port ?? firstPort ?? "", path } };
  }
  if (tcp !== undefined) return { $case: "tcp", value: { port: namedPort(tcp).port } };
  if (grpc !== undefined) return { $case: "grpc", value: namedPort(grpc) };
  return { $case: "exec", value: { command: exec ?? [] } };
}

function namedPort(value: unknown): NamedPort {
  return typeof value === "string" ? { port: value } : (value as NamedPort);
}

type VolumeBlock = NonNullable<GroupBlock["volumes"]>[number];

function toVolume(volume: VolumeBlock): Fields<Volume> {
  return {
    source:
      volume.bind === undefined ? { $case: "name", value: volume.name ?? "" } : { $case: "bind", value: volume.bind },
    at: volume.at,
    per: word(volume.per, { slot: VolumeScope.SLOT, group: VolumeScope.GROUP }),
    readOnly: volume.read_only,
  };
}

function toStop(stop: NonNullable<GroupBlock["stop"]>): Fields<StopPolicy> {
  return {
    signal: stop.signal,
    grace: toDuration(stop.grace),
    drainWait: toDuration(stop.drain_wait),
    ackDeadline: toDuration(stop.ack_deadline),
  };
}

function toLost(lost: NonNullable<GroupBlock["lost"]>): Fields<LostPolicy> {
  return {
    after: toDuration(lost.after),
    onReturn: word(lost.on_return, { keep_new: OnReturn.KEEP_NEW, keep_old: OnReturn.KEEP_OLD }),
    atMostOnce: lost.at_most_once,
  };
}

function toUpdate(update: NonNullable<GroupBlock["update"]>): Fields<UpdatePolicy> {
  return {
    maxParallel: update.max_parallel === undefined ? undefined : String(update.max_parallel),
    order: word(update.order, {
      auto: UpdateOrder.AUTO,
      "start-first": UpdateOrder.START_FIRST,
      "stop-first": UpdateOrder.STOP_FIRST,
    }),
    wait: toDuration(update.wait),
    minHealthyTime: toDuration(update.min_healthy_time),
    healthyDeadline: toDuration(update.healthy_deadline),
    progressDeadline: toDuration(update.progress_deadline),
    onFailure: word(update.on_failure, {
      rollback: OnFailure.ROLLBACK,
      pause: OnFailure.PAUSE,
      continue: OnFailure.CONTINUE,
    }),
    canary: update.canary,
    steps: update.steps?.map(String),
  };
}
