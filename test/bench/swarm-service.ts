// A service of Docker's own Swarm on one engine, made of the same containers as the group of Theseus beside it: each has a
// port published on the host, and no check of its own.

import { engineRequest } from "../support/engine-api.js";
import { ObservedEngine, type SeenContainer } from "../support/observed-engine.js";
import { until } from "../support/until.js";
import { timed } from "./bench.js";
import { AT_ONCE, CONTAINERS, newOnes, PATIENCE, PROGRAM, type Updated } from "./updates.js";

const NAME = "bench-swarm";
/** Nothing to wait for after a task runs. The engine takes 0 for its default of five seconds. */
const MONITOR_NS = 1;

type Service = {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly UpdateStatus?: { readonly State: string; readonly Message: string };
};

export class SwarmService {
  readonly #engine: ObservedEngine;
  readonly #image: string;
  #made = 0;

  /** @param image its id, so that Swarm looks for it nowhere else. */
  constructor(socket: string, image: string) {
    this.#engine = new ObservedEngine(socket);
    this.#image = image;
  }

  /** Makes a swarm of this one engine, in which nothing is kept of tasks that are over. */
  async create(): Promise<void> {
    const spec = { Orchestration: { TaskHistoryRetentionLimit: 0 } };
    const swarm = { ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1", Spec: spec };
    await this.#engine.json("POST", "/swarm/init", swarm);
    await this.#engine.json("POST", "/services/create", this.#spec());
    await this.#atRest();
  }

  /** Fails unless all twenty were replaced. */
  async once(): Promise<Updated> {
    const before = await this.#present();
    const former = new Set(before.map(({ id }) => id));
    const spent = await timed(async () => {
      this.#made++;
      const { ID, Version } = await this.#service();
      await this.#engine.json("POST", `/services/${ID}/update?version=${Version.Index}`, this.#spec());
      await until("the service to be updated", () => this.#isDone(Version.Index), PATIENCE);
      const isOld = ({ id, state }: SeenContainer) => former.has(id) && state === "running";
      await until("the old ones to end", async () => !(await this.#present()).some(isOld), PATIENCE);
    });
    const replaced = newOnes(before, await this.#present());
    await this.#atRest();
    return { spent, replaced };
  }

  /** The engine removes the containers of a swarm that it leaves. Never fails: what is left over goes with the engine. */
  async leave(): Promise<void> {
    await engineRequest(this.#engine.socket, "POST", "/swarm/leave?force=true").catch(() => undefined);
  }

  async #isDone(before: number): Promise<boolean> {
    const { Version, UpdateStatus } = await this.#service();
    const { State = "", Message = "" } = UpdateStatus ?? {};
    if (State.includes("paused") || State.includes("rollback")) throw new Error(`the update is ${State}: ${Message}`);
    return Version.Index > before && State === "completed";
  }

  async #atRest(): Promise<void> {
    await until(
      "the tasks to run and what they replaced to be removed",
      async () => {
        const present = await this.#present();
        return present.length === CONTAINERS && present.every(({ state }) => state === "running");
      },
      PATIENCE,
    );
  }

  #service(): Promise<Service> {
    return this.#engine.json<Service>("GET", `/services/${NAME}`);
  }

  #present(): Promise<SeenContainer[]> {
    return this.#engine.containers(["com.docker.swarm.service.name", NAME]);
  }

  #spec(): object {
    const env = [`VERSION=${this.#made}`];
    return {
      Name: NAME,
      TaskTemplate: {
        ContainerSpec: { Image: this.#image, Args: PROGRAM, Env: env, Init: true },
        LogDriver: { Name: "local", Options: { "max-size": "10m", "max-file": "3" } },
      },
      Mode: { Replicated: { Replicas: CONTAINERS } },
      UpdateConfig: { Parallelism: AT_ONCE, Delay: 0, Monitor: MONITOR_NS, Order: "start-first" },
      EndpointSpec: { Ports: [{ Protocol: "tcp", TargetPort: 8080, PublishMode: "host" }] },
    };
  }
}
