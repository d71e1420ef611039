// What is left on each host while slots are given out one after the other within one pass. Values only.

import type { Intent } from "../model/container.js";
import type { GroupConfig } from "../model/group.js";
import type { HostView } from "../model/host.js";

/** One host with what this group holds and is about to hold there. */
export type Room = {
  readonly host: HostView;
  readonly held: number;
  readonly cpu: number;
  readonly mem: number;
  /** Host port -> slot of this group. */
  readonly ports: ReadonlyMap<number, number>;
  /** Where the search for a free port begins. */
  readonly nextPort: number;
};

/** Every intent counts, whatever its phase, until it is released. */
export function roomsFor(hosts: readonly HostView[], intents: readonly Intent[], config: GroupConfig): readonly Room[] {
  return hosts.map((host) => {
    const empty = { host, held: 0, cpu: host.reservedCpu, mem: host.reservedMem, nextPort: host.nextPort };
    return taken(
      { ...empty, ports: new Map() },
      intents.filter((intent) => intent.host === host.name),
      config,
    );
  });
}

/** The rooms once this intent has its place. */
export function withIntent(rooms: readonly Room[], intent: Intent, config: GroupConfig): readonly Room[] {
  return rooms.map((room) => (room.host.name === intent.host ? taken(room, [intent], config) : room));
}

function taken(room: Room, intents: readonly Intent[], config: GroupConfig): Room {
  const ports = intents.flatMap(({ slot, hostPorts }) =>
    Object.values(hostPorts).map((port): readonly [number, number] => [port, slot]),
  );
  return {
    host: room.host,
    held: room.held + intents.length,
    cpu: room.cpu + intents.length * (config.cpu ?? 0),
    mem: room.mem + intents.length * (config.mem ?? 0),
    ports: new Map([...room.ports, ...ports]),
    nextPort: room.nextPort,
  };
}
