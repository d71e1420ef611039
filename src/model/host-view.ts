// What the planner may know of a host, made from its record and from what others hold there. Pure.

import type { HostRecord, HostView } from "./host.js";
import { PORT_QUARANTINE_MS } from "./host.js";
import type { Instant } from "./instant.js";
import type { Others } from "./others.js";

export type HostFacts = {
  readonly now: Instant;
  /** Asked when the planner first looks for room: most passes never do. */
  readonly others: () => Others;
};

/** A host is reachable when its record has no problem; every port and name that others hold is taken. */
export function hostView(record: HostRecord, { now, others }: HostFacts): HostView {
  const held = once(others);
  return {
    name: record.name,
    reachable: record.problem === undefined,
    ...(record.problem === undefined ? {} : { problem: record.problem.text }),
    address: record.address,
    labels: record.labels,
    cpu: record.cpu,
    mem: record.mem,
    get reservedCpu() {
      return held().reservedCpu;
    },
    get reservedMem() {
      return held().reservedMem;
    },
    get takenPorts() {
      return held().takenPorts;
    },
    quarantinedPorts: quarantinedPorts(record, now),
    nextPort: record.nextPort,
    get takenNames() {
      return held().takenNames;
    },
  };
}

/** Ports that rest after they were freed. A time that lies in the future (the clock went back) counts the same way. */
export function quarantinedPorts({ freedPorts }: HostRecord, now: Instant): ReadonlySet<number> {
  return new Set(
    Object.entries(freedPorts)
      .filter(([, freed]) => Math.abs(now - freed) < PORT_QUARANTINE_MS)
      .map(([port]) => Number(port)),
  );
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
