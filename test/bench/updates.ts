// One group of twenty containers that is updated four at a time, start-first, as often as it is asked for: Theseus's side
// of the benches of updates.

import { UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import { RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import type { Connection } from "../../clients/index.js";
import type { ObservedEngine, SeenContainer } from "../support/observed-engine.js";
import { until } from "../support/until.js";
import { timed } from "./bench.js";

export const CONTAINERS = 20;
export const AT_ONCE = 4;
/** Listens as soon as it runs, and ends at once: how long an image takes is not what is measured. */
export const PROGRAM = ["httpd", "-f", "-p", "8080", "-h", "/tmp"];
/** The command line asks every 150 ms; what asks much more often is itself a load. */
export const PATIENCE = { everyMs: 100, withinMs: 120_000 };

const GROUP = { service: "bench", labels: ["update"] };

export type Updated = {
  /** Milliseconds from the request until nothing old is left. */
  readonly spent: number;
  /** Containers that are there and were not before. */
  readonly replaced: number;
};

export class Updates {
  readonly #client: Connection;
  readonly #engine: ObservedEngine;
  #made = 0;

  constructor(client: Connection, engine: ObservedEngine) {
    this.#client = client;
    this.#engine = engine;
  }

  async create(image: string): Promise<void> {
    const minHealthyTime = { seconds: 0n, nanos: 0 };
    const update = { maxParallel: String(AT_ONCE), order: UpdateOrder.START_FIRST, minHealthyTime };
    const ports = [{ name: "http", container: 8080 }];
    const config = { image, instances: CONTAINERS, args: PROGRAM, ports, update };
    await this.#client.theseus.createGroup({ group: GROUP, config });
    await this.#done(1n);
    await this.#atRest();
  }

  /** Fails unless all twenty were replaced. What follows on it, and is in nobody's way, is waited for and not measured. */
  async once(): Promise<Updated> {
    const before = await this.#present();
    const env = { VERSION: String(++this.#made) };
    const spent = await timed(async () => {
      const begun = new Date();
      const asked = await this.#client.theseus.updateGroup({ group: GROUP, config: { env }, updateMask: ["env"] });
      await this.#told(asked.group?.configRevision ?? 0n, begun);
    });
    const after = await this.#present();
    await this.#atRest();
    return { spent, replaced: newOnes(before, after) };
  }

  /** Fails when it ended otherwise. Nobody asks again and again meanwhile: that would itself be a load. */
  async #told(to: bigint, since: Date): Promise<void> {
    const patience = AbortSignal.timeout(PATIENCE.withinMs);
    const request = { selector: { service: GROUP.service }, since, follow: true };
    for await (const { events } of this.#client.theseus.readEvents(request, { signal: patience })) {
      if (events.some(({ kind, configRevision }) => kind === "rollout-done" && configRevision === to)) break;
    }
    await this.#done(to);
  }

  async #done(to: bigint): Promise<void> {
    await until(
      `r-${to} to be done`,
      async () => {
        const { rollout } = await this.#client.theseus.getRollout({ group: GROUP });
        return rollout?.toRevision === to && rollout.state === RolloutState.DONE;
      },
      PATIENCE,
    );
  }

  /** The engine is told to restart a stable container by itself only when no others are being replaced. */
  async #atRest(): Promise<void> {
    await until("every container to be kept running by the engine", async () => {
      const present = await this.#present();
      type Inspected = { HostConfig: { RestartPolicy: { Name: string } } };
      const seen = await Promise.all(
        present.map(({ id }) => this.#engine.json<Inspected>("GET", `/containers/${id}/json`)),
      );
      return seen.every(({ HostConfig }) => HostConfig.RestartPolicy.Name === "always");
    });
  }

  #present(): Promise<SeenContainer[]> {
    return this.#engine.containers(["theseus.service", GROUP.service]);
  }
}

/** How many are there that were not. Fails unless these are as many as there shall be, all of them run, and nothing else does. */
export function newOnes(before: readonly SeenContainer[], after: readonly SeenContainer[]): number {
  const former = new Set(before.map(({ id }) => id));
  const running = after.filter(({ state }) => state === "running");
  const fresh = running.filter(({ id }) => !former.has(id)).length;
  if (fresh === CONTAINERS && running.length === CONTAINERS) return fresh;
  throw new Error(`${fresh} of ${running.length} running containers are new, and ${CONTAINERS} were to be`);
}
