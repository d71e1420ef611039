// The gRPC server: two listeners, what each serves, their limits, and how they stop.

import { setMaxListeners } from "node:events";
import { logVerbosity, Server, type ServerOptions, setLogVerbosity } from "@grpc/grpc-js";
import { DiscoveryServiceService } from "../../clients/gen/theseus/v1/discovery_service.js";
import { TheseusServiceService } from "../../clients/gen/theseus/v1/theseus_service.js";
import type { AnsweringCatalog } from "../model/discovery.js";
import type { Milliseconds } from "../model/instant.js";
import type { Logger } from "../model/ports.js";
import type { RegistrationStore } from "../model/registration.js";
import { type BoundService, bindService, refuseAll } from "./adapter.js";
import { AnswerBytes } from "./answer-bytes.js";
import { bind, formatAddress, type ListenAddress } from "./bind.js";
import type { CallDeps, CallRecord } from "./call.js";
import { discoveryHandlers } from "./discovery.js";
import { after, firstMoments } from "./first-moments.js";
import { GroupReader } from "./group-reader.js";
import { Health, HealthService, healthHandlers } from "./health.js";
import { OtherServers } from "./other-servers.js";
import { reflectionServices } from "./reflection.js";
import { Returned } from "./returned.js";
import { SlotsReader } from "./slots-reader.js";
import { FailedCall } from "./status.js";
import { theseusHandlers } from "./theseus.js";
import { TheseusDeps, type TheseusPorts } from "./theseus-deps.js";

export type GrpcServerDeps = TheseusPorts & {
  readonly catalog: AnsweringCatalog;
  readonly registrations: RegistrationStore;
  readonly log: Logger;
  /** Told of every ended call. */
  readonly onCall?: (record: CallRecord) => void;
};

export interface GrpcServer {
  /** Opens the listener that serves everything, and gives "host:port" as bound. NOT_READY with the reason when it cannot. */
  listen(address: ListenAddress): Promise<string>;
  /** Opens the listener that serves discovery alone, for containers; after `listen`. Fails in the same way. */
  listenDiscovery(address: ListenAddress): Promise<string>;
  /** Ends streams with UNAVAILABLE, lets calls end for that long, then cuts them. Never fails. */
  stop(grace: Milliseconds): Promise<void>;
}

const DISCOVERY = "theseus.v1.DiscoveryService";
const THESEUS = "theseus.v1.TheseusService";
const KIB = 1024;
const NEED_NO_CATALOG = ["getServerStatus", "backUpStore"] as const;

/** Of every listener. */
export const SERVER_OPTIONS: ServerOptions = {
  "grpc.max_receive_message_length": 256 * KIB,
  "grpc.max_send_message_length": 16 * KIB * KIB,
  "grpc.max_concurrent_streams": 256,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.max_connection_idle_ms": 30 * 60_000,
  "grpc-node.max_session_memory": 16,
  "grpc.enable_channelz": 0,
};

export function createGrpcServer(deps: GrpcServerDeps): GrpcServer {
  // What the library would print, a refused bind above all, is said here in the house's own words.
  setLogVerbosity(logVerbosity.NONE);
  const stopping = new AbortController();
  // Every open stream listens.
  setMaxListeners(0, stopping.signal);
  const health = new Health();
  const { clock, rng, log, onCall } = deps;
  const callDeps: CallDeps = {
    clock,
    rng,
    log,
    stopping: stopping.signal,
    ...(onCall === undefined ? {} : { onCall }),
  };
  const others = new OtherServers(deps.membership, clock);
  const services = servicesOf(deps, callDeps, health, others);
  const servers: Server[] = [];
  let where = "";
  const open = async (address: ListenAddress, bound: readonly BoundService[]): Promise<string> => {
    const server = new Server(SERVER_OPTIONS);
    for (const { definition, handlers } of bound) server.addService(definition, handlers);
    servers.push(server);
    return formatAddress(await bind(server, address));
  };
  return {
    listen: async (address) => {
      where = await open(address, services.full);
      serveOnceLoaded(deps, health, stopping.signal);
      return where;
    },
    listenDiscovery: (address) => open(address, services.discoveryAlone(where)),
    stop: async (grace) => {
      health.set(false);
      stopping.abort();
      await Promise.all(servers.map((server) => shutDown(server, grace, deps)));
      others.close();
    },
  };
}

/** Healthy from the moment that lookups can be answered. */
function serveOnceLoaded({ catalog, log }: GrpcServerDeps, health: Health, stopping: AbortSignal): void {
  catalog.reach(0n, stopping).then(
    () => health.set(!stopping.aborted),
    (error: unknown) => {
      if (!stopping.aborted) log.error({ cause: String(error) }, "the catalog does not load");
    },
  );
}

function servicesOf(deps: GrpcServerDeps, callDeps: CallDeps, health: Health, others: OtherServers) {
  const moments = firstMoments(deps.catalog, deps.clock, callDeps.stopping);
  const slots = new SlotsReader(deps.feed, deps.clock);
  const groups = new GroupReader(slots);
  const { catalog, clock, rng, registrations } = deps;
  const stands = { catalog, clock, rng, registrations };
  const { book } = catalog;
  const { serverId } = deps.membership;
  const bytes = new AnswerBytes();
  const answers = catalog.answers(bytes);
  const returned = new Returned({ book, others, clock }, callDeps.stopping);
  const discovery = bindService(
    DiscoveryServiceService,
    after(
      moments,
      DiscoveryServiceService,
      discoveryHandlers({ ...stands, groups, answers, bytes, book, others, returned, serverId }),
    ),
    callDeps,
  );
  const theseus = bindService(
    TheseusServiceService,
    after(moments, TheseusServiceService, theseusHandlers(new TheseusDeps(deps, groups, slots)), NEED_NO_CATALOG),
    callDeps,
  );
  const standard = (names: readonly string[]): BoundService[] => [
    bindService(HealthService, healthHandlers(health, names), callDeps),
    ...reflectionServices(names, callDeps),
  ];
  return {
    full: [discovery, theseus, ...standard([DISCOVERY, THESEUS])],
    discoveryAlone: (where: string): BoundService[] => [
      discovery,
      bindService(
        TheseusServiceService,
        refuseAll(TheseusServiceService, () => notForContainers(where)),
        callDeps,
      ),
      ...standard([DISCOVERY]),
    ],
  };
}

/** Changing anything is not for containers. */
function notForContainers(where: string): FailedCall {
  return new FailedCall("NO_SUCH_CALL", {
    what: `${THESEUS} is not served to containers`,
    why: ["this address answers discovery alone"],
    now: "nothing was changed",
    next: [`on the machine of the server: theseus --server ${where} server status`],
  });
}

/** Never fails: what does not end by itself is cut. */
async function shutDown(server: Server, grace: Milliseconds, { clock, log }: GrpcServerDeps): Promise<void> {
  const done = new AbortController();
  const ended = new Promise<"ended">((resolve) => server.tryShutdown(() => resolve("ended")));
  const late = clock.sleep(grace, done.signal).then(
    () => "late" as const,
    () => "ended" as const,
  );
  const outcome = await Promise.race([ended, late]);
  done.abort();
  if (outcome === "late") log.warn({ grace_ms: grace }, "calls were cut: they did not end in time");
  server.forceShutdown();
}
