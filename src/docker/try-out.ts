// Whether a container could be created, found out by creating one: nothing that serves is touched for it. Not started, so
// it takes no port.

import { MINUTE, type Milliseconds, SECOND } from "../model/instant.js";
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
/** No trial takes that long. */
const ABANDONED: Milliseconds = 15 * MINUTE;

/** Also removes what earlier trials have left over. A named volume would be made by the engine, so there is none in it. */
export async function tryOut(engine: Engine, clock: Clock, spec: ContainerSpec, clusterId: string): Promise<void> {
  const kind = `${clusterId}/${spec.owner.groupUid}`;
  await removeLeftovers(engine, clock, { clusterId, kind });
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

/** Those of this group, and old ones of any other group of the cluster: that may be gone, and is tried out no more. */
async function removeLeftovers(
  engine: Engine,
  clock: Clock,
  { clusterId, kind }: { readonly clusterId: string; readonly kind: string },
): Promise<void> {
  const query = { all: true, filters: JSON.stringify({ label: [TRIAL], status: ["created"] }) };
  const path = "/containers/json";
  const left = await engine.call<Trial[]>({ method: "GET", path, query, deadline: OTHER });
  for (const { Id, Created, Labels } of left) {
    const of = Labels[TRIAL] ?? "";
    const isOld = Created * SECOND + ABANDONED < clock.now();
    if (of === kind || (isOld && of.startsWith(`${clusterId}/`))) await removeContainer(engine, Id);
  }
}

/** As the engine lists it; created in seconds. */
type Trial = { readonly Id: string; readonly Created: number; readonly Labels: Readonly<Record<string, string>> };
