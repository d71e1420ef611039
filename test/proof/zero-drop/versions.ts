// One version of the group after the other, as people ask for them, and what Docker shows of each.

import type { SeenEvent } from "../../support/observed-engine.js";
import { ObservedGroup } from "../../support/observed-group.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import type { Stage } from "../stage.js";
import { GRPC_PORT, HTTP_PORT } from "./work.js";

export const GROUP = "web/dev";
const SLOW = { withinMs: 120_000, everyMs: 100 };

type Order = "start-first" | "stop-first";

export class Versions {
  readonly #stage: Stage;
  readonly #server: RunningServer;
  readonly #config: Readonly<Record<string, unknown>> & { readonly image: string; readonly instances: number };
  readonly #group: ObservedGroup;
  #made = 0;

  constructor(stage: Stage, server: RunningServer, group: { readonly image: string; readonly instances: number }) {
    const ports = { http: HTTP_PORT, grpc: GRPC_PORT };
    this.#stage = stage;
    this.#server = server;
    this.#config = { ...group, ports, stop: { grace: "20s", ack_deadline: "60s" } };
    this.#group = new ObservedGroup(stage, GROUP);
  }

  /**
   * Asks for the next version, by the other order than the last one, and returns once Docker has that alone.
   * @returns what was wrong with the way there.
   */
  async next(): Promise<string[]> {
    const order = this.#made % 2 === 0 ? "start-first" : "stop-first";
    const { seen, close } = await this.#stage.engine.follow();
    try {
      await this.#ask(order);
      return this.#made === 1 || orderSeen(seen, await this.#cluster()) === order
        ? []
        : [`version ${this.#made} did not come ${order}`];
    } finally {
      close();
    }
  }

  async #ask(order: Order): Promise<void> {
    this.#made += 1;
    const update = { order, max_parallel: 2, min_healthy_time: "0s" };
    await this.#stage.apply(this.#server, { [GROUP]: { ...this.#config, env: { V: this.#made }, update } });
    await until(`Docker to have version ${this.#made} alone`, () => this.#isThere(), SLOW);
  }

  async #isThere(): Promise<boolean> {
    const found = await this.#group.containers();
    const isNew = (labels: Readonly<Record<string, string>>) => labels["theseus.config-revision"] === `${this.#made}`;
    const { instances } = this.#config;
    return found.length === instances && found.every(({ state, labels }) => state === "running" && isNew(labels));
  }

  async #cluster(): Promise<string> {
    return (await this.#stage.store.clusterId()) ?? "";
  }
}

/** What came first, a new container's start or the end of an old one. */
function orderSeen(events: readonly SeenEvent[], cluster: string): Order | undefined {
  const ours = events.filter(({ attributes }) => attributes["theseus.cluster"] === cluster);
  const first = ours.find(({ action }) => action === "start" || action === "die")?.action;
  if (first === undefined) return undefined;
  return first === "start" ? "start-first" : "stop-first";
}
