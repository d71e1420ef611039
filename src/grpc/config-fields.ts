// The keys of a group's config: as in the group file, and as in the model. One table, complete by type.

import type { GroupConfig, HealthCheck, Logging, LostPolicy, StopPolicy, UpdatePolicy } from "../model/group.js";

type KeysOf<T> = Readonly<Record<keyof T & string, string>>;

const TOP: KeysOf<GroupConfig> = {
  image: "image",
  pull: "pull",
  command: "command",
  args: "args",
  workdir: "workdir",
  user: "user",
  init: "init",
  instances: "instances",
  env: "env",
  ports: "ports",
  cpu: "cpu",
  mem: "mem",
  health: "health",
  constraints: "constraints",
  distinctHost: "distinct_host",
  maxPerHost: "max_per_host",
  spread: "spread",
  volumes: "volumes",
  files: "files",
  networks: "networks",
  stop: "stop",
  restart: "restart",
  lost: "lost",
  weight: "weight",
  open: "open",
  update: "update",
  profile: "profile",
  logging: "logging",
  dockerLabels: "docker_labels",
};

const HEALTH: KeysOf<HealthCheck> = {
  check: "check",
  interval: "interval",
  timeout: "timeout",
  passes: "passes",
  fails: "fails",
  startPeriod: "start_period",
  startInterval: "start_interval",
};
const STOP: KeysOf<StopPolicy> = {
  signal: "signal",
  grace: "grace",
  drainWait: "drain_wait",
  ackDeadline: "ack_deadline",
};
const LOST: KeysOf<LostPolicy> = { after: "after", onReturn: "on_return", atMostOnce: "at_most_once" };
const UPDATE: KeysOf<UpdatePolicy> = {
  maxParallel: "max_parallel",
  order: "order",
  wait: "wait",
  minHealthyTime: "min_healthy_time",
  healthyDeadline: "healthy_deadline",
  progressDeadline: "progress_deadline",
  onFailure: "on_failure",
  canary: "canary",
  steps: "steps",
};
const LOGGING: KeysOf<Logging> = { driver: "driver", maxSize: "max_size", maxFile: "max_file" };

/** The keys whose values are a fixed set of further keys. */
export const BLOCKS = { health: HEALTH, stop: STOP, lost: LOST, update: UPDATE, logging: LOGGING } as const;
export type BlockKey = keyof typeof BLOCKS;
/** The keys whose values are named by the user. */
export const MAPS = ["env", "dockerLabels"] as const;
export type MapKey = (typeof MAPS)[number];

/** One place of a config that a mask can name. */
export type ConfigPath =
  | { readonly kind: "whole"; readonly key: keyof GroupConfig }
  | { readonly kind: "entry"; readonly key: MapKey; readonly name: string }
  | { readonly kind: "member"; readonly key: BlockKey; readonly member: string }
  | { readonly kind: "port"; readonly name: string };

/** The place that this path names; undefined when there is no such key. */
export function parseConfigPath(path: string): ConfigPath | undefined {
  const dot = path.indexOf(".");
  const head = dot < 0 ? path : path.slice(0, dot);
  const key = keyNamed(TOP, head);
  if (key === undefined) return undefined;
  if (dot < 0) return { kind: "whole", key };
  const rest = path.slice(dot + 1);
  if (rest === "") return undefined;
  if (isMap(key)) return { kind: "entry", key, name: rest };
  if (key === "ports") return { kind: "port", name: rest };
  if (!isBlock(key)) return undefined;
  const member = keyNamed(BLOCKS[key], rest) ?? (key === "health" && isCheckWord(rest) ? "check" : undefined);
  return member === undefined ? undefined : { kind: "member", key, member };
}

/** How the group file writes it. */
export function formatConfigPath(path: ConfigPath): string {
  switch (path.kind) {
    case "whole":
      return TOP[path.key];
    case "entry":
      return `${TOP[path.key]}.${path.name}`;
    case "member":
      return `${TOP[path.key]}.${new Map(Object.entries(BLOCKS[path.key])).get(path.member) ?? path.member}`;
    case "port":
      return `ports.${path.name}`;
  }
}

export function isMap(key: keyof GroupConfig): key is MapKey {
  return (MAPS as readonly string[]).includes(key);
}

export function isBlock(key: keyof GroupConfig): key is BlockKey {
  return Object.hasOwn(BLOCKS, key);
}

function keyNamed<T>(keys: KeysOf<T>, name: string): (keyof T & string) | undefined {
  return (Object.keys(keys) as (keyof T & string)[]).find((key) => keys[key] === name);
}

function isCheckWord(word: string): boolean {
  return ["none", "http", "tcp", "grpc", "exec"].includes(word);
}
