// Builds everything, starts it, stops it: the only place where adapters are made and rooms meet. What takes long to load
// (etcd3, dockerode, the scheduler, metrics) is loaded after the listeners are open.

import { answerDrains } from "./catalog/answerer.js";
import { createCatalog, type RunningCatalog } from "./catalog/catalog.js";
import { type Address, formatAddress } from "./config/address.js";
import { problemText } from "./config/problem.js";
import { type Config, processEnv, readConfig } from "./config.js";
import { parseEngineUrl } from "./docker/engine-url.js";
import { ensureCluster } from "./etcd/cluster.js";
import { keepCompacting, PastRevisions } from "./etcd/compaction.js";
import { createStore, type Store } from "./etcd/driver.js";
import { createElection } from "./etcd/election.js";
import { createMembership } from "./etcd/membership.js";
import { refusedBind } from "./grpc/bind.js";
import { createGrpcServer, type GrpcServer } from "./grpc/server.js";
import { type Counting, countCalls } from "./http/count-calls.js";
import { createMetrics, type Metrics } from "./http/metrics.js";
import { catalogProblems } from "./http/readiness.js";
import { createHttpServer, type HttpServer } from "./http/server.js";
import { createLogger } from "./log.js";
import { TheseusError } from "./model/errors.js";
import { SECOND } from "./model/instant.js";
import type { EtcdWire, Logger, Runtime } from "./model/ports.js";
import type { Election, Membership, Term } from "./model/store.js";
import { greeting, type Listening } from "./start/banner.js";
import { bridgeAddress } from "./start/bridge.js";
import { removeEverything, stopAsAsked } from "./start/clean.js";
import { type Counted, crashingAt } from "./start/crash-point.js";
import { createEngine, lookAt } from "./start/engine.js";
import { startFailure } from "./start/failure.js";
import { endsWithin, persist, unlessAborted } from "./start/later.js";
import { createLogs } from "./start/logs.js";
import { closeInTime, type OpenStore, openStore } from "./start/open-store.js";
import { discoveryAddress, register } from "./start/registration.js";
import { readReservations } from "./start/reservations.js";
import { buildScheduler } from "./start/scheduler.js";
import { firstEnding } from "./start/signals.js";
import { createStats } from "./start/stats.js";
import { keepViewer, placeOfViewer } from "./start/viewer.js";
import { warmUp } from "./start/warm-up.js";
import { systemClock as clock, keepHeapLean, processAge, systemRng as rng, stayAlive } from "./system.js";

const CALLS_GRACE = 5 * SECOND;
const STOP_WITHIN = 10 * SECOND;

export type RunningServer = {
  readonly serverId: string;
  readonly listening: Listening;
  /** Rejects when a part of the server failed in a way that it cannot repair; otherwise pending. */
  readonly broken: Promise<never>;
  /** The engine's version and what it has of ours, for a person. */
  lookAtEngine(): Promise<string>;
  /** Removes every group of the store. @returns what is left, in words. Never rejects; bounded in time. */
  removeEverything(): Promise<readonly string[]>;
  /** Lets calls end, hands leadership over, signs off. Never rejects; bounded in time. */
  stop(): Promise<void>;
};

/** `theseus server start`: runs until SIGTERM or SIGINT. @returns the exit code. */
export async function runServer(argv: readonly string[]): Promise<number> {
  const read = readConfig(argv, {
    env: processEnv(),
    stderrIsTTY: process.stderr.isTTY === true,
    isRoot: process.getuid?.() === 0,
    bridgeAddress,
    engineComplaint,
  });
  switch (read.kind) {
    case "help":
      process.stdout.write(read.text);
      return 0;
    case "problems":
      process.stderr.write(problemText(read.problems, read.form));
      return 2;
    case "config":
      return runWith(read.config);
  }
}

async function runWith(config: Config): Promise<number> {
  keepHeapLean();
  const log = createLogger(config.log);
  const ending = firstEnding(log, clock);
  const rest = stayAlive();
  const over = new AbortController();
  let viewed: Promise<void> | undefined;
  try {
    const viewer = await placeOfViewer(config.viewer, log);
    const server = await startServer(config, log);
    viewed = keepViewer(viewer, server.listening.grpc, { clock, log }, over.signal);
    process.stdout.write(await greeting(config, { ...server, viewer: viewer?.address }, processAge));
    const end = await Promise.race([
      ending,
      server.broken.catch((error: unknown) => ({ kind: "bug" as const, error })),
    ]);
    log.info({ server: server.serverId, cause: end.kind === "asked" ? end.signal : "an error" }, "stopping");
    over.abort();
    if (end.kind === "asked") return await stopAsAsked(config, server, (text) => process.stdout.write(text));
    await server.stop();
    return 1;
  } catch (error) {
    process.stderr.write(startFailure(error, config.output));
    return error instanceof TheseusError ? 2 : 1;
  } finally {
    over.abort();
    await viewed;
    rest();
  }
}

function engineComplaint(url: string): string | undefined {
  try {
    parseEngineUrl(url);
    return undefined;
  } catch (error) {
    return error instanceof TheseusError ? error.facts.why?.join("; ") : String(error);
  }
}

/** All parts of one server, made and not started. */
type Parts = {
  readonly config: Config;
  readonly log: Logger;
  readonly opened: OpenStore;
  readonly wire: EtcdWire;
  readonly catalog: RunningCatalog;
  readonly store: Store;
  readonly membership: Membership;
  readonly election: Election;
  readonly metrics: Metrics;
  readonly grpc: GrpcServer;
  readonly http: HttpServer;
  /** What this server has to complain of besides the store, in words. */
  readonly problems: Set<string>;
  /** Aborted when the server begins to stop. */
  readonly stopping: AbortController;
  /** Aborted when its calls have ended: nobody follows anything here any more. */
  readonly leaving: AbortController;
  /** Looked for when it is first asked for. */
  readonly ground: () => Ground;
};

/**
 * Opens the listeners and starts everything behind them; store and engine may be away, they are tried until they answer.
 * Fails, with nothing left open, when an address cannot be listened on, or the embedded store's folder cannot be used.
 */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const opened = await openStore(config.store, { clock, rng, log });
  const parts = build(config, log, opened);
  const { membership, stopping, leaving, grpc, http } = parts;
  const listening = await listen(parts).catch(async (error: unknown) => {
    stopping.abort(error);
    leaving.abort(error);
    await opened.close();
    throw error;
  });
  log.info({ server: membership.serverId, version: config.version, ...listening }, "listening");
  const followed = follow(parts);
  const ground = parts.ground();
  const work = [followed, register(registrationOf(parts, listening)), answer(parts), campaign(parts, ground)];
  void warmUp({ metrics: parts.metrics, engine: ground.engine, log, clock }, stopping.signal);
  const broken = new Promise<never>((_, reject) => followed.catch(reject));
  broken.catch(() => undefined);
  return {
    serverId: membership.serverId,
    listening,
    broken,
    lookAtEngine: () => lookAt(ground.engine, clock),
    removeEverything: () => removeEverything({ store: parts.store, engine: ground.engine, clock, log }),
    stop: async () => {
      stopping.abort(new Error("the server stops"));
      const served = Promise.allSettled([grpc.stop(CALLS_GRACE), http.stop()]);
      const ended = served.then(() => {
        leaving.abort(new Error("the server stops"));
        return Promise.allSettled(work);
      });
      if (!(await endsWithin(clock, STOP_WITHIN, ended))) log.warn({}, "not everything ended in time");
      await closeInTime(opened, { clock, log }, STOP_WITHIN);
    },
  };
}

function build(config: Config, log: Logger, opened: OpenStore): Parts {
  const serverId = rng.hex(6);
  const stopping = new AbortController();
  const leaving = new AbortController();
  const problems = new Set<string>();
  const observe: Counting["observe"] = (call) => metrics.observe(call);
  const counted = crashingAt(config.crashPoint);
  const wire = countCalls(counted.wire(opened.wire), { kind: "store", observe, clock });
  const given = { clock, rng, log, serverId };
  const store = createStore(wire, given);
  const catalog = createCatalog(store, clock, log);
  const metrics = createMetrics(catalog);
  const membership = createMembership(wire, given);
  const election = createElection(wire, given, { ttlSeconds: config.leaderTtlSeconds });
  let known: Ground | undefined;
  const ground = (): Ground => {
    known ??= groundOf({ config, log, wire, metrics, stopping, counted });
    return known;
  };
  const grpc = createGrpcServer({
    ...{ catalog, membership, election, clock, rng, log },
    logs: createLogs({ engine: () => ground().engine, catalog, clock }),
    stats: createStats({ engine: () => ground().engine, catalog, clock }),
    findImage: async (_host, image, policy) => (await ground().engine).findImage(image, policy),
    findStrangers: async () => (await (await ground().engine).list()).strangers,
    ...{ changes: store, store, directory: store, feed: store, registrations: store, timeline: store, storage: wire },
    reservations: (atLeast) => readReservations({ catalog, store, clock }, atLeast),
    rules: { allowHostAccess: config.allowHostAccess },
    version: config.version,
    startTime: clock.now(),
    problems: () => [...problems],
    onCall: ({ method, code, milliseconds }) => metrics.observe({ kind: "rpc", method, outcome: code, milliseconds }),
  });
  const notReady = () => (stopping.signal.aborted ? ["this server is stopping"] : catalogProblems(catalog));
  const http = createHttpServer({ notReady, metrics, clock, log });
  const adapters = { opened, wire, catalog, store, membership, election, metrics, grpc, http };
  return { config, log, ...adapters, problems, stopping, leaving, ground };
}

/** Opens all listeners, or none. */
async function listen({ config, grpc, http, opened }: Parts): Promise<Listening> {
  const discovery = discoveryAddress(config.listenDiscovery, bridgeAddress());
  try {
    return {
      grpc: await grpc.listen(config.listen),
      discovery: discovery === undefined ? undefined : await grpc.listenDiscovery(discovery),
      http: config.listenHttp === undefined ? undefined : await listenHttp(http, config.listenHttp),
      store: opened.listening,
    };
  } catch (error) {
    await grpc.stop(0);
    throw error;
  }
}

async function listenHttp(http: HttpServer, address: Address): Promise<string> {
  try {
    return formatAddress(await http.start(address));
  } catch (error) {
    throw refusedBind(address, error instanceof Error ? error : new Error(String(error)));
  }
}

/** Whoever asks here may be waited for by a drain, so nothing is answered before the other servers can know of this one. */
async function follow({ catalog, membership, leaving: { signal } }: Parts): Promise<void> {
  const isKnown = await membership.registered(signal).then(
    () => true,
    () => false,
  );
  if (isKnown) await catalog.run(signal);
}

function answer({ catalog, store, membership: { serverId }, log, leaving }: Parts): Promise<void> {
  return answerDrains({ catalog, store, serverId, clock, log: log.child({ part: "drains" }) }, leaving.signal);
}

/** Signs off once nobody is served any more. */
function registrationOf({ config, membership, grpc, problems, log, leaving }: Parts, { discovery }: Listening) {
  const find = () => discoveryAddress(config.listenDiscovery, bridgeAddress());
  const open = (address: Address) => grpc.listenDiscovery(address);
  const late = discovery === undefined && config.listenDiscovery !== undefined ? { find, open } : undefined;
  return { membership, version: config.version, discovery, late, problems, clock, log, signal: leaving.signal };
}

/** Known once the store has told which cluster this is. */
type Ground = { readonly clusterId: Promise<string>; readonly engine: Promise<Runtime> };

function groundOf({
  config,
  log,
  wire,
  metrics,
  stopping,
  counted,
}: Pick<Parts, "config" | "log" | "wire" | "metrics" | "stopping"> & { readonly counted: Counted }): Ground {
  const around = { clock, log, signal: stopping.signal };
  const clusterId = persist("reading the cluster id", () => ensureCluster(wire, rng), around);
  const observe: Counting["observe"] = (call) => metrics.observe(call);
  const engine = clusterId.then((id) => createEngine(config, id, { clock, rng, log, observe, counted }));
  engine.catch(() => undefined);
  return { clusterId, engine };
}

/** Leads whenever it is elected, until the server stops. */
function campaign(parts: Parts, ground: Ground): Promise<void> {
  const { config, wire, log, election, stopping } = parts;
  const signal = stopping.signal;
  const scheduler = buildScheduler({ ...parts, ...ground, clock, rng });
  scheduler.catch((error: unknown) => signal.aborted || log.error({ error }, "the scheduler cannot be built"));
  const around = { wire, clock, log, past: new PastRevisions() };
  return election.campaign(async (term: Term) => {
    const ready = await unlessAborted(scheduler, term.signal);
    const over = new AbortController();
    if (config.store.compact) void keepCompacting(around, AbortSignal.any([term.signal, over.signal]));
    await ready?.lead(term).finally(() => over.abort());
  }, signal);
}
