// What is left on each host while slots are given out one after the other within one pass. Values only.

import type { Intent, Reserves } from "../model/container.js";
import type { GroupConfig } from "../model/group.js";
import type { HostView } from "../model/host.js";

/** How many of the group are on a host, and what all that is there holds of it. */
type Taken = { readonly held: number; readonly cpu: number; readonly mem: number };

/** One host with what this group holds and is about to hold there. */
export type Room = Taken & {
  readonly host: HostView;
  /** Once that is gone which is being stopped: it still takes up room, but where the next one is best does not hang on it. */
  readonly later: Taken;
  /** Host port -> slot of this group. */
  readonly ports: ReadonlyMap<number, number>;
  /** Where the search for a free port begins. */
  readonly nextPort: number;
};

/** Every intent counts, whatever its phase, until it is released. @param config of those that do not say what they hold. */
export function roomsFor(hosts: readonly HostView[], intents: readonly Intent[], config: GroupConfig): readonly Room[] {
  return hosts.map((host) => {
    const empty = { held: 0, cpu: host.reservedCpu, mem: host.reservedMem };
    return taken(
      { host, ...empty, later: empty, ports: new Map(), nextPort: host.nextPort },
      intents.filter((intent) => intent.host === host.name),
      config,
    );
  });
}

/** What of an intent takes up room. */
export type Held = Pick<Intent, "slot" | "host" | "hostPorts" | "reserves"> & Partial<Pick<Intent, "phase">>;

/** The rooms once this intent has its place. */
export function withIntent(rooms: readonly Room[], intent: Held, config: GroupConfig): readonly Room[] {
  return rooms.map((room) => (room.host.name === intent.host ? taken(room, [intent], config) : room));
}

/** The rooms once this intent has given its place back. */
export function withoutIntent(rooms: readonly Room[], intent: Held, config: GroupConfig): readonly Room[] {
  const freed = new Set(Object.values(intent.hostPorts));
  return rooms.map((room) => {
    if (room.host.name !== intent.host) return room;
    const ports = new Map([...room.ports].filter(([port, slot]) => slot !== intent.slot || !freed.has(port)));
    const later = isStaying(intent) ? sum(room.later, [intent], { config, sign: -1 }) : room.later;
    return { ...room, ...sum(room, [intent], { config, sign: -1 }), later, ports };
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
  return {
    ...sum(room, intents, { config, sign: 1 }),
    host: room.host,
    later: sum(room.later, intents.filter(isStaying), { config, sign: 1 }),
    ports: new Map([...room.ports, ...ports]),
    nextPort: room.nextPort,
  };
}

type Change = { readonly config: GroupConfig; readonly sign: 1 | -1 };

function sum({ held, cpu, mem }: Taken, intents: readonly Held[], { config, sign }: Change): Taken {
  const made = intents.map(({ reserves }) => reserves ?? config);
  return {
    held: held + sign * intents.length,
    cpu: made.reduce((all, one) => all + sign * (one.cpu ?? 0), cpu),
    mem: made.reduce((all, one) => all + sign * (one.mem ?? 0), mem),
  };
}

const isStaying = ({ phase }: Held): boolean => phase !== "stopping";
