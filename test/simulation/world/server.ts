// One Theseus server of a simulated world: the shipped parts, put together as main.ts does, on a process, a wire and an
// engine that may fail. It is started anew after each end, as a supervisor would.

import { answerDrains } from "../../../src/catalog/answerer.js";
import { createCatalog, type RunningCatalog } from "../../../src/catalog/catalog.js";
import { ensureCluster } from "../../../src/etcd/cluster.js";
import { keepCompacting, PastRevisions } from "../../../src/etcd/compaction.js";
import { createStore, type Store } from "../../../src/etcd/driver.js";
import { createElection } from "../../../src/etcd/election.js";
import { createMembership } from "../../../src/etcd/membership.js";
import { configTexts } from "../../../src/etcd/recovery-codec.js";
import type { Answers } from "../../../src/model/discovery.js";
import type { Logger } from "../../../src/model/ports.js";
import type { CatalogFeed, Feed, Membership } from "../../../src/model/store.js";
import { plan } from "../../../src/planner/plan.js";
import { createScheduler } from "../../../src/scheduler/scheduler.js";
import { persist, unlessAborted } from "../../../src/start/later.js";
import { readReservations } from "../../../src/start/reservations.js";
import { plainCodec } from "./codec.js";
import type { Engine } from "./engine.js";
import { EngineLink, probeOf } from "./engine-link.js";
import type { Etcd } from "./etcd.js";
import type { Fate } from "./faults.js";
import type { Images } from "./images.js";
import type { Process } from "./process.js";
import type { Seeded } from "./seeded.js";
import { StoreLink } from "./store-link.js";

export type ServerParts = {
  readonly process: Process;
  readonly etcd: Etcd;
  readonly engine: Engine;
  readonly images: Images;
  readonly fate: Fate;
  readonly chance: Seeded;
  readonly log: Logger;
  readonly sending: (call: string, id: string) => void;
  /** Every message of its mirror's feed. */
  readonly fed: (message: Feed) => void;
};

export class Server {
  readonly process: Process;
  readonly serverId: string;
  readonly store: Store;
  readonly catalog: RunningCatalog;
  readonly answers: Answers;
  readonly storeLink: StoreLink;
  readonly engineLink: EngineLink;
  readonly #parts: ServerParts;
  readonly #membership: Membership;
  readonly #stopping = new AbortController();
  readonly #leaving = new AbortController();
  readonly #given: Pick<Parameters<typeof createStore>[1], "clock" | "rng" | "log" | "serverId">;
  /** Its streams end when it begins to stop. */
  readonly onStop = new Set<() => void>();
  /** The connections of its clients break. */
  readonly onCut = new Set<() => void>();
  /** When it is no more, however it ended. */
  readonly onEnd = new Set<() => void>();
  /** Set once it has ended by itself, as asked. */
  hasEnded = false;

  constructor(parts: ServerParts) {
    const { process, chance, log } = parts;
    this.#parts = parts;
    this.process = process;
    const rng = chance.of("rng");
    this.serverId = rng.hex(6);
    this.#given = { clock: process.clock, rng, log, serverId: this.serverId };
    this.storeLink = new StoreLink({ ...parts, chance: chance.of("store link") });
    this.engineLink = new EngineLink({ ...parts, chance: chance.of("engine link") });
    this.store = createStore(this.storeLink, this.#given);
    this.catalog = createCatalog(tapped(this.store, parts.fed), process.clock, log);
    this.answers = this.catalog.answers(plainCodec);
    this.#membership = createMembership(this.storeLink, this.#given);
  }

  /** Works until it is stopped, killed, or its process is no more. */
  start(): void {
    const listeners = { discovery: `10.0.0.1:${this.serverId.slice(0, 4)}`, version: "0.0.0" };
    const work = [
      this.#follow(),
      this.#membership.join(listeners, this.#leaving.signal),
      this.#answer(),
      this.#campaign(),
    ];
    void Promise.allSettled(work).then((ends) => {
      this.hasEnded = true;
      for (const ended of this.onEnd) ended();
      for (const end of ends) {
        if (end.status === "rejected") this.#parts.log.error({ err: end.reason }, "a part of the server failed");
      }
    });
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** As on SIGTERM. */
  stop(): void {
    this.process.deliver(() => {
      this.#stopping.abort(new Error("the server stops"));
      for (const stopped of this.onStop) stopped();
      void this.process.clock.sleep(50).then(() => this.#leaving.abort(new Error("the server stops")));
    });
  }

  /** Nothing of it is heard of any more. */
  kill(): void {
    this.process.kill();
    this.storeLink.dispose();
    this.engineLink.dispose();
    for (const ended of this.onEnd) ended();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#leaving;
    const isKnown = await this.#membership.registered(signal).then(
      () => true,
      () => false,
    );
    if (isKnown) await this.catalog.run(signal);
  }

  #answer(): Promise<void> {
    const { clock, log } = this.#given;
    const { catalog, store, serverId } = this;
    return answerDrains({ catalog, store, serverId, clock, log }, this.#leaving.signal);
  }

  async #campaign(): Promise<void> {
    const { clock, rng, log } = this.#given;
    const { store, catalog, engineLink } = this;
    const wire = this.storeLink;
    const { signal } = this.#stopping;
    const around = { clock, log, signal };
    const scheduler = persist("reading the cluster id", () => ensureCluster(wire, rng), around).then((clusterId) =>
      createScheduler({
        ...{ store, registrations: store, clusterId, clock, rng, log, plan, configs: configTexts },
        runtimes: new Map([["local", engineLink]]),
        probe: probeOf({ ...this.#parts, chance: this.#parts.chance.of("probes") }),
        hostSettings: { address: (_, info) => info.bridgeAddress ?? "", labels: [] },
        discoveryServers: async () => (await this.#membership.servers()).map(({ discovery }) => discovery),
        reservations: (atLeast) => readReservations({ catalog, store, clock }, atLeast),
        wake: (listener) =>
          catalog.onChange((group, revision, managed) => {
            if (managed) listener(group, revision);
          }),
      }),
    );
    scheduler.catch(() => undefined);
    const election = createElection(wire, this.#given);
    const past = new PastRevisions();
    await election.campaign(async (term) => {
      const ready = await unlessAborted(scheduler, term.signal);
      const over = new AbortController();
      void keepCompacting({ wire, clock, log, past }, AbortSignal.any([term.signal, over.signal]));
      await ready?.lead(term).finally(() => over.abort());
    }, signal);
  }
}

function tapped(store: Store, fed: (message: Feed) => void): CatalogFeed {
  return {
    ...store,
    follow: async function* (signal) {
      for await (const message of store.follow(signal)) {
        fed(message);
        yield message;
      }
    },
  };
}
