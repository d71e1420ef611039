// A group that is given one version after the other, and what Docker and the store say of it all the while. Whoever breaks
// its servers asks here what came of it.

import { randomBytes } from "node:crypto";
import { connect } from "../../../clients/connect.js";
import { UpdateOrder } from "../../../clients/gen/theseus/v1/group.js";
import { insist } from "../../../clients/insist.js";
import type { SeenContainer, SeenEvent } from "../../support/observed-engine.js";
import { ObservedGroup } from "../../support/observed-group.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import { DrainLog } from "../drain/drain-log.js";
import { ReadyProber } from "../rollout/ready-prober.js";
import type { Stage } from "../stage.js";
import { Starts } from "./starts.js";

export const GROUP = "web/dev";
export const INSTANCES = 6;
const MAX_PARALLEL = 2;
/** Of the one who asks. A server that was killed may take 20 s to come up on a busy machine. */
const PATIENCE_MS = 90_000;

type Events = { readonly seen: readonly SeenEvent[]; close(): void };

export class WatchedGroup {
  readonly group: ObservedGroup;
  readonly #stage: Stage;
  readonly #cluster: string;
  readonly #events: Events;
  readonly #drains: DrainLog;
  readonly #prober: ReadyProber;
  readonly #starts: Starts;
  #version = 1;
  /** So many events were there before. */
  #told = 0;

  private constructor(
    stage: Stage,
    cluster: string,
    { events, first }: { events: Events; first: readonly SeenContainer[] },
  ) {
    this.group = new ObservedGroup(stage, GROUP);
    this.#stage = stage;
    this.#cluster = cluster;
    this.#events = events;
    this.#drains = new DrainLog(stage.etcd);
    const engine = { socket: stage.engine.socket, cluster };
    this.#prober = new ReadyProber(engine, GROUP, { path: "/", log: this.#drains });
    // Each version is one config revision.
    const most = (version: number) => INSTANCES + (orderOf(version) === UpdateOrder.START_FIRST ? MAX_PARALLEL : 0);
    this.#starts = new Starts(stage.etcd, { cluster, first, events: events.seen, most });
  }

  /** Its first version is there. */
  static async make(stage: Stage, server: RunningServer): Promise<WatchedGroup> {
    const config = { image: stage.image, instances: INSTANCES, env: { V: "1" }, ports: { http: 8080 } };
    const stop = { grace: "1s", ack_deadline: "500ms" };
    const update = { order: "stop-first", max_parallel: MAX_PARALLEL, min_healthy_time: "0s" };
    await stage.apply(server, { [GROUP]: { ...config, stop, update } });
    const cluster = await until("the cluster's id", () => stage.store.clusterId());
    const events = await stage.engine.follow();
    const first = (await new ObservedGroup(stage, GROUP).containers()).filter(({ state }) => state === "running");
    const group = new WatchedGroup(stage, cluster, { events, first });
    group.beginAnew();
    return group;
  }

  /** What was wrong before is told no more. */
  beginAnew(): void {
    this.#prober.expect(...this.#floor());
    this.#told = this.#events.seen.length;
  }

  /** Asks for another version, by the other order than the last time; whoever of the servers takes it. */
  async ask(servers: readonly string[]): Promise<void> {
    this.#version += 1;
    const order = orderOf(this.#version);
    this.#prober.changeTo(...this.#floor());
    const config = { env: { V: `${this.#version}` }, update: { order } };
    const requestId = randomBytes(8).toString("hex");
    const connection = connect(servers);
    const request = { group: this.group.ref, config, updateMask: ["env.V", "update.order"], requestId };
    try {
      await insist(() => connection.theseus.updateGroup(request), { patience: PATIENCE_MS });
    } finally {
      connection.close();
    }
  }

  /** Whether its newest version is on its way. */
  async isUnderWay(): Promise<boolean> {
    const key = `${this.group.key}/config`;
    const [rollout] = await this.group.rollouts();
    const record = JSON.parse((await this.#stage.store.under(key)).get(key) ?? "{}") as { config_revision?: number };
    return rollout === undefined || rollout.to !== record.config_revision || rollout.state === "running";
  }

  /** As soon as the newest version alone is there, and the store says no more and no less than Docker. */
  async settled(withinMs = 60_000): Promise<void> {
    const what = `version ${this.#version} to be there alone`;
    // The store is asked by a program, which takes of the time that is measured.
    const isSettled = async () => (await this.#looksSettled()) && (await this.faults()).length === 0;
    await until(what, isSettled, { withinMs, everyMs: 200 });
  }

  /** So many run, and none but those that run is there. */
  async #looksSettled(): Promise<boolean> {
    const found = await this.group.containers();
    const ids = found.map(({ id }) => id);
    return (
      found.length === INSTANCES &&
      found.every(({ state }) => state === "running") &&
      (await this.#outdated(ids)).length === 0
    );
  }

  /** What is not as the newest version wants it. */
  async faults(): Promise<string[]> {
    const found = await this.group.containers();
    const infos = await this.group.infos();
    const intents = await this.#stage.store.intents(`${this.group.key}/`);
    const names = found.map(({ name }) => name).sort();
    const slots = found.map(({ labels }) => Number(labels["theseus.slot"])).sort((a, b) => a - b);
    const ready = infos.filter(({ state }) => state === "ready").map(({ name }) => name);
    const [rollout] = await this.group.rollouts();
    return [
      ...found.filter(({ state }) => state !== "running").map(({ name, state }) => `${name} is ${state}`),
      ...differs("slots", slots, [1, 2, 3, 4, 5, 6]),
      ...differs("intents", intents.sort(), names),
      ...differs("ready", ready.sort(), names),
      ...(await this.#outdated(found.map(({ id }) => id))),
      ...(rollout?.state === "done" ? [] : [`the newest rollout is ${rollout?.state}`]),
    ];
  }

  /** What has gone wrong since it was begun: bounds, doubles. */
  async violations(): Promise<string[]> {
    const { violations } = await this.#prober.seen();
    return [...violations, ...(await this.#starts.wrong(this.#told))];
  }

  /** The containers that were started for it since it was begun, by what Docker told. */
  started(): readonly string[] {
    const ours = this.#events.seen
      .slice(this.#told)
      .filter(({ action, attributes }) => action === "start" && attributes["theseus.cluster"] === this.#cluster);
    return [...new Map(ours.map(({ id, attributes }) => [id, attributes["name"] ?? ""])).values()];
  }

  /** Of how many looks, and the fewest that served. */
  async looks(): Promise<string> {
    const { samples, fewest } = await this.#prober.seen();
    return `${samples} looks, at least ${fewest} of ${INSTANCES} serving`;
  }

  async close(): Promise<void> {
    this.#events.close();
    await this.#prober.stop();
    await this.#drains.stop();
    await this.#starts.stop();
  }

  /** How many serve at least while the present version comes. */
  #floor(): readonly [least: number, why: string] {
    const order = orderOf(this.#version);
    const spared = order === UpdateOrder.START_FIRST ? 0 : MAX_PARALLEL;
    return [INSTANCES - spared, `while version ${this.#version} comes, ${spared === 0 ? "start-first" : "stop-first"}`];
  }

  async #outdated(ids: readonly string[]): Promise<string[]> {
    type Raw = { readonly Name: string; readonly Config: { readonly Env: readonly string[] } };
    const { engine } = this.#stage;
    const seen = await Promise.all(
      ids.map((id) => engine.json<Raw>("GET", `/containers/${id}/json`).catch(() => undefined)),
    );
    const isOld = (one: Raw | undefined) => one === undefined || !one.Config.Env.includes(`V=${this.#version}`);
    return seen.filter(isOld).map((one) => `${one?.Name} is not of version ${this.#version}`);
  }
}

/** By the one and the other in turn. */
function orderOf(version: number): UpdateOrder {
  return version % 2 === 0 ? UpdateOrder.START_FIRST : UpdateOrder.STOP_FIRST;
}

function differs(what: string, are: readonly unknown[], wanted: readonly unknown[]): string[] {
  return are.join() === wanted.join() ? [] : [`${what} are ${are.join(" ")}, not ${wanted.join(" ")}`];
}
