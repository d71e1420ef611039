// What a container says itself of how it was made: the image, its named host ports, and the config that it carries. Pure.

import type Docker from "dockerode";
import type { Made } from "../model/container.js";
import { CONFIG } from "./ownership.js";

/** The environment names the ports; only those count that the engine publishes, or that are the host's own. */
export function made({ Config, HostConfig }: Docker.ContainerInspectInfo): Made {
  const env = new Map((Config.Env ?? []).map(splitVariable));
  const published = publishedPorts(HostConfig);
  const hostPorts: Record<string, number> = {};
  for (const [name, value] of env) {
    const [, suffix] = /^PORT_([A-Z][A-Z0-9_]*)$/.exec(name) ?? [];
    if (suffix === undefined || !/^[1-9]\d{0,4}$/.test(value)) continue;
    const exposed = env.get(`EXPOSED_PORT_${suffix}`);
    const isOurs = HostConfig.NetworkMode === "host" ? exposed === value : published.has(`${exposed} ${value}`);
    if (isOurs) hostPorts[suffix.toLowerCase().replaceAll("_", "-")] = Number(value);
  }
  const configText = Config.Labels?.[CONFIG];
  return { image: Config.Image, hostPorts, ...(configText === undefined ? {} : { configText }) };
}

function splitVariable(line: string): [name: string, value: string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

/** "8080 20017" for each binding. */
function publishedPorts({ PortBindings }: Docker.HostConfig): ReadonlySet<string> {
  const bindings: Readonly<Record<string, readonly { HostPort?: string }[] | null>> = PortBindings ?? {};
  return new Set(
    Object.entries(bindings).flatMap(([exposed, hosts]) =>
      (hosts ?? []).map(({ HostPort = "" }) => `${exposed.split("/")[0]} ${HostPort}`),
    ),
  );
}
