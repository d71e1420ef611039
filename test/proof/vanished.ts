// `docker rm -f` of a container of ours: how long until a lookup names a new one in its slot that answers.

import type { SeenContainer } from "../support/observed-engine.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { untilKept } from "./kept.js";
import { badAnswers } from "./observed-store.js";
import type { Report } from "./proof.js";
import { lookUp, type SeenEndpoint } from "./raw-grpc.js";
import type { Stage } from "./stage.js";

const GROUP = { service: "frail", labels: ["dev"] };
const INSTANCES = 3;

/** A stable group whose containers are going to be removed. */
export async function setUpFrail(stage: Stage, server: RunningServer): Promise<void> {
  const config = { image: stage.image, instances: INSTANCES, ports: { http: 8080 }, stop: { grace: "1s" } };
  await stage.apply(server, { "frail/dev": { ...config, update: { min_healthy_time: "1s" } } });
  await untilKept(stage, INSTANCES);
}

/** Removes that many containers, one after the other; those that were not replaced in time are violations. */
export async function removeByHand(
  stage: Stage,
  server: RunningServer,
  { times, withinMs }: { readonly times: number; readonly withinMs: number },
): Promise<Report> {
  const violations: string[] = [];
  let slowest = 0;
  for (let i = 0; i < times; i++) {
    const victim = await runningIn(stage, (i % INSTANCES) + 1);
    const begun = performance.now();
    await stage.engine.remove(victim.id);
    violations.push(...(await replaced(stage, server, { victim, withinMs })));
    slowest = Math.max(slowest, performance.now() - begun);
  }
  console.error(`outage: ${times} containers removed, the slowest was replaced in ${Math.round(slowest)} ms`);
  return { cases: times, violations };
}

async function runningIn(stage: Stage, slot: number): Promise<SeenContainer> {
  const ours = ["theseus.cluster", (await stage.store.clusterId()) ?? ""] as const;
  const found = await stage.engine.containers(ours, ["theseus.service", "frail"], ["theseus.slot", String(slot)]);
  const one = found.find(({ state }) => state === "running");
  if (one === undefined) throw new Error(`nothing runs in slot ${slot}`);
  return one;
}

type Case = { readonly victim: SeenContainer; readonly withinMs: number };

async function replaced(stage: Stage, server: RunningServer, { victim, withinMs }: Case): Promise<string[]> {
  const slot = Number(victim.labels["theseus.slot"]);
  const successor = async (): Promise<SeenEndpoint | undefined> => {
    const found = await lookUp(server.listeners.grpc, GROUP);
    return found.find((one) => one.slot === slot && one.name !== victim.name && one.ready);
  };
  try {
    const found = await until(`another container than ${victim.name} in a lookup`, successor, { withinMs });
    const info = { port_mappings: { http: { external: found.port } }, instance_host: found.address };
    const bad = await badAnswers({ ...info, name: found.name, key: "" });
    const { name } = await runningIn(stage, slot);
    return name === found.name ? bad : [...bad, `${found.name} was told, ${name} runs`];
  } catch (error) {
    return [String(error)];
  }
}
