// Stopping a container by its id: its own signal, the grace, then SIGKILL.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Mandate } from "../model/ports.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { type Inspection, inspect } from "./inspections.js";

const KILL_DEADLINE: Milliseconds = 5 * SECOND;
/** A killed process may take this long to be gone: disks, and engines that are busy. */
const AFTER_SIGKILL: Milliseconds = 10 * SECOND;

class GraceIsOver extends TheseusError {}

export type Stop = {
  readonly grace: Milliseconds;
  /** The container at any time, where it was looked at before. */
  readonly seen: Inspection | undefined;
  /** Absent: for ever. */
  readonly mandate: Mandate | undefined;
};

/**
 * Returns when it has ended; ended or gone already is success. CANCELLED at the end of the mandate: whoever has it then
 * begins anew, with a whole grace.
 */
export async function stopContainer(engine: Engine, id: string, stop: Stop): Promise<void> {
  const { mandate, seen } = stop;
  const signal = await ownSignal(engine, id, seen);
  mandate?.assertMayAct();
  if (await endedBySignal(engine, id, signal, stop)) return;
  mandate?.assertMayAct();
  await kill(engine, id, "SIGKILL");
  await ended(engine, id, { deadline: AFTER_SIGKILL, mandate });
}

async function endedBySignal(engine: Engine, id: string, signal: string, { grace, mandate }: Stop): Promise<boolean> {
  if (grace === 0 || signal === "SIGKILL") return false;
  await kill(engine, id, signal);
  try {
    const late = () => new GraceIsOver("INTERNAL", { what: "the grace is over" });
    await ended(engine, id, { deadline: grace, mandate, late });
    return true;
  } catch (error) {
    if (error instanceof GraceIsOver) return false;
    throw error;
  }
}

/** Of its config, else of its image: the engine has put them together. The present config may say another by now. */
async function ownSignal(engine: Engine, id: string, seen: Inspection | undefined): Promise<string> {
  try {
    const { Config } = seen ?? (await inspect(engine, id));
    return Config.StopSignal || "SIGTERM";
  } catch (error) {
    if (refusedWith(error, 404)) return "SIGTERM";
    throw error;
  }
}

async function kill(engine: Engine, id: string, signal: string): Promise<void> {
  const path = `/containers/${id}/kill`;
  try {
    await engine.call({ method: "POST", path, query: { signal }, deadline: KILL_DEADLINE });
  } catch (error) {
    // 404: gone. 409: it does not run.
    if (!refusedWith(error, 404, 409)) throw error;
  }
}

type Waiting = {
  readonly deadline: Milliseconds;
  readonly mandate: Mandate | undefined;
  readonly late?: () => TheseusError;
};

async function ended(engine: Engine, id: string, { mandate, ...waiting }: Waiting): Promise<void> {
  const until = mandate === undefined ? {} : { until: mandate.end };
  const query = { condition: "not-running" };
  try {
    await engine.call({ method: "POST", path: `/containers/${id}/wait`, query, ...waiting, ...until });
  } catch (error) {
    if (!refusedWith(error, 404)) throw error;
  }
}
