// How a host record follows the ports given out and freed. Pure; which port is given out is the planner's decision.

import type { Intent } from "../model/container.js";
import type { GroupConfig } from "../model/group.js";
import { HOST_PORT_FIRST, HOST_PORT_LAST, type HostRecord, PORT_QUARANTINE_MS } from "../model/host.js";
import { quarantinedPorts } from "../model/host-view.js";
import type { Instant } from "../model/instant.js";
import { fixedPort } from "../planner/ports.js";

const COUNT = HOST_PORT_LAST - HOST_PORT_FIRST + 1;

/** The next search begins after the last port that these intents took. */
export function portsGiven(
  record: HostRecord,
  intents: readonly Intent[],
  config: GroupConfig | undefined,
): HostRecord {
  const chosen = intents.flatMap((intent) => chosenPorts(intent, config));
  return { ...record, nextPort: nextPortAfter(record.nextPort, chosen) };
}

/** A port of these intents that nobody may be given yet; undefined: none is. */
export function restingPort(
  record: HostRecord,
  intents: readonly Intent[],
  config: GroupConfig | undefined,
  now: Instant,
): number | undefined {
  const resting = quarantinedPorts(record, now);
  return intents.flatMap((intent) => chosenPorts(intent, config)).find((port) => resting.has(port));
}

/** The ports rest from now on; rests that are over are dropped. */
export function portsFreed(
  record: HostRecord,
  intent: Intent,
  config: GroupConfig | undefined,
  now: Instant,
): HostRecord {
  const freed: Record<string, Instant> = {};
  for (const [port, time] of Object.entries(record.freedPorts)) {
    if (now - time < PORT_QUARANTINE_MS) freed[port] = time;
  }
  for (const port of chosenPorts(intent, config)) freed[port] = now;
  return { ...record, freedPorts: freed };
}

/** Ports that Theseus chose. A fixed port is taken again at once by whom it is fixed for. */
function chosenPorts(intent: Intent, config: GroupConfig | undefined): number[] {
  return Object.entries(intent.hostPorts)
    .filter(([name, port]) => !isFixed(config, name, port) && port >= HOST_PORT_FIRST && port <= HOST_PORT_LAST)
    .map(([, port]) => port);
}

/** Whether the config itself demands this host port. */
export function isFixed(config: GroupConfig | undefined, name: string, port: number): boolean {
  return config?.ports?.some((one) => one.name === name && fixedPort(config, one) === port) ?? false;
}

/** The planner searches upwards from nextPort and goes round; the furthest one that way was given last. */
function nextPortAfter(nextPort: number, given: readonly number[]): number {
  const steps = given.map((port) => (port - nextPort + COUNT) % COUNT);
  const step = steps.length === 0 ? 0 : Math.max(...steps) + 1;
  return HOST_PORT_FIRST + ((nextPort - HOST_PORT_FIRST + step) % COUNT);
}
