// An endpoint as programs are given it: "host:port", or "host:port:port" for several named ports.

import type { Container, PortMapping } from "./gen/theseus/v1/container.js";
import type { Endpoint } from "./gen/theseus/v1/discovery_service.js";
import { hostPort } from "./host-port.js";

/** With the port that was asked for, or its first one; the address alone where it has none. */
export function nodeOf({ address, port }: Endpoint): string {
  return hostPort(address, port);
}

/** With these named ports, in their order; undefined where it lacks one of them. */
export function nodeWith({ address, container }: Endpoint, ports: readonly string[]): string | undefined {
  const found = ports.flatMap((name) => mappingOf(container, name)?.external ?? []);
  return found.length < ports.length ? undefined : hostPort(address, ...found);
}

export function mappingOf(container: Container | undefined, name: string): PortMapping | undefined {
  return container?.ports.find((mapping) => mapping.name === name);
}
