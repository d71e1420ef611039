// What happens on the engine, as it happens; reconnecting for ever. An event only says "look": what was missed while the
// stream was broken is told by "connected".

import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, EngineEvent, Logger, Rng } from "../model/ports.js";
import type { Engine } from "./engine.js";
import { ndjson } from "./ndjson.js";
import { CLUSTER } from "./ownership.js";

const CONNECT_DEADLINE: Milliseconds = 5 * SECOND;
const FIRST_PAUSE: Milliseconds = 100;
const LONGEST_PAUSE: Milliseconds = 5 * SECOND;

/** What can change the state of a container; probes run inside containers (exec_*) are not of it. */
const ACTIONS = [
  "create",
  "start",
  "restart",
  "die",
  "kill",
  "oom",
  "stop",
  "pause",
  "unpause",
  "rename",
  "update",
  "destroy",
  "health_status",
];

export type EventParts = {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** Told at once when the stream breaks, before it is connected again. */
  readonly broken: () => void;
};

/** Ends when the signal does; never throws. */
export async function* engineEvents(parts: EventParts, signal: AbortSignal): AsyncGenerator<EngineEvent> {
  const { clock, rng, log, engine, broken } = parts;
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    try {
      for await (const event of oneStream(engine, signal)) {
        if (event.kind === "connected") pause = FIRST_PAUSE;
        yield event;
      }
      log.debug({ host: engine.host }, "the engine ended its event stream");
    } catch (error) {
      if (signal.aborted) return;
      log.debug({ host: engine.host, error: String(error) }, "the engine's event stream broke");
    }
    broken();
    await clock.sleep(pause * (0.5 + rng.fraction() / 2), signal).catch(() => undefined);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }
}

async function* oneStream(engine: Engine, signal: AbortSignal): AsyncGenerator<EngineEvent> {
  const reading = new AbortController();
  const stop = AbortSignal.any([signal, reading.signal]);
  const query = { filters: JSON.stringify({ type: ["container"], event: ACTIONS }) };
  try {
    const stream = await engine.stream({ method: "GET", path: "/events", query, deadline: CONNECT_DEADLINE }, stop);
    yield { kind: "connected" };
    for await (const message of ndjson(stream)) {
      const event = readEvent(message);
      if (event !== undefined) yield event;
    }
  } finally {
    reading.abort();
  }
}

type Message = {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
};

/** Undefined for anything but a container's event. */
export function readEvent(message: Message): EngineEvent | undefined {
  const { Type, Action, Actor } = message;
  if (Type !== "container" || Action === undefined || Actor?.ID === undefined) return undefined;
  return { kind: "container", id: Actor.ID, action: Action, cluster: Actor.Attributes?.[CLUSTER] };
}
