// What is lost comes back: a container removed by another hand is replaced and discovered in time; and when the server
// is down, the engine alone brings back every stable container, which the next server then leaves as it is.

import { EngineProxy } from "../support/engine-proxy.js";
import type { PrivateEngine } from "../support/start-docker.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { type Inspected, inspectOurs, isKept, untilKept } from "./kept.js";
import type { Proof, Report, Size } from "./proof.js";
import { type GroupText, onPrivateStage, onStage, type Stage } from "./stage.js";
import { removeByHand, setUpFrail } from "./vanished.js";

const DISCOVERED_WITHIN_MS = 10_000;
const GROUP = "web/dev";
/** Of the engine's own pace only: nobody else starts them. */
const RUNS_WITHIN_MS = 30_000;

/** A group that is stable, and maybe one that never will be; the server is down afterwards. */
async function setUp(stage: Stage, instances: number, more: Readonly<Record<string, GroupText>> = {}): Promise<void> {
  const server = await stage.startServer();
  const config = { image: stage.image, instances, ports: { http: 8080 }, stop: { grace: "1s" } };
  await stage.apply(server, { [GROUP]: { ...config, update: { min_healthy_time: "1s" } }, ...more });
  await untilKept(stage, instances);
  await server.child.stop();
}

/**
 * Takes the engine away and brings it back, and waits for those that it is to run again by itself; what ran before and
 * does not run again, by the engine's word.
 */
async function interrupt(stage: Stage, engine: PrivateEngine, how: "stop" | "kill"): Promise<string[]> {
  const before = await inspectOurs(stage);
  await engine[how]();
  await engine.start();
  const missing = async (wanted: readonly Inspected[]): Promise<string[]> => {
    const now = new Map((await inspectOurs(stage)).map((one) => [one.Id, one]));
    return wanted.flatMap(({ Id, Name, State }) => {
      const one = now.get(Id);
      if (one === undefined) return [`${how}: ${Name} is gone`];
      if (!one.State.Running) return [`${how}: ${Name} does not run again`];
      return one.State.StartedAt === State.StartedAt ? [`${how}: ${Name} was never interrupted`] : [];
    });
  };
  const kept = async () => (await missing(before.filter(isKept))).length === 0;
  await until("the stable ones to run again", kept, { withinMs: RUNS_WITHIN_MS }).catch(() => undefined);
  return await missing(before);
}

/** Who answers at each endpoint that the command line discovers, called from beside the engine. */
async function badEndpoints(stage: Stage, server: RunningServer, engine: PrivateEngine): Promise<string[]> {
  const lines = (await stage.theseus(server, "discover", GROUP, "-o", "host:port")).trim().split("\n");
  const names = new Set((await inspectOurs(stage)).map(({ Name }) => Name.slice(1)));
  const answers = await Promise.all(lines.map((place) => engine.run("busybox", "wget", "-qO-", `http://${place}/`)));
  const answered = new Set(answers.map((answer) => (JSON.parse(answer) as { container: string }).container));
  const silent = [...names].filter((name) => !answered.has(name)).map((name) => `${name} is not discovered`);
  return [...silent, ...(answered.size === names.size ? [] : [`${answered.size} of ${names.size} answer`])];
}

/** The next server takes over what runs: afterwards there is one more, which it was asked for, and no other is new. */
async function takenOver(stage: Stage, engine: PrivateEngine, instances: number): Promise<string[]> {
  const before = await inspectOurs(stage);
  const events = await stage.engine.follow();
  const server = await stage.startServer();
  await stage.theseus(server, "server", "status", "--wait");
  await stage.theseus(server, "scale", GROUP, String(instances + 1));
  const after = new Map((await inspectOurs(stage)).map((one) => [one.Id, one]));
  events.close();
  const ended = events.seen.filter(({ action }) => ["die", "kill", "stop", "destroy"].includes(action));
  return [
    ...before.filter(({ Id }) => !after.has(Id)).map(({ Name }) => `the next server replaced ${Name}`),
    ...ended.map(({ action, attributes }) => `the next server: ${action} ${attributes["name"]}`),
    ...(after.size === instances + 1 ? [] : [`${after.size} containers, not ${instances + 1}`]),
    ...(await badEndpoints(stage, server, engine)),
  ];
}

async function engineAway(instances: number): Promise<Report> {
  return await onPrivateStage(async (stage, engine) => {
    await setUp(stage, instances);
    const violations = [
      ...(await interrupt(stage, engine, "stop")),
      ...(await interrupt(stage, engine, "kill")),
      ...(await takenOver(stage, engine, instances)),
    ];
    return { cases: 3 * instances, violations };
  });
}

async function removed(times: number): Promise<Report> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    await setUpFrail(stage, server);
    return await removeByHand(stage, server, { times, withinMs: DISCOVERED_WITHIN_MS });
  });
}

async function check(size: Size): Promise<Report> {
  const [times, instances] = size === "full" ? [6, 8] : [1, 2];
  const one = await removed(times);
  const other = await engineAway(instances);
  return { cases: one.cases + other.cases, violations: [...one.violations, ...other.violations] };
}

/** What the engine is not told to keep or to make does not come back. Finds nothing as soon as one part finds nothing. */
async function control(): Promise<Report> {
  const parts = [await neverStable(), await engineUnasked()];
  const blind = parts.some((violations) => violations.length === 0);
  return { cases: parts.length, violations: blind ? [] : parts.flat() };
}

/** Beside a stable one, one that never is: it alone stays away, however the engine went. */
async function neverStable(): Promise<string[]> {
  return await onPrivateStage(async (stage, engine) => {
    await setUp(stage, 1, { "once/dev": { image: stage.image, instances: 1, restart: "never" } });
    const found = await interrupt(stage, engine, "kill");
    if (found.every((text) => text.includes("once.dev"))) return found;
    throw new Error(`not only those that never were stable: ${found.join("; ")}`);
  });
}

async function engineUnasked(): Promise<string[]> {
  return await onStage(async (stage) => {
    const proxy = await EngineProxy.start();
    try {
      const server = await stage.startServer({ dockerSocket: proxy.socket });
      await setUpFrail(stage, server);
      proxy.reset();
      void proxy.holdAt(1, "unheard");
      return [...(await removeByHand(stage, server, { times: 1, withinMs: 3000 })).violations];
    } finally {
      await stage.strike();
      await proxy.close();
    }
  });
}

export const outage: Proof = { name: "outage", check, control };
