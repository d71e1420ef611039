// The scheduler with everything that it works with, loaded late: a server that never leads does without.

import type { RunningCatalog } from "../catalog/catalog.js";
import type { Config } from "../config.js";
import type { Store } from "../etcd/driver.js";
import { configTexts } from "../etcd/recovery-codec.js";
import type { Clock, Logger, Rng, Runtime } from "../model/ports.js";
import type { Membership } from "../model/store.js";
import type { Scheduler } from "../scheduler/scheduler.js";
import { bridgeAddress } from "./bridge.js";
import { LOCAL_HOST } from "./engine.js";
import { readReservations } from "./reservations.js";

export type SchedulerParts = {
  readonly config: Config;
  readonly clusterId: Promise<string>;
  readonly engine: Promise<Runtime>;
  readonly store: Store;
  readonly catalog: RunningCatalog;
  readonly membership: Membership;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
};

export async function buildScheduler(parts: SchedulerParts): Promise<Scheduler> {
  const { config, store, catalog, membership, clock, rng, log } = parts;
  const clusterId = await parts.clusterId;
  const [engine, { createScheduler }, { plan }, { createProbe }] = await Promise.all([
    parts.engine,
    import("../scheduler/scheduler.js"),
    import("../planner/plan.js"),
    import("../health/probe.js"),
  ]);
  return createScheduler({
    ...{ store, registrations: store, clusterId, clock, rng, log, plan },
    runtimes: new Map([[LOCAL_HOST, engine]]),
    probe: createProbe(clock),
    hostSettings: {
      address: (_, info) => config.advertise ?? info.bridgeAddress ?? bridgeAddress() ?? "",
      labels: config.hostLabels,
    },
    discoveryServers: async () => {
      const servers = await membership.servers();
      return servers.map(({ discovery }) => discovery).filter((listener) => listener !== "");
    },
    configs: configTexts,
    reservations: (atLeast) => readReservations({ catalog, store, clock }, atLeast),
    wake: (listener) =>
      catalog.onChange((group, revision, managed) => {
        // Where nothing is ours there is nothing to do.
        if (managed) listener(group, revision);
      }),
  });
}
