// A group on an engine of its own, reached through a proxy that says when which call is made; and what the engine and the
// store show afterwards.

import { EngineProxy } from "../../support/engine-proxy.js";
import type { SeenEvent } from "../../support/observed-engine.js";
import { type Inspected, ObservedGroup } from "../../support/observed-group.js";
import type { PrivateEngine } from "../../support/start-docker.js";
import { StoreLog } from "../../support/store-log.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import { onPrivateStage, type Stage } from "../stage.js";

export const GROUP = "web/dev";
export const INSTANCES = 4;

export type Call = "create" | "start" | "stop" | "remove";

const CALLS: Readonly<Record<Call, RegExp>> = {
  create: /^POST .*\/containers\/create\?name=/,
  start: /^POST .*\/start$/,
  stop: /^POST .*\/(stop|kill)(\?|$)/,
  remove: /^DELETE .*\/containers\//,
};

export class Scene {
  readonly group: ObservedGroup;
  #version = 1;

  private constructor(
    readonly stage: Stage,
    readonly engine: PrivateEngine,
    readonly proxy: EngineProxy,
    readonly server: RunningServer,
    readonly log: StoreLog,
  ) {
    this.group = new ObservedGroup(stage, GROUP);
  }

  /** Of every engine process so far: with it the stream of its events ends. */
  readonly #events: { readonly seen: readonly SeenEvent[]; close(): void }[] = [];

  /**
   * @param minHealthy from when on the engine may restart its containers by itself.
   * @param flags of its dockerd.
   */
  static on<T>(work: (scene: Scene) => Promise<T>, minHealthy = "0s", ...flags: readonly string[]): Promise<T> {
    return onPrivateStage(
      async (stage, engine) => {
        const proxy = await EngineProxy.start(engine.socket);
        try {
          const server = await stage.startServer({ dockerSocket: proxy.socket });
          const log = new StoreLog(stage.etcd);
          const scene = new Scene(stage, engine, proxy, server, log);
          try {
            await scene.make(minHealthy);
            await scene.#follow();
            return await work(scene);
          } finally {
            for (const { close } of scene.#events) close();
            await log.stop();
          }
        } finally {
          engine.resume();
          await stage.strike();
          await proxy.close();
        }
      },
      ...flags,
    );
  }

  /** The group in its first version. */
  async make(minHealthy = "0s"): Promise<void> {
    const config = { image: this.stage.image, instances: INSTANCES, env: { V: "1" }, ports: { http: 8080 } };
    const stop = { grace: "1s", ack_deadline: "500ms" };
    const update = { max_parallel: 2, min_healthy_time: minHealthy, progress_deadline: "10m" };
    this.#version = 1;
    await this.stage.apply(this.server, { [GROUP]: { ...config, stop, update } }, "--detach");
    await this.group.ready(INSTANCES);
  }

  /** Another version, without waiting for it. */
  async ask(): Promise<void> {
    this.#version += 1;
    await this.stage.theseus(this.server, "update", GROUP, "--env", `V=${this.#version}`, "--detach");
  }

  /** The engine stands still that long after it was given the next call of that kind. Resolves when it does. */
  async pauseAt(call: Call, afterMs: number): Promise<void> {
    await this.reached(call, () => {
      // Before it hears of the call, which then happens late, or in the middle of it.
      if (afterMs === 0) this.engine.pause();
    });
    if (afterMs === 0) return;
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    this.engine.pause();
  }

  /** Resolves when the next call of that kind is about to be passed on. @param then at that very moment. */
  async reached(call: Call, then: () => void = () => undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no ${call} came`)), 30_000);
      this.proxy.gate = ({ method, path }) => {
        if (!CALLS[call].test(`${method} ${path}`)) return undefined;
        this.proxy.gate = () => undefined;
        clearTimeout(late);
        then();
        resolve();
        return undefined;
      };
    });
  }

  /** kill -9 of the engine, and its start. @returns when it answered again, and how often it had been looked at then. */
  async restart(awayMs: number): Promise<{ readonly back: number; readonly listings: number }> {
    await this.engine.kill();
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    await this.engine.start();
    const answered = { back: Date.now(), listings: this.proxy.listings };
    await this.#follow();
    return answered;
  }

  /** As soon as the newest version alone is there, each slot once, and the store says the same. */
  async settled(withinMs: number): Promise<void> {
    const what = `version ${this.#version} of ${INSTANCES} containers`;
    await until(what, async () => (await this.faults()).length === 0, { withinMs, everyMs: 200 });
  }

  async faults(): Promise<string[]> {
    const found = await this.group.containers();
    const { config_revision } = await this.#config();
    const names = found.map(({ name }) => name).sort();
    const infos = await this.group.infos();
    const ready = infos.filter(({ state }) => state === "ready").map(({ name }) => name);
    const intents = await this.stage.store.intents(`${this.group.key}/`);
    const slots = found.map(({ labels }) => labels["theseus.slot"]).sort();
    const isOld = ({ labels }: (typeof found)[number]) => labels["theseus.config-revision"] !== `${config_revision}`;
    return [
      ...found.filter(({ state }) => state !== "running").map(({ name, state }) => `${name} is ${state}`),
      ...found.filter(isOld).map(({ name }) => `${name} is of an earlier version`),
      ...differs("slots", slots, ["1", "2", "3", "4"]),
      ...differs("intents", intents.sort(), names),
      ...differs("ready", ready.sort(), names),
    ];
  }

  /** Slots and generations that two containers were started for, by what the engine told. */
  doubles(): string[] {
    const owners = new Map<string, string>();
    const events = this.#events.flatMap(({ seen }) => seen);
    return events.flatMap(({ id, action, attributes }) => {
      if (action !== "start" || attributes["theseus.group-uid"] === undefined) return [];
      const place = `slot ${attributes["theseus.slot"]} generation ${attributes["theseus.generation"]}`;
      const owner = owners.get(place) ?? id;
      owners.set(place, owner);
      return owner === id ? [] : [`${place} was started twice`];
    });
  }

  inspected(): Promise<Inspected[]> {
    return this.group.inspected();
  }

  async #follow(): Promise<void> {
    this.#events.push(await this.stage.engine.follow());
  }

  async #config(): Promise<{ readonly config_revision?: number }> {
    const key = `${this.group.key}/config`;
    return JSON.parse((await this.stage.store.under(key)).get(key) ?? "{}") as { config_revision?: number };
  }
}

function differs(what: string, are: readonly unknown[], wanted: readonly unknown[]): string[] {
  return are.join() === wanted.join() ? [] : [`${what} are ${are.join(" ")}, not ${wanted.join(" ")}`];
}
