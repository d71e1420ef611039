// A group's config as JSON: the keys of the group file in camel case, durations in seconds, sizes in bytes.

import type { Duration } from "../../gen/google/protobuf/duration.js";
import type {
  GroupConfig,
  HealthCheck,
  LostPolicy,
  Port,
  StopPolicy,
  UpdatePolicy,
  Volume,
} from "../../gen/theseus/v1/group.js";
import {
  onFailureWord,
  onReturnWord,
  orderWord,
  profileWord,
  protocolWord,
  pullWord,
  restartWord,
  scopeWord,
} from "./words.js";

type Json = Record<string, unknown>;

/** Leaves out what is not set, and empty lists and maps. */
export function compact(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isNothing(value)));
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  const plain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return plain && Object.keys(value).length === 0;
}

/** `digest` is the image as pinned. */
export function configObject(config: GroupConfig, digest: string): Json {
  return compact({
    image: config.image,
    digest,
    pull: config.pull === undefined ? undefined : pullWord(config.pull),
    command: config.command,
    args: config.args,
    workdir: config.workdir,
    user: config.user,
    init: config.init,
    instances: config.instances,
    env: config.env,
    ports: config.ports.map(portObject),
    cpu: config.cpu,
    mem: config.memBytes === undefined ? undefined : Number(config.memBytes),
    health: config.health === undefined ? undefined : healthObject(config.health),
    constraints: config.constraints,
    distinctHost: config.distinctHost,
    maxPerHost: config.maxPerHost,
    spread: config.spread,
    volumes: config.volumes.map(volumeObject),
    files: config.files.map(({ at, content, mode }) => compact({ at, mode, bytes: content.length })),
    networks: config.networks,
    ...policies(config),
    weight: config.weight,
    open: config.open,
    profile: config.profile === undefined ? undefined : profileWord(config.profile),
    logging: config.logging === undefined ? undefined : compact({ ...config.logging }),
    dockerLabels: config.dockerLabels,
  });
}

function policies({ stop, restart, lost, update }: GroupConfig): Json {
  return {
    stop: stop === undefined ? undefined : stopObject(stop),
    restart: restart === undefined ? undefined : restartWord(restart),
    lost: lost === undefined ? undefined : lostObject(lost),
    update: update === undefined ? undefined : updateObject(update),
  };
}

/** Seconds as a number. */
export function seconds(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : Number(duration.seconds) + duration.nanos / 1e9;
}

function portObject({ name, container, host, protocol }: Port): Json {
  return compact({ name, container, host, protocol: protocol === undefined ? undefined : protocolWord(protocol) });
}

function healthObject({ check, ...pace }: HealthCheck): Json {
  return compact({
    ...(check === undefined ? {} : { [check.$case]: compact({ ...check.value }) }),
    ...(check?.$case === "none" ? { none: true } : {}),
    intervalSeconds: seconds(pace.interval),
    timeoutSeconds: seconds(pace.timeout),
    passes: pace.passes,
    fails: pace.fails,
    startPeriodSeconds: seconds(pace.startPeriod),
    startIntervalSeconds: seconds(pace.startInterval),
  });
}

function volumeObject({ source, at, per, readOnly }: Volume): Json {
  return compact({
    ...(source === undefined ? {} : { [source.$case]: source.value }),
    at,
    per: per === undefined ? undefined : scopeWord(per),
    readOnly,
  });
}

function stopObject(stop: StopPolicy): Json {
  return compact({
    signal: stop.signal,
    graceSeconds: seconds(stop.grace),
    drainWaitSeconds: seconds(stop.drainWait),
    ackDeadlineSeconds: seconds(stop.ackDeadline),
  });
}

function lostObject(lost: LostPolicy): Json {
  return compact({
    afterSeconds: seconds(lost.after),
    onReturn: lost.onReturn === undefined ? undefined : onReturnWord(lost.onReturn),
    atMostOnce: lost.atMostOnce,
  });
}

function updateObject(update: UpdatePolicy): Json {
  return compact({
    maxParallel: update.maxParallel,
    order: update.order === undefined ? undefined : orderWord(update.order),
    waitSeconds: seconds(update.wait),
    minHealthyTimeSeconds: seconds(update.minHealthyTime),
    healthyDeadlineSeconds: seconds(update.healthyDeadline),
    progressDeadlineSeconds: seconds(update.progressDeadline),
    onFailure: update.onFailure === undefined ? undefined : onFailureWord(update.onFailure),
    canary: update.canary,
    steps: update.steps,
  });
}
