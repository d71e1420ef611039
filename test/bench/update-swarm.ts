// An update of twenty containers, four at a time, start-first, by Theseus against the same by `docker service update` on a
// swarm of one node: one private engine for both, one after the other, the swarm there all the time. The check of health
// and the drain are on Theseus's side alone: the image has no check, so Swarm takes a task that runs for good.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onPrivateStage, type Stage } from "../proof/stage.js";
import type { PrivateEngine } from "../support/start-docker.js";
import { type Bench, type Figure, inTurns, median, rounded } from "./bench.js";
import { SwarmService } from "./swarm-service.js";
import type { Done, Order } from "./update-caller.js";
import { CONTAINERS, type Updated } from "./updates.js";

const ROUNDS = 5;
const CALLER = fileURLToPath(new URL("./update-caller.ts", import.meta.url));

/** Theseus, asked by a process beside its server, since nothing of the namespace is reached from here. */
class Theseus {
  readonly #caller: ChildProcess;

  constructor(engine: PrivateEngine, address: string, image: string) {
    const [nsenter = "", ...inside] = engine.inside;
    const command = [process.execPath, ...process.execArgv, CALLER, address, engine.socket, image];
    this.#caller = spawn(nsenter, [...inside, ...command], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  async create(): Promise<void> {
    await this.#tell("create");
  }

  async once(): Promise<Updated> {
    const { updated } = await this.#tell("update");
    if (updated === undefined) throw new Error("Theseus did not say what it has updated");
    return updated;
  }

  async close(): Promise<void> {
    if (this.#caller.exitCode !== null || this.#caller.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#caller.once("exit", resolve));
    this.#caller.kill("SIGKILL");
    await ended;
  }

  async #tell(order: Order): Promise<Done> {
    const done = await new Promise<Done>((resolve) => {
      const fail = (): void => resolve({ problem: "the caller ended" });
      const failed = (error: Error): void => resolve({ problem: error.message });
      this.#caller.once("exit", fail).once("error", failed);
      this.#caller.once("message", (message: Done) => {
        this.#caller.off("exit", fail).off("error", failed);
        resolve(message);
      });
      this.#caller.send(order);
    });
    if (done.problem !== undefined) throw new Error(done.problem);
    return done;
  }
}

async function measure(): Promise<Figure> {
  return await onPrivateStage(async (stage, engine) => {
    const swarm = new SwarmService(engine.socket, await imageId(stage));
    const server = await stage.startServer();
    const theseus = new Theseus(engine, server.listeners.grpc, stage.image);
    try {
      await swarm.create();
      await theseus.create();
      const replaced = { theseus: 0, swarm: 0 };
      const counted = (name: keyof typeof replaced, side: { once(): Promise<Updated> }) => async () => {
        const updated = await side.once();
        replaced[name] += updated.replaced;
        return updated.spent;
      };
      const sides = { theseus: counted("theseus", theseus), swarm: counted("swarm", swarm) };
      await inTurns(sides, 1);
      replaced.theseus = 0;
      replaced.swarm = 0;
      return figure(await inTurns(sides, ROUNDS), replaced);
    } finally {
      await theseus.close();
      await swarm.leave();
    }
  });
}

async function imageId({ engine, image }: Stage): Promise<string> {
  return (await engine.json<{ Id: string }>("GET", `/images/${image}/json`)).Id;
}

type Replaced = Readonly<Record<"theseus" | "swarm", number>>;

function figure(times: Readonly<Record<"theseus" | "swarm", readonly number[]>>, replaced: Replaced): Figure {
  for (const [name, count] of Object.entries(replaced)) {
    if (count !== CONTAINERS * ROUNDS) throw new Error(`${name} replaced ${count} containers in ${ROUNDS} updates`);
  }
  const [theseus, swarm] = [median(times.theseus), median(times.swarm)];
  const counts = { theseus_replaced: replaced.theseus, swarm_replaced: replaced.swarm };
  const detail = { theseus_ms: rounded(theseus), swarm_ms: rounded(swarm), ...counts, runs: ROUNDS };
  return { ratio: theseus / swarm, detail };
}

export const updateSwarm: Bench = { name: "update-swarm", limit: { atMost: 1 }, measure };
