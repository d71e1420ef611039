// What is left on each host while slots are given out one after the other within one pass. Values only.

import type { Intent, Reserves } from "../model/container.js";
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

/** Every intent counts, whatever its phase, until it is released. @param config of those that do not say what they hold. */
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

/** What of an intent takes up room. */
export type Held = Pick<Intent, "slot" | "host" | "hostPorts" | "reserves">;

/** The rooms once this intent has its place. */
export function withIntent(rooms: readonly Room[], intent: Held, config: GroupConfig): readonly Room[] {
  return rooms.map((room) => (room.host.name === intent.host ? taken(room, [intent], config) : room));
}

/** The rooms once this intent has given its place back. */
export function withoutIntent(rooms: readonly Room[], intent: Held, config: GroupConfig): readonly Room[] {
  const { cpu = 0, mem = 0 } = intent.reserves ?? config;
  const freed = new Set(Object.values(intent.hostPorts));
  return rooms.map((room) => {
    if (room.host.name !== intent.host) return room;
    const ports = new Map([...room.ports].filter(([port, slot]) => slot !== intent.slot || !freed.has(port)));
    return { ...room, held: room.held - 1, cpu: room.cpu - cpu, mem: room.mem - mem, ports };
  });
}

/** What a container of this config holds of its host. */
export function reservesOf({ cpu, mem }: GroupConfig): Reserves {
  return { ...(cpu === undefined ? {} : { cpu }), ...(mem === undefined ? {} : { mem }) };
}

function taken(room: Room, intents: readonly Held[], config: GroupConfig): Room {
  const ports = intents.flatMap(({ slot, hostPorts }) =>
    Object.values(hostPorts).map((port): readonly [number, number] => [port, slot]),
  );
  const made = intents.map(({ reserves }) => reserves ?? config);
  return {
    host: room.host,
    held: room.held + intents.length,
    cpu: made.reduce((sum, { cpu = 0 }) => sum + cpu, room.cpu),
    mem: made.reduce((sum, { mem = 0 }) => sum + mem, room.mem),
    ports: new Map([...room.ports, ...ports]),
    nextPort: room.nextPort,
  };
}
