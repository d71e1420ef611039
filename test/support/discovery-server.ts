// One server of discovery in this process, over a real etcd: its mirror, its gRPC listeners, its registration.

import { createCatalog, type RunningCatalog } from "../../src/catalog/catalog.js";
import { createStore } from "../../src/etcd/driver.js";
import { createMembership } from "../../src/etcd/membership.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import { createGrpcServer, type GrpcServer } from "../../src/grpc/server.js";
import type { Answers } from "../../src/model/discovery.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { systemClock as clock, systemRng as rng } from "../../src/system.js";
import { LogBook } from "../unit/grpc/rig.js";
import { noLogs } from "./no-logs.js";
import { noStats } from "./no-stats.js";

export class DiscoveryServer {
  readonly log = new LogBook();
  readonly serverId = rng.hex(6);
  readonly catalog: RunningCatalog;
  /** How often a watch was opened on the store, and on which key. */
  readonly watched: string[] = [];
  answers: Answers | undefined;
  address = "";
  readonly #grpc: GrpcServer;
  readonly #wire: EtcdWire;
  readonly #stop = new AbortController();
  readonly #work: Promise<unknown>[] = [];

  private constructor(wire: EtcdWire) {
    this.#wire = wire;
    const counted = countWatches(wire, this.watched);
    const parts = { clock, rng, log: this.log, serverId: this.serverId };
    const store = createStore(counted, parts);
    this.catalog = createCatalog(store, clock, this.log);
    const membership = createMembership(counted, parts);
    const { catalog } = this;
    const seen: RunningCatalog = {
      ...catalog,
      answers: (codec) => {
        this.answers = catalog.answers(codec);
        return this.answers;
      },
    };
    this.#grpc = createGrpcServer({
      ...{ catalog: seen, membership, clock, rng, log: this.log },
      ...{ changes: store, store, directory: store, feed: store, registrations: store, timeline: store, storage: wire },
      election: { leader: async () => this.serverId },
      reservations: async () => [],
      logs: noLogs,
      stats: noStats,
      rules: { allowHostAccess: false },
      version: "0.1.0",
      startTime: clock.now(),
    });
    this.#work.push(this.catalog.run(this.#stop.signal));
    const { signal } = this.#stop;
    this.register = (discovery) => void this.#work.push(membership.join({ discovery, version: "0.1.0" }, signal));
  }

  private readonly register: (discovery: string) => void;

  /** Listens, and is registered soon after. */
  static async start(etcd: string): Promise<DiscoveryServer> {
    const server = new DiscoveryServer(await createEtcdWire({ endpoints: [etcd], clock }));
    server.address = await server.#grpc.listen({ host: "127.0.0.1", port: 0 });
    server.register(await server.#grpc.listenDiscovery({ host: "127.0.0.1", port: 0 }));
    return server;
  }

  /** Until the mirror shows everything up to this revision. */
  reached(revision: bigint): Promise<void> {
    return this.catalog.reach(revision, AbortSignal.timeout(20_000));
  }

  /** Ends the listeners in good order; the rest goes with stop(). */
  async stopServing(): Promise<void> {
    await this.#grpc.stop(2000);
  }

  async stop(): Promise<void> {
    await this.#grpc.stop(0);
    this.#stop.abort();
    await Promise.all(this.#work);
    this.#wire.close();
  }
}

/** The same wire; each opening of a watch is written down. */
function countWatches(wire: EtcdWire, watched: string[]): EtcdWire {
  return {
    range: (request) => wire.range(request),
    txn: (...transaction) => wire.txn(...transaction),
    compact: (revision) => wire.compact(revision),
    leaseGrant: (ttl) => wire.leaseGrant(ttl),
    leaseRevoke: (lease) => wire.leaseRevoke(lease),
    leaseKeepAlive: (lease) => wire.leaseKeepAlive(lease),
    watch: (request) => {
      watched.push(request.key);
      return wire.watch(request);
    },
    status: () => wire.status(),
    backup: () => wire.backup(),
    close: () => wire.close(),
  };
}
