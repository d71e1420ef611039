// A whole scheduler on a clock, a store and engines that a test holds in its hands.

import { configTexts } from "../../src/etcd/recovery-codec.js";
import type { GroupConfig } from "../../src/model/group.js";
import type { Plan, PlanInput } from "../../src/model/plan.js";
import type { Logger, Probe, Rng, Runtime } from "../../src/model/ports.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import { byGroup } from "../../src/model/reservations.js";
import type { SchedulerStore } from "../../src/model/store.js";
import { plan } from "../../src/planner/plan.js";
import { createScheduler, type Scheduler } from "../../src/scheduler/scheduler.js";
import { FakeRuntime } from "./fake-runtime.js";
import { FakeStandings } from "./fake-standings.js";
import { ManualClock } from "./manual-clock.js";
import { MemoryStore } from "./memory-store.js";

export const CLUSTER = "c0ffee";
export const WEB = groupRef("web", ["dev"]);
export const IMAGE = "shop-web:1";

/** "web:1" with one port, so many instances. */
export function config(instances: number, more: Partial<GroupConfig> = {}): GroupConfig {
  return { image: IMAGE, instances, ports: [{ name: "http", container: 8080 }], ...more };
}

export type TermHandle = {
  readonly scheduler: Scheduler;
  /** Ends the term from outside and waits for the scheduler to be done. */
  readonly end: () => Promise<void>;
  /** Warnings and errors that were logged. */
  readonly complaints: string[];
  /** Resolves when lead has returned. */
  readonly done: Promise<void>;
  mayAct: boolean;
};

export type HouseOptions = {
  readonly hosts?: readonly string[];
  readonly plan?: (input: PlanInput) => Plan;
};

export type TermOptions = {
  /** What the scheduler gets in place of the house's own. */
  readonly store?: SchedulerStore;
  readonly runtimes?: ReadonlyMap<string, Runtime>;
};

export class House {
  readonly clock = new ManualClock();
  readonly store = new MemoryStore();
  readonly registrations = new FakeStandings();
  readonly runtimes: ReadonlyMap<string, FakeRuntime>;
  /** Ports whose probes fail although something listens. */
  readonly unwell = new Set<number>();
  probes = 0;
  readonly #plan: (input: PlanInput) => Plan;
  readonly #terms: TermHandle[] = [];

  constructor(options: HouseOptions = {}) {
    const hosts = options.hosts ?? ["local"];
    this.runtimes = new Map(hosts.map((host) => [host, new FakeRuntime(this.clock, host)]));
    for (const [host, runtime] of this.runtimes) {
      runtime.engineId = `engine-${host}`;
      runtime.images.set(IMAGE, { pinned: `${IMAGE}@sha256:1`, hasHealthcheck: false });
    }
    this.#plan = options.plan ?? plan;
  }

  /** The only engine of most tests. */
  get runtime(): FakeRuntime {
    const [first] = this.runtimes.values();
    if (first === undefined) throw new Error("a house without hosts");
    return first;
  }

  startTerm(options: TermOptions = {}): TermHandle {
    const stop = new AbortController();
    const fence = this.store.elect();
    const complaints: string[] = [];
    const scheduler = createScheduler({
      store: options.store ?? this.store,
      registrations: this.registrations,
      runtimes: options.runtimes ?? this.runtimes,
      clusterId: CLUSTER,
      probe: this.#probe(),
      clock: this.clock,
      rng: evenRng(),
      log: logTo(complaints),
      plan: this.#plan,
      hostSettings: { address: (_host, info) => info.bridgeAddress ?? "", labels: [] },
      configs: configTexts,
      reservations: async () => byGroup(await (options.store ?? this.store).readReservations()),
      discoveryServers: async () => ["172.17.0.1:7700"],
      wake: (listener) => this.store.watch(listener),
    });
    const handle: TermHandle = {
      scheduler,
      complaints,
      mayAct: true,
      done: scheduler.lead({ fence, signal: stop.signal, mayAct: () => handle.mayAct }),
      end: async () => {
        stop.abort();
        await this.clock.advanceUntil(() => true, 0);
        await this.clock.advance(3000);
        await handle.done;
      },
    };
    this.#terms.push(handle);
    return handle;
  }

  /** How many containers of the group run and are told as ready. */
  readyCount(group: GroupRef = WEB): number {
    const running = new Set([...this.runtimes.values()].flatMap((one) => one.running().map(({ spec }) => spec.name)));
    return this.store.infos(group).filter(({ state, instanceName }) => state === "ready" && running.has(instanceName))
      .length;
  }

  /** Turns the clock until so many are ready. */
  async untilReady(count: number, group: GroupRef = WEB, limit = 60_000): Promise<void> {
    await this.clock.advanceUntil(() => this.readyCount(group) === count, limit);
  }

  #probe(): Probe {
    return {
      attempt: async (_probed, _address, port, _timeout, signal) => {
        this.probes++;
        if (signal.aborted) return { passed: false, text: "aborted" };
        const listens = [...this.runtimes.values()].some((runtime) => runtime.listensOn(port));
        return { passed: listens && !this.unwell.has(port), text: "" };
      },
    };
  }
}

function logTo(complaints: string[]): Logger {
  const keep = (fields: Readonly<Record<string, unknown>>, text: string): void => {
    const { err, why } = fields;
    complaints.push(`${text}: ${String(err ?? why ?? "")}`);
  };
  const log: Logger = { debug: () => undefined, info: () => undefined, warn: keep, error: keep, child: () => log };
  return log;
}

/** Always the middle, and ids that count up. */
export function evenRng(): Rng {
  let count = 0;
  return { hex: (bytes) => (++count).toString(16).padStart(bytes * 2, "0"), fraction: () => 0.5 };
}
