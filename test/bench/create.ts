// One create of ten containers until a lookup tells ten ready endpoints, against plain create and start of the same ten,
// at whatever number at once is fastest.

import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { type Connection, connect } from "../../clients/index.js";
import { onStage, type Stage } from "../proof/stage.js";
import { until } from "../support/until.js";
import { type Bench, type Figure, inTurns, median, rounded, timed } from "./bench.js";
import { moved, templateOf } from "./like-theseus.js";

const CONTAINERS = 10;
const ROUNDS = 5;
const AT_ONCE = [1, 2, 4, 8] as const;
const GROUP = { service: "bench", labels: [] };
/** Listens as soon as it runs: how long an image takes to come up is not what is measured. */
const PROGRAM = ["httpd", "-f", "-p", "8080", "-h", "/tmp"];

async function ready(client: Connection): Promise<number> {
  const { endpoints } = await client.discovery.lookup({ target: { $case: "group", value: GROUP } });
  return endpoints.length;
}

async function throughTheseus(stage: Stage, client: Connection): Promise<number> {
  const config = {
    image: stage.image,
    instances: CONTAINERS,
    args: PROGRAM,
    ports: [{ name: "http", container: 8080 }],
  };
  const spent = await timed(async () => {
    await client.theseus.createGroup({ group: GROUP, config });
    await until("ten ready endpoints", async () => (await ready(client)) === CONTAINERS, {
      everyMs: 20,
      withinMs: 60_000,
    });
  });
  return spent;
}

async function removeGroup(stage: Stage, client: Connection): Promise<void> {
  await client.theseus.removeGroup({ group: GROUP });
  await until("the group to be gone", async () => (await stage.store.under("/services/bench")).size === 0, {
    withinMs: 60_000,
  });
}

/** Create and start of each, so many of them at once. @returns milliseconds; the removal is not in them. */
async function plain(docker: Docker, like: Docker.ContainerCreateOptions, atOnce: number): Promise<number> {
  const made: Docker.Container[] = [];
  const waiting = Array.from({ length: CONTAINERS }, (_, i) => i);
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const container = await docker.createContainer(numbered(like, next));
      made.push(container);
      await container.start();
    }
  };
  try {
    return await timed(() => Promise.all(Array.from({ length: atOnce }, worker)));
  } finally {
    await Promise.all(made.map((container) => container.remove({ force: true, v: true })));
  }
}

/** Each needs a name and a host port of its own. */
function numbered(like: Docker.ContainerCreateOptions, number: number): Docker.ContainerCreateOptions {
  return { ...moved(like, number), name: `theseus-bench-${number}-${randomBytes(4).toString("hex")}` };
}

async function measure(): Promise<Figure> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    const client = connect(server.listeners.grpc);
    const docker = new Docker({ socketPath: stage.engine.socket });
    try {
      // Once beforehand: the image is pinned in nobody's time, and the plain side learns what to make.
      await throughTheseus(stage, client);
      const like = await templateOf(stage);
      await removeGroup(stage, client);
      const raw = AT_ONCE.map((atOnce) => [`plain_${atOnce}`, () => plain(docker, like, atOnce)] as const);
      const theseus = async () => {
        const spent = await throughTheseus(stage, client);
        await removeGroup(stage, client);
        return spent;
      };
      return figure(await inTurns<string>({ ...Object.fromEntries(raw), theseus }, ROUNDS));
    } finally {
      client.close();
    }
  });
}

function figure(times: Readonly<Record<string, readonly number[]>>): Figure {
  const medians = Object.entries(times).map(([name, list]) => [name, median(list)] as const);
  const fastest = Math.min(...medians.filter(([name]) => name !== "theseus").map(([, time]) => time));
  const detail = Object.fromEntries(medians.map(([name, time]) => [`${name}_ms`, rounded(time)]));
  return { ratio: median(times["theseus"] ?? []) / fastest, detail: { ...detail, runs: ROUNDS } };
}

export const create: Bench = { name: "create", limit: { atMost: 1.3 }, measure };
