// What one of Theseus's own containers was created from, without what makes it Theseus's: for the plain side of a bench.

import type Docker from "dockerode";
import type { Stage } from "../proof/stage.js";

/** Between the ports of Theseus and those of the kernel. */
const FIRST_PORT = 32_000;

export async function templateOf(stage: Stage): Promise<Docker.ContainerCreateOptions> {
  const [one] = await stage.engine.containers(["theseus.cluster", (await stage.store.clusterId()) ?? ""]);
  type Inspected = { Config: Docker.ContainerCreateOptions; HostConfig: Docker.HostConfig };
  const { Config, HostConfig } = await stage.engine.json<Inspected>("GET", `/containers/${one?.id}/json`);
  const { Image, Env, Cmd, ExposedPorts } = Config;
  const { PortBindings, Init, SecurityOpt, LogConfig, PidsLimit, NetworkMode, RestartPolicy } = HostConfig;
  const host = { PortBindings, Init, SecurityOpt, LogConfig, PidsLimit, NetworkMode, RestartPolicy };
  const mine = { Image, Env, Cmd, ExposedPorts, Labels: { "theseus-bench": "raw" } };
  return { ...mine, HostConfig: host as Docker.HostConfig } as Docker.ContainerCreateOptions;
}

/** With a host port of its own. */
export function moved(like: Docker.ContainerCreateOptions, number: number): Docker.ContainerCreateOptions {
  const bindings = Object.entries((like.HostConfig?.PortBindings ?? {}) as Record<string, { HostIp: string }[]>);
  const ports = bindings.map(([port, [{ HostIp } = { HostIp: "" }]]) => {
    return [port, [{ HostIp, HostPort: String(FIRST_PORT + number) }]] as const;
  });
  return { ...like, HostConfig: { ...like.HostConfig, PortBindings: Object.fromEntries(ports) } };
}
