// A group's config as it is written in the group file, field by field, and what differs between two. Pure.

import type { Duration } from "../../gen/google/protobuf/duration.js";
import type { GroupConfig, HealthCheck, Port, Volume } from "../../gen/theseus/v1/group.js";
import { FieldChange } from "../../gen/theseus/v1/plan.js";
import { seconds } from "./config-object.js";
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

const SECRET_NAME = /PASS|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY/i;
const HIDDEN = "(hidden)";

/** Sorted by path. Values of variables that look like secrets are not shown, only that they differ. */
export function diffFields(from: GroupConfig | undefined, to: GroupConfig | undefined): FieldChange[] {
  const [before, after] = [fieldsOf(from), fieldsOf(to)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => FieldChange.fromPartial(changeOf(path, before.get(path), after.get(path))));
}

function changeOf(path: string, from: string | undefined, to: string | undefined) {
  const [left, right] = [shown(path, from), shown(path, to)];
  return { path, from: left, to: left === right ? `${right}, changed` : right };
}

function shown(path: string, value: string | undefined): string {
  if (value === undefined) return "";
  if (!path.startsWith("env.")) return value === "" ? '""' : value;
  if (SECRET_NAME.test(path.slice("env.".length))) return HIDDEN;
  return value.replaceAll(/:\/\/[^/@\s]+:[^/@\s]+@/g, `://${HIDDEN}@`) || '""';
}

/** Every field that is set. */
function fieldsOf(config: GroupConfig | undefined): Map<string, string> {
  if (config === undefined) return new Map();
  const fields: Fields = { ...plain(config), ...maps(config), ...policies(config) };
  return new Map(Object.entries(fields).flatMap(([path, value]) => (isSet(value) ? [[path, String(value)]] : [])));
}

type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

function isSet(value: string | number | boolean | undefined): value is string | number | boolean {
  return value !== undefined;
}

function plain(config: GroupConfig): Fields {
  return {
    image: config.image,
    pull: config.pull === undefined ? undefined : pullWord(config.pull),
    command: list(config.command),
    args: list(config.args),
    workdir: config.workdir,
    user: config.user,
    init: config.init,
    instances: config.instances,
    cpu: config.cpu,
    mem: config.memBytes === undefined ? undefined : sizeText(config.memBytes),
    constraints: config.constraints,
    distinct_host: config.distinctHost,
    max_per_host: config.maxPerHost,
    spread: config.spread,
    networks: config.networks.length === 0 ? undefined : config.networks.join(", "),
    restart: config.restart === undefined ? undefined : restartWord(config.restart),
    weight: config.weight,
    open: config.open,
    profile: config.profile === undefined ? undefined : profileWord(config.profile),
  };
}

function maps(config: GroupConfig): Fields {
  const entries: [string, string][] = [
    ...Object.entries(config.env).map(([key, value]): [string, string] => [`env.${key}`, value]),
    ...config.ports.map((port): [string, string] => [`ports.${port.name}`, portText(port)]),
    ...config.volumes.map((volume): [string, string] => [`volumes.${volume.at}`, volumeText(volume)]),
    ...config.files.map(({ at, content, mode = "0444" }): [string, string] => [
      `files.${at}`,
      `${content.length} bytes, checksum ${checksum(content)}, mode ${mode}`,
    ]),
    ...Object.entries(config.dockerLabels).map(([key, value]): [string, string] => [`docker_labels.${key}`, value]),
  ];
  return Object.fromEntries(entries);
}

function policies({ health, stop, lost, update, logging }: GroupConfig): Fields {
  return {
    health: checkText(health),
    "health.interval": time(health?.interval),
    "health.timeout": time(health?.timeout),
    "health.passes": health?.passes,
    "health.fails": health?.fails,
    "health.start_period": time(health?.startPeriod),
    "health.start_interval": time(health?.startInterval),
    "stop.signal": stop?.signal,
    "stop.grace": time(stop?.grace),
    "stop.drain_wait": time(stop?.drainWait),
    "stop.ack_deadline": time(stop?.ackDeadline),
    "lost.after": time(lost?.after),
    "lost.on_return": lost?.onReturn === undefined ? undefined : onReturnWord(lost.onReturn),
    "lost.at_most_once": lost?.atMostOnce,
    "update.max_parallel": update?.maxParallel,
    "update.order": update?.order === undefined ? undefined : orderWord(update.order),
    "update.wait": time(update?.wait),
    "update.min_healthy_time": time(update?.minHealthyTime),
    "update.healthy_deadline": time(update?.healthyDeadline),
    "update.progress_deadline": time(update?.progressDeadline),
    "update.on_failure": update?.onFailure === undefined ? undefined : onFailureWord(update.onFailure),
    "update.canary": update?.canary,
    "update.steps": update === undefined || update.steps.length === 0 ? undefined : update.steps.join(", "),
    "logging.driver": logging?.driver,
    "logging.max_size": logging?.maxSize,
    "logging.max_file": logging?.maxFile,
  };
}

function list(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : JSON.stringify(words);
}

function portText({ container, host, protocol }: Port): string {
  const word = protocol === undefined ? "" : `, ${protocolWord(protocol)}`;
  return `${container}${host === undefined ? "" : `, host ${host}`}${word}`;
}

function volumeText({ source, per, readOnly }: Volume): string {
  const from = source?.$case === "bind" ? `bind ${source.value}` : `${source?.value ?? ""}, per ${scope(per)}`;
  return readOnly === true ? `${from}, read only` : from;
}

function scope(per: Volume["per"]): string {
  return (per === undefined ? undefined : scopeWord(per)) ?? "slot";
}

function checkText(health: HealthCheck | undefined): string | undefined {
  const check = health?.check;
  switch (check?.$case) {
    case undefined:
      return undefined;
    case "none":
      return "none";
    case "http":
      return `http on ${check.value.port} ${check.value.path ?? "/"}`;
    case "tcp":
      return `tcp on ${check.value.port}`;
    case "grpc":
      return `grpc on ${check.value.port}${check.value.service === undefined ? "" : ` ${check.value.service}`}`;
    case "exec":
      return `exec ${JSON.stringify(check.value.command)}`;
  }
}

const UNITS = ["B", "KiB", "MiB", "GiB"] as const;

/** The largest unit that leaves a whole number. */
function sizeText(bytes: bigint): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024n && value % 1024n === 0n && unit < UNITS.length - 1) {
    value /= 1024n;
    unit += 1;
  }
  return `${value}${UNITS[unit]}`;
}

function time(duration: Duration | undefined): string | undefined {
  const value = seconds(duration);
  if (value === undefined) return undefined;
  if (value !== 0 && value % 3600 === 0) return `${value / 3600}h`;
  if (value !== 0 && value % 60 === 0) return `${value / 60}m`;
  return value % 1 === 0 || value > 1 ? `${value}s` : `${value * 1000}ms`;
}

/** Tells contents apart; protects nothing. */
function checksum(content: Uint8Array): string {
  let sum = 0x811c9dc5;
  for (const byte of content) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum.toString(16).padStart(8, "0");
}
