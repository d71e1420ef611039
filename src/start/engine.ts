// The Docker Engine of this machine as the whole server uses it, known by the store's cluster id; and one look at it for
// whoever has just started the server. Its library is loaded late.

import type { Config } from "../config.js";
import { type Counting, countCalls } from "../http/count-calls.js";
import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, Logger, Rng, Runtime } from "../model/ports.js";
import type { Counted } from "./crash-point.js";

/** The first and only engine, until there are more hosts. */
export const LOCAL_HOST = "local";

/** A start does not wait longer for an engine that says nothing. */
const LOOK_WITHIN: Milliseconds = SECOND;

type Around = {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly observe: Counting["observe"];
  readonly counted: Counted;
};

/** Connects at the first call. */
export async function createEngine(
  config: Pick<Config, "docker">,
  clusterId: string,
  { clock, rng, log, observe, counted }: Around,
): Promise<Runtime> {
  const { createRuntime } = await import("../docker/runtime.js");
  const { url, configFile } = config.docker;
  const engine = createRuntime({
    ...{ host: LOCAL_HOST, url, dockerConfigFile: configFile },
    ...{ clusterId: () => clusterId, clock, rng, log },
  });
  return countCalls(counted.runtime(engine), { kind: "engine", observe, clock });
}

/** Its version and how many containers are ours, or why that is not known, as the end of a line. Never fails. */
export async function lookAt(engine: Promise<Runtime>, clock: Clock): Promise<string> {
  const over = new AbortController();
  const late = clock.sleep(LOOK_WITHIN, over.signal).then(() => "has not answered yet");
  try {
    return await Promise.race([engine.then(described), late]);
  } catch (error) {
    return error instanceof TheseusError ? (error.facts.why?.[0] ?? error.message) : "does not answer";
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}

async function described(engine: Runtime): Promise<string> {
  const [{ version }, { ours }] = await Promise.all([engine.info(), engine.list()]);
  return `${version}, ${ours.length} ${ours.length === 1 ? "container" : "containers"} of ours`;
}
