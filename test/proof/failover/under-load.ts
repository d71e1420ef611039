// Leader after leader goes while clients call the backends through the resolver and through HAProxy: nobody is told
// anything new, nothing is written of what has not changed, and no request fails.

import type { Endpoint } from "../../../clients/gen/theseus/v1/discovery_service.js";
import { watchService } from "../../../clients/watch-service.js";
import { ObservedGroup } from "../../support/observed-group.js";
import { inFolder } from "../../support/temporary-folder.js";
import type { Report } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { Balancer } from "../zero-drop/balancer.js";
import { Load } from "../zero-drop/load.js";
import { overGrpc, overHttp } from "../zero-drop/ways.js";
import { GRPC_PORT, HTTP_PORT } from "../zero-drop/work.js";
import { imageOf } from "../zero-drop/zero-drop.js";
import { House } from "./house.js";

const SERVERS = 3;
const INSTANCES = 3;
const PER_SECOND = 50;
const GROUP = "web/dev";
const ELECTED_WITHIN_MS = 10_000;
const QUIETLY = { withinMs: ELECTED_WITHIN_MS, acts: false };

/** What a watcher was told, one line for each state. */
class Told {
  readonly states: string[] = [];
  readonly #end = new AbortController();
  readonly #over: Promise<void>;

  constructor(servers: readonly string[]) {
    const target = { service: "web", labels: ["dev"] };
    const watch = watchService(servers, target, { signal: this.#end.signal, watcherId: "failover" });
    this.#over = (async () => {
      for await (const { endpoints } of watch) this.states.push(endpoints.map(nameOf).join(" "));
    })().catch((error: unknown) => void this.states.push(String(error)));
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#over;
  }
}

/** @param times how many leaders go, every other one by kill -9. */
export async function underLoad(times: number): Promise<Report> {
  return await onStage(async (stage) => {
    const image = await imageOf(stage);
    const house = await House.open(stage, SERVERS);
    try {
      const { server } = (await house.leader()).member;
      const ports = { http: HTTP_PORT, grpc: GRPC_PORT };
      const update = { min_healthy_time: "0s" };
      await stage.apply(server, { [GROUP]: { image, instances: INSTANCES, ports, stop: { grace: "2s" }, update } });
      await new ObservedGroup(stage, GROUP).ready(INSTANCES);
      return await inFolder("failover", (folder) => atWork(house, stage, { times, folder }));
    } finally {
      await house.close();
    }
  });
}

async function atWork(
  house: House,
  stage: Stage,
  { times, folder }: { times: number; folder: string },
): Promise<Report> {
  const addresses = house.addresses.join(",");
  const balancer = await Balancer.start(folder, addresses, INSTANCES);
  const ways = [overGrpc(addresses, "theseus:///web?labels=dev&port=grpc"), overHttp(balancer.port)] as const;
  const loads = [new Load("gRPC", ways[0].way, PER_SECOND), new Load("HAProxy", ways[1].way, PER_SECOND)];
  const told = new Told(house.addresses);
  const { revision } = house.log;
  const reloads = await balancer.reloads();
  try {
    const unfollowed: string[] = [];
    for (let i = 0; i < times; i += 1) {
      await house.complete();
      const { elected } = await house.succeed(i % 2 === 0 ? "kill" : "stop", QUIETLY);
      if (elected >= ELECTED_WITHIN_MS) unfollowed.push(`leader ${i + 1} was not followed`);
    }
    await house.complete();
    await Promise.all(loads.map((load) => load.end()));
    const written = house.log.writes.filter((write) => write.revision > revision && isTold(write.key));
    console.error(
      `failover: ${times} leaders under load, ${loads.map(({ figures }) => figures).join("; ")}; ` +
        `${written.length} writes of what is told, ${told.states.length} states told`,
    );
    return {
      cases: times,
      violations: [
        ...unfollowed,
        ...loads.flatMap((load) => load.violations),
        ...written.map(({ key, value }) => `written: ${key} ${value}`),
        // After a break the same may be told again.
        ...[...new Set(told.states)].slice(1).map((state) => `a watcher was told: ${state}`),
        ...((await balancer.reloads()) === reloads ? [] : ["HAProxy was given another list"]),
        ...((await stage.store.infos()).length === INSTANCES ? [] : ["not all are in the store"]),
      ],
    };
  } finally {
    await told.stop();
    await Promise.all(loads.map((load) => load.end()));
    for (const way of ways) way.close();
    await balancer.stop();
  }
}

const isTold = (key: string): boolean => /^(\/namespaces\/[^/]+)?\/services\//.test(key);

const nameOf = ({ container }: Endpoint): string => container?.name ?? "";
