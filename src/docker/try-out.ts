// Whether a container could be created, found out by creating one: nothing that serves is touched for it. Not started, so
// it takes no port.

import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, ContainerSpec } from "../model/ports.js";
import { createTrial } from "./create.js";
import type { Engine } from "./engine.js";
import { hasExecutable } from "./executable.js";
import { inspect } from "./inspections.js";
import { noSuchCommand } from "./refusals.js";
import { removeContainer } from "./remove.js";
import { subjectOf } from "./start.js";

/** It makes a container nobody's: neither a group's nor the cluster's. */
const TRIAL = "theseus.trial";
const OTHER: Milliseconds = 5 * SECOND;

/** Also removes what an earlier trial has left over. A named volume would be made by the engine, so there is none in it. */
export async function tryOut(engine: Engine, clock: Clock, spec: ContainerSpec, clusterId: string): Promise<void> {
  const kind = `${clusterId}/${spec.owner.groupUid}`;
  await removeLeftovers(engine, kind);
  // The engine looks for the first network only when it starts the container.
  for (const network of spec.config.networks ?? []) await requireNetwork(engine, network);
  const { volumes: _, ...config } = spec.config;
  const id = await createTrial(engine, clock, { ...spec, config }, { [TRIAL]: kind });
  try {
    const container = await inspect(engine, id);
    if (!(await hasExecutable(engine, container))) {
      throw noSuchCommand(container.Path, { ...subjectOf(engine.host, container), container: spec.name });
    }
  } finally {
    await removeContainer(engine, id).catch(() => undefined);
  }
}

async function requireNetwork(engine: Engine, network: string): Promise<void> {
  await engine.call({ method: "GET", path: `/networks/${encodeURIComponent(network)}`, deadline: OTHER });
}

async function removeLeftovers(engine: Engine, kind: string): Promise<void> {
  const query = { all: true, filters: JSON.stringify({ label: [`${TRIAL}=${kind}`], status: ["created"] }) };
  const path = "/containers/json";
  const left = await engine.call<{ Id: string }[]>({ method: "GET", path, query, deadline: OTHER });
  for (const { Id } of left) await removeContainer(engine, Id);
}
