// The Runtime port over one Docker Engine: puts the pieces of this folder together, and lets nothing but TheseusError out.

import type { LogLine } from "../model/logs.js";
import type { Clock, EngineEvent, Logger, Rng, Runtime } from "../model/ports.js";
import { readAftermath } from "./aftermath.js";
import { createContainer } from "./create.js";
import { createEngine } from "./engine.js";
import { parseEngineUrl } from "./engine-url.js";
import { engineEvents } from "./events.js";
import { findImage, resolveImage } from "./images.js";
import { engineInfo } from "./info.js";
import { Inspections } from "./inspections.js";
import { Listing } from "./listing.js";
import { logLines } from "./log-lines.js";
import { Puller } from "./pull.js";
import { translated } from "./refusals.js";
import { removeContainer } from "./remove.js";
import { setRestartPolicy } from "./restart-policy.js";
import { Starter } from "./start.js";
import { stopContainer } from "./stop.js";
import { Trials } from "./try-out.js";
import { Usages } from "./usage.js";
import { removeVolumes } from "./volumes.js";

export type RuntimeOptions = {
  /** The host's name in the store. */
  readonly host: string;
  /** unix:///path, or tcp://loopback:port. */
  readonly url: string;
  /** Asked at each use: it is known only once the store has been read. */
  readonly clusterId: () => string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** Docker's config.json with credentials for registries; absent: none. */
  readonly dockerConfigFile?: string;
};

/** Connects at the first call. Throws INVALID_REQUEST at once for a url that cannot be used. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { host, clock, rng, clusterId } = options;
  const log = options.log.child({ host });
  const engine = createEngine(host, parseEngineUrl(options.url), clock);
  const inspections = new Inspections(engine, clock);
  const listing = new Listing({ engine, inspections, clusterId, log });
  const starter = new Starter(engine);
  const usages = new Usages(engine);
  const trials = new Trials(engine, clock, clusterId);
  const credentials = { file: options.dockerConfigFile, clock, log };
  const puller = new Puller({ engine, clock, log, credentials });

  /** Around every call: the engine's refusals become TheseusErrors. */
  const guarded = async <T>(what: string, work: () => Promise<T>, image = "", container = ""): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw translated(error, { host, image, container }, what);
    }
  };
  /** Around every change of one container: what was known of it before is not remembered. */
  const changing = <T>(id: string, verb: string, work: () => Promise<T>): Promise<T> => {
    inspections.changes(id, verb === "started");
    return guarded(`container ${id.slice(0, 12)} on ${host} cannot be ${verb}`, work, "", id).finally(() =>
      inspections.changed(id),
    );
  };

  return {
    host,
    info: () => guarded(`Docker on ${host} does not say what it is`, () => engineInfo(engine)),
    list: () => guarded(`the containers on ${host} cannot be listed`, () => listing.list()),
    resolveImage: (asked, policy, signal) =>
      guarded(`image ${asked.slice(0, 60)} cannot be looked up`, () =>
        resolveImage(engine, puller, { asked, policy, until: signal }),
      ),
    findImage: (image, policy) =>
      guarded(`image ${image.slice(0, 60)} cannot be looked up`, () => findImage(engine, credentials, image, policy)),
    create: (spec, mandate) =>
      guarded(
        `container ${spec.name} cannot be created`,
        async () => {
          const id = await createContainer(engine, clock, spec, mandate);
          starter.created(id, spec);
          return { id };
        },
        spec.image,
        spec.name,
      ),
    tryOut: (spec, newPorts) =>
      guarded(
        `a container like ${spec.name} cannot be created`,
        () => trials.tryOut(spec, newPorts),
        spec.image,
        spec.name,
      ),
    removeTrials: () => guarded(`what trials left on ${host} cannot be removed`, () => trials.removeLeft()),
    start: (id) => changing(id, "started", () => starter.start(id)),
    stop: (id, grace, mandate) =>
      changing(id, "stopped", () => stopContainer(engine, id, { grace, mandate, seen: inspections.last(id) })),
    remove: (id) => changing(id, "removed", () => removeContainer(engine, id)),
    setRestartPolicy: (id, policy) => changing(id, "updated", () => setRestartPolicy(engine, id, policy)),
    removeVolumes: (groupUid, mandate) =>
      guarded(`volumes on ${host} cannot be removed`, () =>
        removeVolumes(engine, { cluster: clusterId(), groupUid }, mandate),
      ),
    aftermath: (id) => guarded(`the end of ${id.slice(0, 12)} cannot be read`, () => readAftermath(engine, id), "", id),
    usage: (id) => guarded(`what ${id.slice(0, 12)} uses cannot be read`, () => usages.of(id), "", id),
    logLines: (id, query, signal) =>
      guardedLines(logLines({ engine, clock }, id, query, signal), (error) =>
        translated(error, { host, image: "", container: id }, `the output of ${id.slice(0, 12)} cannot be read`),
      ),
    events: (signal) =>
      followed(engineEvents({ engine, clock, rng, log, broken: () => inspections.unfollow() }, signal), inspections),
  };
}

async function* guardedLines(
  lines: AsyncIterable<readonly LogLine[]>,
  translate: (error: unknown) => unknown,
): AsyncGenerator<readonly LogLine[]> {
  try {
    yield* lines;
  } catch (error) {
    throw translate(error);
  }
}

/** While somebody follows the events, inspections may be remembered between them. */
async function* followed(events: AsyncIterable<EngineEvent>, inspections: Inspections): AsyncGenerator<EngineEvent> {
  try {
    for await (const event of events) {
      if (event.kind === "connected") inspections.follow();
      // A signal alone changes nothing; what it leads to is told too.
      else if (event.action !== "kill") inspections.touch(event.id);
      yield event;
    }
  } finally {
    inspections.unfollow();
  }
}
