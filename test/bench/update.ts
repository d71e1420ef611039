// An update of twenty containers, four at a time, start-first, until the rollout is done and only new ones are there,
// against the same creates, starts, stops and removes by plain calls, at whatever number at once up to four is fastest.
// The health gate and the drain are on Theseus's side alone.

import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import { RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import { type Connection, connect } from "../../clients/index.js";
import { onStage, type Stage } from "../proof/stage.js";
import { until } from "../support/until.js";
import { type Bench, type Figure, inTurns, median, rounded, timed } from "./bench.js";
import { moved, templateOf } from "./like-theseus.js";

const CONTAINERS = 20;
const ROUNDS = 5;
const AT_ONCE = [1, 2, 4] as const;
const GROUP = { service: "bench", labels: ["update"] };
/** Listens as soon as it runs, and ends at once: how long an image takes is not what is measured. */
const PROGRAM = ["httpd", "-f", "-p", "8080", "-h", "/tmp"];
const PATIENCE = { everyMs: 10, withinMs: 120_000 };

class Updates {
  readonly #stage: Stage;
  readonly #client: Connection;
  #made = 0;

  constructor(stage: Stage, client: Connection) {
    this.#stage = stage;
    this.#client = client;
  }

  async create(): Promise<void> {
    const update = { maxParallel: "4", order: UpdateOrder.START_FIRST, minHealthyTime: { seconds: 0n, nanos: 0 } };
    const ports = [{ name: "http", container: 8080 }];
    const config = { image: this.#stage.image, instances: CONTAINERS, args: PROGRAM, ports, update };
    await this.#client.theseus.createGroup({ group: GROUP, config });
    await this.#done(1n);
  }

  /** Milliseconds from the request until nothing old is left. */
  async once(): Promise<number> {
    const env = { VERSION: String(++this.#made) };
    return await timed(async () => {
      const asked = await this.#client.theseus.updateGroup({ group: GROUP, config: { env }, updateMask: ["env"] });
      const to = asked.group?.configRevision ?? 0n;
      await this.#done(to);
      await this.#onlyNew(to);
    });
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

  async #onlyNew(to: bigint): Promise<void> {
    const seen = await this.#stage.engine.containers(["theseus.service", GROUP.service]);
    const fresh = seen.filter(({ labels }) => labels["theseus.config-revision"] === String(to));
    if (fresh.length !== CONTAINERS || seen.length !== CONTAINERS)
      throw new Error(`${fresh.length} of ${seen.length} are new`);
  }
}

/** Twenty containers of nobody's, replaced one for one. */
class Plain {
  readonly #docker: Docker;
  readonly #like: Docker.ContainerCreateOptions;
  #present: Docker.Container[] = [];
  #ports = 0;

  constructor(docker: Docker, like: Docker.ContainerCreateOptions) {
    this.#docker = docker;
    this.#like = like;
  }

  async create(): Promise<void> {
    for (let made = 0; made < CONTAINERS; made++) this.#present.push(await this.#one());
  }

  async replaceAll(atOnce: number): Promise<number> {
    const waiting = [...this.#present];
    const next: Docker.Container[] = [];
    const worker = async () => {
      for (let old = waiting.shift(); old !== undefined; old = waiting.shift()) {
        next.push(await this.#one());
        await old.stop();
        await old.remove({ v: true });
      }
    };
    const spent = await timed(() => Promise.all(Array.from({ length: atOnce }, worker)));
    this.#present = next;
    return spent;
  }

  async removeAll(): Promise<void> {
    await Promise.all(this.#present.map((container) => container.remove({ force: true, v: true })));
  }

  /** Twice as many ports as containers: an old one still holds its own. */
  async #one(): Promise<Docker.Container> {
    this.#ports = (this.#ports + 1) % (3 * CONTAINERS);
    const name = `theseus-bench-${this.#ports}-${randomBytes(4).toString("hex")}`;
    const container = await this.#docker.createContainer({ ...moved(this.#like, this.#ports), name });
    await container.start();
    return container;
  }
}

async function measure(): Promise<Figure> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    const client = connect(server.listeners.grpc);
    const docker = new Docker({ socketPath: stage.engine.socket });
    const updates = new Updates(stage, client);
    let plain: Plain | undefined;
    try {
      await updates.create();
      plain = new Plain(docker, await templateOf(stage));
      await plain.create();
      await updates.once();
      const side = plain;
      const raw = AT_ONCE.map((atOnce) => [`plain_${atOnce}`, () => side.replaceAll(atOnce)] as const);
      return figure(await inTurns<string>({ ...Object.fromEntries(raw), theseus: () => updates.once() }, ROUNDS));
    } finally {
      await plain?.removeAll();
      client.close();
    }
  });
}

function figure(times: Readonly<Record<string, readonly number[]>>): Figure {
  const medians = Object.entries(times).map(([name, list]) => [name, median(list)] as const);
  const fastest = Math.min(...medians.filter(([name]) => name !== "theseus").map(([, time]) => time));
  const detail = Object.fromEntries(medians.map(([name, time]) => [`${name}_ms`, rounded(time)]));
  return {
    ratio: median(times["theseus"] ?? []) / fastest,
    detail: { ...detail, containers: CONTAINERS, runs: ROUNDS },
  };
}

export const update: Bench = { name: "update", limit: { atMost: 1.15 }, measure };
