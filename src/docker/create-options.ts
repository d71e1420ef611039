// A ContainerSpec in the engine's words, contracts.md 3, 4, 5. Pure: the same spec gives the same container.

import type Docker from "dockerode";
import { DEFAULTS } from "../model/defaults.js";
import { TheseusError } from "../model/errors.js";
import type { ConfigFile, GroupConfig, HealthCheck, Port } from "../model/group.js";
import type { ContainerSpec } from "../model/ports.js";
import { CONFIG, ownershipLabels } from "./ownership.js";
import { restrict } from "./restricted-profile.js";
import { mounts, type NamedVolume, namedVolumes } from "./volumes.js";

export type CreateOptions = {
  readonly name: string;
  readonly body: Docker.ContainerCreateOptions;
  /** To be there before the container, with these labels. */
  readonly volumes: readonly NamedVolume[];
  /** Networks to join besides the first, which is in the body. */
  readonly moreNetworks: readonly string[];
  /** To be copied in before the start. */
  readonly files: readonly ConfigFile[];
};

const NANOSECONDS = 1_000_000;

/** @param imageUser the user that the image names; only the restricted profile looks at it. */
export function createOptions(spec: ContainerSpec, imageUser: string): CreateOptions {
  const { config } = spec;
  const hostNetwork = config.networks?.[0] === "host";
  const published = hostNetwork ? {} : publish(spec);
  const body: Docker.ContainerCreateOptions = {
    ...program(config),
    Image: spec.image,
    Hostname: spec.hostname,
    Env: Object.entries({ ...config.env, ...spec.env }).map(([name, value]) => `${name}=${value}`),
    Labels: { ...config.dockerLabels, ...ownershipLabels(spec.owner), ...configLabel(spec) },
    ExposedPorts: Object.fromEntries((config.ports ?? []).map((port) => [exposed(port), {}])),
    ...healthcheck(config.health),
    HostConfig: {
      ...limits(config),
      RestartPolicy: { Name: "no" },
      Init: config.init ?? DEFAULTS.init,
      SecurityOpt: ["no-new-privileges"],
      LogConfig: logging(config),
      NetworkMode: config.networks?.[0] ?? "default",
      PortBindings: published,
      Mounts: mounts(spec),
    },
  };
  const whole = config.profile === "restricted" ? restrict(body, config, imageUser) : body;
  return {
    name: spec.name,
    body: whole,
    volumes: namedVolumes(spec),
    moreNetworks: config.networks?.slice(1) ?? [],
    files: config.files ?? [],
  };
}

function configLabel({ configText }: ContainerSpec): Record<string, string> {
  return configText === undefined ? {} : { [CONFIG]: configText };
}

/** As `docker run`: a given command takes the image's arguments away with it. An empty list is the image's own. */
function program(config: GroupConfig): Docker.ContainerCreateOptions {
  const { command = [], args = [], workdir, user, stop } = config;
  return {
    ...(command.length === 0 ? {} : { Entrypoint: [...command] }),
    ...(args.length === 0 ? {} : { Cmd: [...args] }),
    ...(workdir === undefined ? {} : { WorkingDir: workdir }),
    ...(user === undefined ? {} : { User: user }),
    ...(stop?.signal === undefined ? {} : { StopSignal: stop.signal }),
  };
}

function exposed(port: Port): string {
  return `${port.container}/${port.protocol ?? "tcp"}`;
}

/** On the host's advertised address only, never on all of them. */
function publish(spec: ContainerSpec): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  // To the engine no address is every address.
  if (spec.address === "") throw new TheseusError("INTERNAL", { what: `no address was chosen for ${spec.name}` });
  for (const port of spec.config.ports ?? []) {
    const hostPort = spec.hostPorts[port.name] ?? port.host;
    if (hostPort === undefined) {
      throw new TheseusError("INTERNAL", { what: `no host port was chosen for port ${port.name} of ${spec.name}` });
    }
    const binding = { HostIp: spec.address, HostPort: String(hostPort) };
    bindings[exposed(port)] = [...(bindings[exposed(port)] ?? []), binding];
  }
  return bindings;
}

/** Unset is no limit. With a memory limit there is no swap, so that the limit is what it says. */
function limits(config: GroupConfig): Docker.HostConfig {
  const { cpu, mem } = config;
  return {
    PidsLimit: DEFAULTS.pidsLimit,
    ...(cpu === undefined ? {} : { NanoCpus: Math.round(cpu * 1e9) }),
    ...(mem === undefined ? {} : { Memory: mem, MemorySwap: mem, MemoryReservation: mem }),
  };
}

/** Size limits belong to the two drivers that write files. */
function logging(config: GroupConfig): { Type: string; Config: Record<string, string> } {
  const { driver, maxSize, maxFile } = { ...DEFAULTS.logging, ...config.logging };
  const bounded = driver === "local" || driver === "json-file";
  return { Type: driver, Config: bounded ? { "max-size": maxSize, "max-file": String(maxFile) } : {} };
}

/** Any other check, and none, leave the image's own as it is: it is not looked at, and they are not part of the container. */
function healthcheck(health: HealthCheck | undefined): Docker.ContainerCreateOptions {
  if (health?.check.kind !== "exec") return {};
  const pace = { ...DEFAULTS.health, ...health };
  return {
    Healthcheck: {
      Test: ["CMD", ...health.check.command],
      Interval: pace.interval * NANOSECONDS,
      Timeout: pace.timeout * NANOSECONDS,
      Retries: pace.fails,
      StartPeriod: pace.startPeriod * NANOSECONDS,
      StartInterval: pace.startInterval * NANOSECONDS,
    },
  };
}
