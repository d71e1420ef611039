// Stopping a container by its id: its own signal, the grace, then SIGKILL.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { type Inspection, inspect } from "./inspections.js";

const KILL_DEADLINE: Milliseconds = 5 * SECOND;
/** A killed process may take this long to be gone: disks, and engines that are busy. */
const AFTER_SIGKILL: Milliseconds = 10 * SECOND;

class GraceIsOver extends TheseusError {}

/** Returns when it has ended; ended or gone already is success. @param seen it at any time, where it was looked at before. */
export async function stopContainer(
  engine: Engine,
  id: string,
  grace: Milliseconds,
  seen: Inspection | undefined,
): Promise<void> {
  const signal = await ownSignal(engine, id, seen);
  if (await endedBySignal(engine, id, signal, grace)) return;
  await kill(engine, id, "SIGKILL");
  await ended(engine, id, AFTER_SIGKILL);
}

async function endedBySignal(engine: Engine, id: string, signal: string, grace: Milliseconds): Promise<boolean> {
  if (grace === 0 || signal === "SIGKILL") return false;
  await kill(engine, id, signal);
  try {
    await ended(engine, id, grace, () => new GraceIsOver("INTERNAL", { what: "the grace is over" }));
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

async function ended(engine: Engine, id: string, deadline: Milliseconds, late?: () => TheseusError): Promise<void> {
  const query = { condition: "not-running" };
  const request = { method: "POST", path: `/containers/${id}/wait`, query, deadline } as const;
  try {
    await engine.call(late === undefined ? request : { ...request, late });
  } catch (error) {
    if (!refusedWith(error, 404)) throw error;
  }
}
