// The two that are compared: the simulated engine on a virtual clock, and the machine's Docker, each behind its Runtime.

import { setTimeout as pause } from "node:timers/promises";
import type { Ownership } from "../../../src/model/container.js";
import { TheseusError } from "../../../src/model/errors.js";
import type { ContainerSpec, Runtime } from "../../../src/model/ports.js";
import { Engine } from "../../simulation/world/engine.js";
import { EngineLink } from "../../simulation/world/engine-link.js";
import { Fate, NO_FAULTS } from "../../simulation/world/faults.js";
import { GOOD, Images } from "../../simulation/world/images.js";
import { Process } from "../../simulation/world/process.js";
import { Seeded } from "../../simulation/world/seeded.js";
import { Timeline } from "../../simulation/world/timeline.js";
import { engineRequest } from "../../support/engine-api.js";
import { useEngine } from "../../support/start-docker.js";
import { testRuntime } from "../../support/test-runtime.js";
import type { Step } from "./commands.js";

export type Side = {
  readonly name: string;
  /** What it answers, in words that are the same on both. */
  run(step: Step): Promise<string>;
  /** What it has, likewise. */
  state(): Promise<string>;
  end(): Promise<void>;
};

type Parts = {
  readonly name: string;
  readonly runtime: Runtime;
  /** Of that number; another owner has the same name. */
  readonly spec: (number: number, asAnother: boolean) => ContainerSpec;
  /** As by hand. */
  readonly kill: (id: string) => Promise<void>;
  /** Lets it work until the call has ended. */
  readonly during: <T>(call: Promise<T>) => Promise<T>;
  readonly end: () => Promise<void>;
};

/** `docker kill` and the engine's word for it may be apart for a moment. */
const SETTLED_MS = 40;
const GRACE_MS = 3000;

function sideOf({ name, runtime, spec, kill, during, end }: Parts): Side {
  const ids = new Map<number, string>();
  const idOf = (number: number): string => ids.get(number) ?? "0123456789ab";
  const create = async (number: number, asAnother: boolean): Promise<string> => {
    const { id } = await runtime.create(spec(number, asAnother));
    const isSame = ids.get(number) === id;
    ids.set(number, id);
    return isSame ? "the same" : "another";
  };
  const act = async ({ kind, number }: Step): Promise<string | undefined> => {
    const id = idOf(number);
    switch (kind) {
      case "create":
      case "create again":
        return await create(number, false);
      case "create as another":
        return await create(number, true);
      case "start":
        return void (await runtime.start(id));
      case "stop":
        return void (await runtime.stop(id, GRACE_MS));
      case "kill":
        return void (await kill(id));
      case "remove":
        return void (await runtime.remove(id));
      case "policy no":
        return void (await runtime.setRestartPolicy(id, "no"));
      case "policy unless-stopped":
        return void (await runtime.setRestartPolicy(id, "unless-stopped"));
      case "list":
        return String((await runtime.list()).ours.length);
      case "aftermath": {
        const told = await runtime.aftermath(id);
        return told === undefined ? "gone" : `${told.exitCode === undefined ? "not ended" : "ended"}`;
      }
    }
  };
  return {
    name,
    run: (step) =>
      during(
        act(step).then(
          (answer) => answer ?? "done",
          (error: unknown) => (error instanceof TheseusError ? error.reason : String(error)),
        ),
      ),
    state: async () => {
      const { ours } = await during(runtime.list());
      const inOrder = [...ours].sort((a, b) => a.owner.generation - b.owner.generation);
      const told = inOrder.map(({ owner, status, restartPolicy, startedAt, finishedAt }) => {
        const times = [startedAt === undefined ? "" : "s", finishedAt === undefined ? "" : "f"].join("");
        return `${owner.generation}:${status}:${restartPolicy}:${times}`;
      });
      return `[${told.join(" ")}]`;
    },
    end,
  };
}

export function simulatedSide(): Side {
  const timeline = new Timeline();
  const chance = new Seeded("engine model");
  const images = new Images(chance.of("images"));
  const engine = new Engine(timeline, images);
  const process = new Process("test", timeline);
  const fate = new Fate(NO_FAULTS, chance);
  const runtime = new EngineLink({ engine, images, process, fate, chance, sending: () => undefined });
  const during = async <T>(call: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    call.then(over, over);
    await timeline.run(timeline.now + 60_000, () => !isOver);
    return await call;
  };
  return sideOf({
    ...{ name: "the simulated engine", runtime, during },
    spec: (number, asAnother) => plainSpec(`${GOOD[0]}@sha256:1`, number, ownerOf("c", number, asAnother)),
    kill: async (id) => {
      const container = engine.containers.get(id);
      if (container !== undefined) engine.stopByHand(container);
    },
    end: async () => undefined,
  });
}

/** The machine's own; it leaves nothing behind. */
export async function startRealSide(): Promise<Side> {
  const { socket, stop } = await useEngine();
  const test = await testRuntime(socket, "127.0.0.1");
  const { runtime, clusterId } = test;
  return sideOf({
    ...{ name: "Docker", runtime },
    spec: (number, asAnother) => plainSpec(test.image, number, ownerOf(clusterId, number, asAnother)),
    kill: async (id) => {
      await engineRequest(socket, "POST", `/containers/${id}/kill`);
      await pause(SETTLED_MS);
    },
    during: (call) => call,
    end: async () => {
      await test.cleanUp();
      await stop();
    },
  });
}

function ownerOf(cluster: string, generation: number, asAnother: boolean): Ownership {
  const group = { namespace: "default", service: "web", labels: ["model"] };
  return {
    ...{ cluster, group, groupUid: `u${cluster}`, slot: asAnother ? 2 : 1, generation },
    ...{ configRevision: 1, fingerprint: "1-1" },
  };
}

function plainSpec(image: string, number: number, owner: Ownership): ContainerSpec {
  const name = `model.${number}-${owner.cluster.slice(0, 6)}`;
  return { name, hostname: name, image, owner, config: { image }, address: "127.0.0.1", hostPorts: {}, env: {} };
}
