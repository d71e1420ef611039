// A container of the fake engine, and how the engine shows it.

import type { Made, ObservedContainer, Ownership } from "../../src/model/container.js";
import type { ContainerSpec } from "../../src/model/ports.js";

export type FakeContainer = {
  readonly id: string;
  readonly spec: ContainerSpec;
  status: ObservedContainer["status"];
  startedAt?: number;
  finishedAt?: number;
  exitCode?: number;
  restartPolicy: "no" | "unless-stopped";
};

export function observed(host: string, container: FakeContainer): ObservedContainer {
  const { id, spec, status, startedAt, finishedAt, exitCode, restartPolicy } = container;
  return {
    id,
    name: spec.name,
    host,
    owner: spec.owner,
    status,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(exitCode === undefined ? {} : { exitCode }),
    outOfMemory: false,
    restartCount: 0,
    restartPolicy,
    health: "none",
    verdict: "untried",
    ...(startedAt === undefined ? {} : { made: madeFrom(spec) }),
  };
}

function madeFrom({ image, hostPorts, configText }: ContainerSpec): Made {
  return { image, hostPorts, ...(configText === undefined ? {} : { configText }) };
}

export function sameOwner(a: Ownership, b: Ownership): boolean {
  return a.cluster === b.cluster && a.groupUid === b.groupUid && a.slot === b.slot && a.generation === b.generation;
}
