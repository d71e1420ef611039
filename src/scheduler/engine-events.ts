// What an engine says happened. An event only ever says "look": which group, or everything after a gap.

import type { EngineEvent } from "../model/ports.js";
import { jittered } from "./back-off.js";
import type { ContainerOwner, Engine } from "./engine.js";
import type { Office } from "./office.js";

export type EventsDeps = {
  readonly office: Office;
  readonly engine: Engine;
  /** Something happened to that container. */
  readonly happened: (owner: ContainerOwner) => void;
  /** Events may have been lost. */
  readonly connected: () => void;
};

/** All others (exec of health checks, attach, copy ...) change nothing that a plan is made from. */
const TELLING = new Set(["start", "restart", "die", "oom", "pause", "unpause", "destroy", "rename", "update"]);

/** Until the end of the term; never throws. */
export async function followEvents(deps: EventsDeps): Promise<void> {
  const { office, engine } = deps;
  for (let failures = 1; !office.end.aborted; failures++) {
    try {
      for await (const event of engine.runtime.events(office.end)) {
        failures = 0;
        await handle(deps, event);
      }
    } catch (error) {
      if (office.end.aborted) return;
      if (failures <= 1) office.log.warn({ err: error, host: engine.host }, "engine events broke off");
    }
    const pause = jittered(office.rng, Math.max(failures, 1), { first: 200, most: 10_000 });
    await office.clock.sleep(pause, office.end).catch(() => undefined);
  }
}

async function handle(deps: EventsDeps, event: EngineEvent): Promise<void> {
  const { engine, office } = deps;
  if (event.kind === "connected") {
    engine.touch();
    deps.connected();
    return;
  }
  if (!TELLING.has(event.action) && !event.action.startsWith("health_status")) return;
  engine.touch();
  const known = engine.ownerOf(event.id);
  if (known !== undefined) return deps.happened(known);
  if (event.cluster !== office.clusterId || event.action === "destroy") return;
  // One of ours that nobody here made: a listing tells whose it is.
  await engine.list().catch(() => undefined);
  const listed = engine.ownerOf(event.id);
  if (listed !== undefined) deps.happened(listed);
}
