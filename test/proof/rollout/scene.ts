// A group of the program under a prober, and the changes that people ask for, with what came of each.

import type { Ended } from "../../support/child.js";
import { engineRequest } from "../../support/engine-api.js";
import { ObservedGroup } from "../../support/observed-group.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import { DrainLog } from "../drain/drain-log.js";
import { onStage, type Stage } from "../stage.js";
import { GROUP, goodGroup, INSTANCES, importProgram, type Shape } from "./program.js";
import { ReadyProber } from "./ready-prober.js";
import { configOf, rolloutsOf, type SeenConfig, type SeenRollout } from "./story.js";

const PATIENCE_MS = 180_000;

type RawContainer = { readonly Config: { readonly Env: readonly string[] } };
type Seen = { readonly name: string; readonly state: string; readonly env: readonly string[] };

export class Scene {
  readonly group: ObservedGroup;
  readonly #image: string;

  private constructor(
    readonly stage: Stage,
    readonly server: RunningServer,
    image: string,
    readonly prober: ReadyProber,
  ) {
    this.group = new ObservedGroup(stage, GROUP);
    this.#image = image;
  }

  /** With a server, and nothing else yet. */
  static on<T>(work: (scene: Scene) => Promise<T>): Promise<T> {
    return onStage(async (stage) => {
      const [server, image] = await Promise.all([stage.startServer(), importProgram(stage)]);
      const cluster = await until("the cluster's id", () => stage.store.clusterId());
      const log = new DrainLog(stage.etcd);
      const prober = new ReadyProber({ socket: stage.engine.socket, cluster }, GROUP, { path: "/healthz", log });
      try {
        return await work(new Scene(stage, server, image, prober));
      } finally {
        await prober.stop();
        await log.stop();
      }
    });
  }

  /** The good version is there, and says so to the prober too. */
  async good(shape: Shape): Promise<void> {
    await this.stage.apply(this.server, { [GROUP]: goodGroup(this.#image, shape) });
    const wanted = { MODE: "good", ...shape.env };
    await until("Docker to have the good version alone", async () => (await this.faultsOf(wanted)).length === 0);
    await until("all to serve", async () => {
      this.prober.expect(INSTANCES, "the good version");
      await until("a look", async () => (await this.prober.seen()).samples > 1);
      return (await this.prober.seen()).fewest === INSTANCES;
    });
  }

  /** One command, as a person types it; it ends as it ends. */
  theseus(...args: readonly string[]): Promise<Ended> {
    return this.server.theseus(args, { patienceMs: PATIENCE_MS });
  }

  /** @param env NAME=VALUE */
  update(env: string, ...flags: readonly string[]): Promise<Ended> {
    return this.theseus("update", GROUP, "--env", env, ...flags);
  }

  config(): Promise<SeenConfig> {
    return configOf(this.stage.store, this.group);
  }

  rollouts(): Promise<readonly SeenRollout[]> {
    return rolloutsOf(this.stage.store, this.group);
  }

  /** The environment of each container, as Docker has it. */
  async environments(): Promise<readonly Seen[]> {
    const { socket } = this.stage.engine;
    const found = (await this.group.containers()).map(async ({ id, name, state }) => {
      const { status, body } = await engineRequest(socket, "GET", `/containers/${id}/json`);
      // Listed a moment ago, and gone.
      return status === 404 ? [] : [{ name, state, env: (JSON.parse(body) as RawContainer).Config.Env }];
    });
    return (await Promise.all(found)).flat();
  }

  /** What Docker has that is not one running container with these variables for each of so many slots. */
  async faultsOf(wanted: Readonly<Record<string, string>>, instances = INSTANCES): Promise<string[]> {
    const pairs = Object.entries(wanted).map(([name, value]) => `${name}=${value}`);
    const found = await this.environments();
    const faults = found.length === instances ? [] : [`there are ${found.length} containers`];
    for (const { name, state, env } of found) {
      if (state !== "running") faults.push(`${name} is ${state}`);
      faults.push(...pairs.filter((pair) => !env.includes(pair)).map((pair) => `${name} is without ${pair}`));
    }
    return faults;
  }
}
