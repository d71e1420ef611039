// Builds everything, starts it, stops it: the only place where adapters are made and rooms meet. What takes long to load
// (etcd3, dockerode, the scheduler, metrics) is loaded after the listeners are open.

import { createCatalog, type RunningCatalog } from "./catalog/catalog.js";
import { type Address, formatAddress } from "./config/address.js";
import { problemText } from "./config/problem.js";
import { type Config, processEnv, readConfig } from "./config.js";
import { parseEngineUrl } from "./docker/engine-url.js";
import { ensureCluster } from "./etcd/cluster.js";
import { keepCompacting } from "./etcd/compaction.js";
import { createStore, type Store } from "./etcd/driver.js";
import { createElection } from "./etcd/election.js";
import { createMembership } from "./etcd/membership.js";
import { refusedBind } from "./grpc/bind.js";
import { createGrpcServer, type GrpcServer } from "./grpc/server.js";
import { countCalls } from "./http/count-calls.js";
import { createMetrics, type Metrics } from "./http/metrics.js";
import { catalogProblems } from "./http/readiness.js";
import { createHttpServer, type HttpServer } from "./http/server.js";
import { createLogger } from "./log.js";
import { TheseusError } from "./model/errors.js";
import { SECOND } from "./model/instant.js";
import type { EtcdWire, Logger } from "./model/ports.js";
import type { Election, Membership, Term } from "./model/store.js";
import type { Scheduler } from "./scheduler/scheduler.js";
import { banner, type Listening } from "./start/banner.js";
import { bridgeAddress } from "./start/bridge.js";
import { withCrashPoint } from "./start/crash-point.js";
import { startFailure } from "./start/failure.js";
import { endsWithin, persist, unlessAborted } from "./start/later.js";
import { lazyWire } from "./start/lazy-wire.js";
import { discoveryAddress, register } from "./start/registration.js";
import { firstEnding } from "./start/signals.js";
import { systemClock as clock, systemRng as rng, stayAlive } from "./system.js";

/** The first and only engine, until there are more hosts. */
const LOCAL_HOST = "local";
const CALLS_GRACE = 5 * SECOND;
const STOP_WITHIN = 10 * SECOND;

export type RunningServer = {
  readonly serverId: string;
  readonly listening: Listening;
  /** Rejects when a part of the server failed in a way that it cannot repair; otherwise pending. */
  readonly broken: Promise<never>;
  /** Lets calls end, hands leadership over, signs off. Never rejects; bounded in time. */
  stop(): Promise<void>;
};

/** `theseus server start`: runs until SIGTERM or SIGINT. @returns the exit code. */
export async function runServer(argv: readonly string[]): Promise<number> {
  const read = readConfig(argv, {
    env: processEnv(),
    stderrIsTTY: process.stderr.isTTY === true,
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
  const log = createLogger(config.log);
  const ending = firstEnding(log, clock);
  const rest = stayAlive();
  try {
    const server = await startServer(config, log);
    const { serverId, listening } = server;
    const { version, etcd, docker, output } = config;
    process.stdout.write(banner({ version, serverId, etcd: etcd.endpoints, docker: docker.url, listening }, output));
    const end = await Promise.race([
      ending,
      server.broken.catch((error: unknown) => ({ kind: "bug" as const, error })),
    ]);
    log.info({ server: serverId, cause: end.kind === "asked" ? end.signal : "an error" }, "stopping");
    await server.stop();
    return end.kind === "asked" ? 0 : 1;
  } catch (error) {
    process.stderr.write(startFailure(error, config.output));
    return error instanceof TheseusError ? 2 : 1;
  } finally {
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
};

/**
 * Opens the listeners and starts everything behind them; store and engine may be away, they are tried until they answer.
 * Fails, with nothing left open, when an address cannot be listened on.
 */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const parts = build(config, log);
  const { membership, stopping, grpc, http, wire } = parts;
  const listening = await listen(parts);
  log.info({ server: membership.serverId, version: config.version, ...listening }, "listening");
  const signal = stopping.signal;
  const followed = parts.catalog.run(signal);
  const work = [followed, register(registrationOf(parts, listening)), campaign(parts)];
  void warmUp(parts);
  const broken = new Promise<never>((_, reject) => followed.catch(reject));
  broken.catch(() => undefined);
  return {
    serverId: membership.serverId,
    listening,
    broken,
    stop: async () => {
      stopping.abort(new Error("the server stops"));
      const ended = Promise.allSettled([...work, grpc.stop(CALLS_GRACE), http.stop()]);
      if (!(await endsWithin(clock, STOP_WITHIN, ended))) log.warn({}, "not everything ended in time");
      wire.close();
    },
  };
}

function build(config: Config, log: Logger): Parts {
  const serverId = rng.hex(6);
  const stopping = new AbortController();
  const problems = new Set<string>();
  const { compact: _, ...etcd } = config.etcd;
  const plain = lazyWire(async () => (await import("./etcd/wire.js")).createEtcdWire({ ...etcd, clock }));
  const wire = countCalls(plain, { kind: "store", observe: (call) => metrics.observe(call), clock });
  const given = { clock, rng, log, serverId };
  const store = createStore(wire, given);
  const catalog = createCatalog(store, clock, log);
  const metrics = createMetrics(catalog);
  const membership = createMembership(wire, given);
  const election = createElection(wire, given, { ttlSeconds: config.leaderTtlSeconds });
  const grpc = createGrpcServer({
    ...{ catalog, membership, election, clock, rng, log },
    ...{ changes: store, store, directory: store, feed: store },
    rules: { allowHostAccess: config.allowHostAccess },
    version: config.version,
    startTime: clock.now(),
    problems: () => [...problems],
    onCall: ({ method, code, milliseconds }) => metrics.observe({ kind: "rpc", method, outcome: code, milliseconds }),
  });
  const notReady = () => (stopping.signal.aborted ? ["this server is stopping"] : catalogProblems(catalog));
  const http = createHttpServer({ notReady, metrics, clock, log });
  return { config, log, wire, catalog, store, membership, election, metrics, grpc, http, problems, stopping };
}

/** Opens all listeners, or none. */
async function listen({ config, grpc, http }: Parts): Promise<Listening> {
  const discovery = discoveryAddress(config.listenDiscovery, bridgeAddress());
  try {
    return {
      grpc: await grpc.listen(config.listen),
      discovery: discovery === undefined ? undefined : await grpc.listenDiscovery(discovery),
      http: config.listenHttp === undefined ? undefined : await listenHttp(http, config.listenHttp),
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

function registrationOf({ config, membership, grpc, problems, log, stopping }: Parts, { discovery }: Listening) {
  const find = () => discoveryAddress(config.listenDiscovery, bridgeAddress());
  const open = (address: Address) => grpc.listenDiscovery(address);
  const late = discovery === undefined && config.listenDiscovery !== undefined ? { find, open } : undefined;
  return { membership, version: config.version, discovery, late, problems, clock, log, signal: stopping.signal };
}

/** Leads whenever it is elected, until the server stops. */
function campaign(parts: Parts): Promise<void> {
  const { config, wire, log, election, stopping } = parts;
  const signal = stopping.signal;
  const cluster = persist("reading the cluster id", () => ensureCluster(wire, rng), { clock, log, signal });
  const scheduler = cluster.then((clusterId) => schedulerOf(parts, clusterId));
  scheduler.catch((error: unknown) => signal.aborted || log.error({ error }, "the scheduler cannot be built"));
  return election.campaign(async (term: Term) => {
    const ready = await unlessAborted(scheduler, term.signal);
    const over = new AbortController();
    if (config.etcd.compact) void keepCompacting({ wire, clock, log }, AbortSignal.any([term.signal, over.signal]));
    await ready?.lead(term).finally(() => over.abort());
  }, signal);
}

async function schedulerOf(parts: Parts, clusterId: string): Promise<Scheduler> {
  const { config, log, store, catalog, membership, metrics } = parts;
  const [{ createScheduler }, { plan }, { createRuntime }, { createProbe }] = await schedulerRooms();
  const engine = createRuntime({
    ...{ host: LOCAL_HOST, url: config.docker.url, dockerConfigFile: config.docker.configFile },
    ...{ clusterId: () => clusterId, clock, rng, log },
  });
  const runtime = countCalls(withCrashPoint(engine, config.crashPoint), {
    kind: "engine",
    observe: (call) => metrics.observe(call),
    clock,
  });
  return createScheduler({
    ...{ store, clusterId, clock, rng, log, plan },
    runtimes: new Map([[LOCAL_HOST, runtime]]),
    probe: createProbe(clock),
    hostSettings: {
      address: (_, info) => config.advertise ?? info.bridgeAddress ?? bridgeAddress() ?? "",
      labels: config.hostLabels,
    },
    discoveryServers: async () => {
      const servers = await membership.servers();
      return servers.map(({ discovery }) => discovery).filter((listener) => listener !== "");
    },
    wake: (listener) => catalog.onChange(listener),
  });
}

function schedulerRooms() {
  return Promise.all([
    import("./scheduler/scheduler.js"),
    import("./planner/plan.js"),
    import("./docker/runtime.js"),
    import("./health/probe.js"),
  ]);
}

/** Loads what is needed sooner or later, once the first calls have had their chance. */
async function warmUp({ metrics, log, stopping }: Parts): Promise<void> {
  try {
    await clock.sleep(2 * SECOND, stopping.signal);
    await metrics.page();
  } catch (error) {
    if (!stopping.signal.aborted) log.warn({ error }, "metrics cannot be loaded");
  }
}
