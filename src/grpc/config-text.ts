// Values of a config as people write them in the group file.

import type { Check, GroupConfig, Port, Volume } from "../model/group.js";
import { HOUR, MINUTE, type Milliseconds, SECOND } from "../model/instant.js";
import { sha256 } from "../model/sha256.js";

const KIB = 1024;
const SECRET_NAME = /PASS|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY/i;
export const HIDDEN = "(hidden)";

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = bytes;
  while (value >= KIB && value % KIB === 0 && unit < units.length - 1) {
    value /= KIB;
    unit += 1;
  }
  return `${value}${units[unit]}`;
}

export function formatLength(length: Milliseconds): string {
  if (length !== 0 && length % HOUR === 0) return `${length / HOUR}h`;
  if (length !== 0 && length % MINUTE === 0) return `${length / MINUTE}m`;
  if (length % SECOND === 0) return `${length / SECOND}s`;
  return length > SECOND ? `${length / SECOND}s` : `${length}ms`;
}

/** A variable's value, unless its name or form says that it is a secret. */
export function formatEnv(name: string, value: string): string {
  if (SECRET_NAME.test(name)) return HIDDEN;
  return value.replaceAll(/:\/\/[^/@\s]+:[^/@\s]+@/g, `://${HIDDEN}@`);
}

/** Every field that is set, by its path in the group file. Comparing two of these tells the changes. */
export function describeConfig(config: GroupConfig): Map<string, string> {
  const fields = new Map<string, string>();
  const put = (path: string, text: string | undefined): void => {
    if (text !== undefined) fields.set(path, text);
  };
  putContainer(config, put);
  putStorage(config, put);
  putPlacement(config, put);
  putBlocks(config, put);
  return fields;
}

type Put = (path: string, text: string | undefined) => void;

function putContainer(config: GroupConfig, put: Put): void {
  put("image", config.image);
  put("pull", config.pull);
  put("command", words(config.command));
  put("args", words(config.args));
  put("workdir", config.workdir);
  put("user", config.user);
  put("init", text(config.init));
  put("instances", text(config.instances));
  for (const [name, value] of Object.entries(config.env ?? {})) put(`env.${name}`, value);
  for (const port of config.ports ?? []) put(`ports.${port.name}`, formatPort(port));
  put("ports", config.ports?.map((port) => port.name).join(", "));
  put("cpu", text(config.cpu));
  put("mem", config.mem === undefined ? undefined : formatBytes(config.mem));
}

function putStorage(config: GroupConfig, put: Put): void {
  for (const volume of config.volumes ?? []) put(`volumes.${volume.at}`, formatVolume(volume));
  for (const { at, content, mode } of config.files ?? []) {
    const size = formatBytes(Buffer.byteLength(content, "base64"));
    put(`files.${at}`, `${size}, sha256 ${sha256(content).slice(0, 12)}${mode === undefined ? "" : `, mode ${mode}`}`);
  }
  put("networks", config.networks?.join(", "));
  for (const [key, value] of Object.entries(config.dockerLabels ?? {})) put(`docker_labels.${key}`, value);
}

function putPlacement(config: GroupConfig, put: Put): void {
  put("constraints", config.constraints);
  put("distinct_host", text(config.distinctHost));
  put("max_per_host", text(config.maxPerHost));
  put("spread", config.spread);
  put("restart", config.restart);
  put("weight", text(config.weight));
  put("open", text(config.open));
  put("profile", config.profile);
}

function putBlocks(config: GroupConfig, put: Put): void {
  const { health, stop, lost, update, logging } = config;
  put("health", health === undefined ? undefined : formatCheck(health.check));
  put("health.interval", length(health?.interval));
  put("health.timeout", length(health?.timeout));
  put("health.passes", text(health?.passes));
  put("health.fails", text(health?.fails));
  put("health.start_period", length(health?.startPeriod));
  put("health.start_interval", length(health?.startInterval));
  put("stop.signal", stop?.signal);
  put("stop.grace", length(stop?.grace));
  put("stop.drain_wait", length(stop?.drainWait));
  put("stop.ack_deadline", length(stop?.ackDeadline));
  put("lost.after", length(lost?.after));
  put("lost.on_return", lost?.onReturn);
  put("lost.at_most_once", text(lost?.atMostOnce));
  put("update.max_parallel", update?.maxParallel);
  put("update.order", update?.order);
  put("update.wait", length(update?.wait));
  put("update.min_healthy_time", length(update?.minHealthyTime));
  put("update.healthy_deadline", length(update?.healthyDeadline));
  put("update.progress_deadline", length(update?.progressDeadline));
  put("update.on_failure", update?.onFailure);
  put("update.canary", text(update?.canary));
  put("update.steps", update?.steps?.join(", "));
  put("logging.driver", logging?.driver);
  put("logging.max_size", logging?.maxSize);
  put("logging.max_file", text(logging?.maxFile));
}

function text(value: number | boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function length(value: Milliseconds | undefined): string | undefined {
  return value === undefined ? undefined : formatLength(value);
}

function words(list: readonly string[] | undefined): string | undefined {
  return list === undefined ? undefined : JSON.stringify(list);
}

function formatPort(port: Port): string {
  const host = port.host === undefined ? "" : `, host ${port.host}`;
  return `${port.container}${host}${port.protocol === undefined ? "" : `, ${port.protocol}`}`;
}

function formatVolume(volume: Volume): string {
  const source = "bind" in volume ? `bind ${volume.bind}` : `${volume.name}, per ${volume.per ?? "slot"}`;
  return volume.readOnly === true ? `${source}, read only` : source;
}

function formatCheck(check: Check): string {
  switch (check.kind) {
    case "none":
      return "none";
    case "http":
      return `http on ${check.port} ${check.path ?? "/"}`;
    case "tcp":
      return `tcp on ${check.port}`;
    case "grpc":
      return `grpc on ${check.port}${check.service === undefined ? "" : ` ${check.service}`}`;
    case "exec":
      return `exec ${JSON.stringify(check.command)}`;
  }
}
