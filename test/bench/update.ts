// An update of twenty containers, four at a time, start-first, until the rollout is done and only new ones are there,
// against the same creates, starts, stops and removes by plain calls, at whatever number at once up to four is fastest.
// The health gate and the drain are on Theseus's side alone.

import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { connect } from "../../clients/index.js";
import { onStage } from "../proof/stage.js";
import { type Bench, type Figure, inTurns, median, rounded, timed } from "./bench.js";
import { moved, templateOf } from "./like-theseus.js";
import { AT_ONCE, CONTAINERS, Updates } from "./updates.js";

const ROUNDS = 5;
const PLAIN_AT_ONCE = [1, 2, AT_ONCE] as const;

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
    const updates = new Updates(client, stage.engine);
    let plain: Plain | undefined;
    try {
      await updates.create(stage.image);
      plain = new Plain(docker, await templateOf(stage));
      await plain.create();
      await updates.once();
      const side = plain;
      const raw = PLAIN_AT_ONCE.map((atOnce) => [`plain_${atOnce}`, () => side.replaceAll(atOnce)] as const);
      const theseus = async () => (await updates.once()).spent;
      return figure(await inTurns<string>({ ...Object.fromEntries(raw), theseus }, ROUNDS));
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
