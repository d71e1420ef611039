// Host ports: fixed ones as asked, the others from 20000-31999 going round, so that the least recently freed comes first.

import type { GroupConfig, Port } from "../model/group.js";
import { HOST_PORT_FIRST, HOST_PORT_LAST, type HostView } from "../model/host.js";

export type HostPorts = Readonly<Record<string, number>>;

/** A host with the ports that this group holds on it. */
export type PortRoom = {
  readonly host: HostView;
  readonly ports: ReadonlyMap<number, number>;
  readonly nextPort: number;
};

const COUNT = HOST_PORT_LAST - HOST_PORT_FIRST + 1;

/** One host port for each port of the config, or every reason why not. */
export function choosePorts(
  config: GroupConfig,
  room: PortRoom,
): { readonly hostPorts: HostPorts } | { readonly problems: readonly string[] } {
  const ports = config.ports ?? [];
  const fixed = new Set(ports.map((port) => fixedPort(config, port)).filter((port) => port !== undefined));
  const free = freePorts(room, fixed, ports.filter((port) => fixedPort(config, port) === undefined).length);
  const problems = [...fixed].flatMap((port) => holderOf(room, port) ?? []);
  if (free === undefined) problems.push(`no port of ${HOST_PORT_FIRST}-${HOST_PORT_LAST} is free`);
  if (free === undefined || problems.length > 0) return { problems };
  const next = free.values();
  return {
    hostPorts: Object.fromEntries(
      ports.map((port) => [port.name, fixedPort(config, port) ?? next.next().value ?? 0] as const),
    ),
  };
}

/** On the host's own network a container listens on its own port: nothing is mapped. */
export function fixedPort(config: GroupConfig, port: Port): number | undefined {
  return config.networks?.includes("host") ? port.container : port.host;
}

/** The first so many free ports from where the search begins; undefined when there are not so many. */
function freePorts(room: PortRoom, fixed: ReadonlySet<number>, count: number): readonly number[] | undefined {
  const start = inRange(room.nextPort) ? room.nextPort : HOST_PORT_FIRST;
  // Taken out of the loop, which may go past thousands of ports.
  const { takenPorts, quarantinedPorts } = room.host;
  const found: number[] = [];
  for (let step = 0; step < COUNT && found.length < count; step++) {
    const port = HOST_PORT_FIRST + ((start - HOST_PORT_FIRST + step) % COUNT);
    if (takenPorts.has(port) || quarantinedPorts.has(port)) continue;
    if (!fixed.has(port) && !room.ports.has(port)) found.push(port);
  }
  return found.length === count ? found : undefined;
}

/** The quarantine is for ports that we choose; whoever fixes a port means it. */
function holderOf(room: PortRoom, port: number): string | undefined {
  const holder = room.host.takenPorts.get(port);
  if (holder !== undefined) return `port ${port} is taken by ${holder}`;
  const slot = room.ports.get(port);
  return slot === undefined ? undefined : `port ${port} is taken by slot ${slot} of this group`;
}

function inRange(port: number): boolean {
  return port >= HOST_PORT_FIRST && port <= HOST_PORT_LAST;
}
