// What the planner may know of a host, made from its record and from what others hold there. Pure.

import type { Intent } from "./container.js";
import type { HostRecord, HostView } from "./host.js";
import { PORT_QUARANTINE_MS } from "./host.js";
import type { Instant } from "./instant.js";
import type { Stranger } from "./ports.js";
import { formatSlot, type GroupRef } from "./reference.js";
import type { Reservation } from "./store.js";

export type HostFacts = {
  readonly now: Instant;
  /** Asked when the planner first looks for room: on a large fleet most passes never do. */
  readonly others: () => Others;
};

/** What is held there that is not of the group. */
export type Others = {
  /** Those on other hosts are left out here. */
  readonly reservations: readonly Reservation[];
  readonly strangers: readonly Stranger[];
  /** Names of our own containers of other groups, as the engine listed them. */
  readonly otherNames: () => readonly string[];
};

/** A host is reachable when its record has no problem; every port and name that others hold is taken. */
export function hostView(record: HostRecord, { now, others }: HostFacts): HostView {
  const facts = once(others);
  const taken = once(() => takenBy(record, facts()));
  const names = once(() => takenNames(record, facts()));
  return {
    name: record.name,
    reachable: record.problem === undefined,
    ...(record.problem === undefined ? {} : { problem: record.problem.text }),
    address: record.address,
    labels: record.labels,
    cpu: record.cpu,
    mem: record.mem,
    get reservedCpu() {
      return taken().reservedCpu;
    },
    get reservedMem() {
      return taken().reservedMem;
    },
    get takenPorts() {
      return taken().takenPorts;
    },
    quarantinedPorts: quarantinedPorts(record, now),
    nextPort: record.nextPort,
    get takenNames() {
      return names();
    },
  };
}

type Taken = Pick<HostView, "reservedCpu" | "reservedMem" | "takenPorts">;

function takenBy(record: HostRecord, others: Others): Taken {
  const reservations = others.reservations.filter((one) => one.intent.host === record.name);
  return {
    reservedCpu: sum(reservations.map((one) => one.cpu)),
    reservedMem: sum(reservations.map((one) => one.mem)),
    takenPorts: takenPorts(reservations, others.strangers),
  };
}

function takenNames(record: HostRecord, { reservations, strangers, otherNames }: Others): ReadonlySet<string> {
  const intended = reservations.filter(({ intent }) => intent.host === record.name).map(({ intent }) => intent.name);
  return new Set([...strangers.map(({ name }) => name), ...intended, ...otherNames()]);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** A group's claim is named before a stranger's: it is the one that a person can do something about. */
function takenPorts(reservations: readonly Reservation[], strangers: readonly Stranger[]): ReadonlyMap<number, string> {
  const taken = new Map<number, string>();
  for (const stranger of strangers) {
    for (const port of stranger.hostPorts) taken.set(port, `container ${stranger.name}`);
  }
  for (const { group, intent } of reservations) {
    for (const port of Object.values(intent.hostPorts)) taken.set(port, holderOf(group, intent));
  }
  return taken;
}

const holders = new WeakMap<Intent, string>();

function holderOf(group: GroupRef, intent: Intent): string {
  const known = holders.get(intent) ?? formatSlot(group, intent.slot);
  holders.set(intent, known);
  return known;
}

/** A time of freeing that lies in the future (the clock went back) counts the same way. */
function quarantinedPorts(record: HostRecord, now: Instant): ReadonlySet<number> {
  return new Set(
    Object.entries(record.freedPorts)
      .filter(([, freed]) => Math.abs(now - freed) < PORT_QUARANTINE_MS)
      .map(([port]) => Number(port)),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
