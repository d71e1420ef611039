// kill -9 of the server at any changing call to Docker while a group is scaled from 2 to 8, right before the engine hears
// of the call or right before the server hears the answer: afterwards there are 8, each slot and generation once. And at
// any call and transaction of an update.

import { EngineProxy, type HoldPoint } from "../support/engine-proxy.js";
import type { SeenContainer, SeenEvent } from "../support/observed-engine.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { sweep } from "./crash-sweep.js";
import { badAnswers } from "./observed-store.js";
import type { Proof, Report, Size } from "./proof.js";
import { type KindOfStore, onStage, type Stage } from "./stage.js";

const FROM = 2;
const TO = 8;
/** Creates, starts and restart policies of the new containers. */
const FEWEST_CALLS = 18;
/** The stores of the lanes. Most of the time is waiting: for a lease to end, for containers. */
const LANES: readonly KindOfStore[] = ["etcd", "embedded"];
const CONVERGES_WITHIN_MS = 60_000;
/** Longer than any pause of a scheduler that still has something to do. */
const QUIET_MS = 2500;

type Point = { readonly call: number; readonly point: HoldPoint };
type Scene = { readonly stage: Stage; readonly proxy: EngineProxy };

const start = ({ stage, proxy }: Scene): Promise<RunningServer> => stage.startServer({ dockerSocket: proxy.socket });

async function onScene<T>(work: (scene: Scene) => Promise<T>, kind: KindOfStore = "etcd"): Promise<T> {
  const begin = async (stage: Stage) => {
    const proxy = await EngineProxy.start();
    try {
      return await work({ stage, proxy });
    } finally {
      await stage.strike();
      await proxy.close();
    }
  };
  return await onStage(begin, { kind });
}

/** A group of its own for each point, as `crash/k7`, running with FROM instances and left alone by the scheduler. */
async function prepare({ stage, proxy }: Scene, server: RunningServer, labels: string): Promise<SeenContainer[]> {
  const update = { min_healthy_time: "500ms" };
  const config = {
    image: stage.image,
    instances: FROM,
    ports: { http: 8080 },
    stop: { grace: "1s", ack_deadline: "500ms" },
    update,
  };
  await stage.apply(server, { [`crash/${labels}`]: config });
  await quiet(proxy);
  return await group(stage, labels);
}

async function group(stage: Stage, labels: string): Promise<SeenContainer[]> {
  const cluster = (await stage.store.clusterId()) ?? "";
  const ours = ["theseus.cluster", cluster] as const;
  return await stage.engine.containers(ours, ["theseus.service", "crash"], ["theseus.labels", labels]);
}

async function quiet(proxy: EngineProxy): Promise<void> {
  let count = -1;
  let since = performance.now();
  await until("the scheduler to have nothing to do", () => {
    if (proxy.changes.length !== count) {
      count = proxy.changes.length;
      since = performance.now();
    }
    return performance.now() - since > QUIET_MS;
  });
}

/** As many running containers as that, and as many ready ones in the store, and nothing more to do. */
async function converged({ stage, proxy }: Scene, labels: string): Promise<void> {
  const settled = async () => {
    const running = (await group(stage, labels)).filter(({ state }) => state === "running");
    const ready = (await stage.store.infos(`/services/crash/${labels}/`)).filter(({ state }) => state === "ready");
    return running.length >= TO && ready.length >= TO;
  };
  await until(`${TO} containers`, settled, { withinMs: CONVERGES_WITHIN_MS });
  await quiet(proxy);
}

/** How many changing calls an undisturbed scale makes. */
async function countCalls(scene: Scene, server: RunningServer): Promise<number> {
  await prepare(scene, server, "whole");
  scene.proxy.reset();
  await scene.stage.theseus(server, "scale", "crash/whole", String(TO));
  await quiet(scene.proxy);
  return scene.proxy.changes.length;
}

async function crashAt(scene: Scene, server: RunningServer, at: Point, labels: string): Promise<RunningServer> {
  scene.proxy.reset();
  const held = scene.proxy.holdAt(at.call, at.point);
  await scene.stage.theseus(server, "scale", `crash/${labels}`, String(TO), "--detach");
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`changing call ${at.call} never came`)), 30_000).unref();
  });
  await Promise.race([held, late]);
  await server.child.kill9();
  scene.proxy.reset();
  return await start(scene);
}

async function violationsOf({ stage }: Scene, labels: string, before: readonly SeenContainer[]): Promise<string[]> {
  const found = await group(stage, labels);
  const prefix = `/services/crash/${labels}/`;
  const infos = await stage.store.infos(prefix);
  const names = found.map(({ name }) => name).sort();
  const slots = found.map(({ labels: l }) => Number(l["theseus.slot"])).sort((a, b) => a - b);
  const wanted = Array.from({ length: TO }, (_, i) => i + 1);
  const ids = new Set(found.map(({ id }) => id));
  return [
    ...found.filter(({ state }) => state !== "running").map(({ name, state }) => `${name} is ${state}`),
    ...differs("slots", slots, wanted),
    ...differs("intents", (await stage.store.intents(prefix)).sort(), names),
    ...differs("infos", infos.map(({ name }) => name).sort(), names),
    ...before.filter(({ id }) => !ids.has(id)).map(({ name }) => `${name} ran before and was replaced`),
    ...(await Promise.all(infos.map(badAnswers))).flat(),
  ];
}

function differs(what: string, are: readonly unknown[], wanted: readonly unknown[]): string[] {
  return are.join() === wanted.join() ? [] : [`${what} are ${are.join(" ")}, not ${wanted.join(" ")}`];
}

/** Over the whole time: no slot and generation started in two containers, and never more than TO at once. */
function doublesIn(events: readonly SeenEvent[], labels: string, before: readonly SeenContainer[]): string[] {
  const violations: string[] = [];
  const owners = new Map<string, string>();
  const running = new Set(before.map(({ id }) => id));
  for (const { id, action, attributes } of events) {
    if (attributes["theseus.labels"] !== labels || attributes["theseus.service"] !== "crash") continue;
    if (action === "die") running.delete(id);
    if (action !== "start") continue;
    running.add(id);
    const place = `slot ${attributes["theseus.slot"]} generation ${attributes["theseus.generation"]}`;
    if ((owners.get(place) ?? id) !== id) violations.push(`${place} was started twice`);
    owners.set(place, id);
    if (running.size > TO) violations.push(`${running.size} ran at once`);
  }
  return violations;
}

async function checkPoint(
  scene: Scene,
  server: RunningServer,
  at: Point,
): Promise<{ next: RunningServer; violations: string[] }> {
  const labels = `${at.point}-${at.call}`;
  const before = await prepare(scene, server, labels);
  const events = await scene.stage.engine.follow();
  try {
    const next = await crashAt(scene, server, at, labels);
    const late = await converged(scene, labels).then(
      () => [],
      (error: Error) => [error.message],
    );
    const violations = [
      ...late,
      ...(await violationsOf(scene, labels, before)),
      ...doublesIn(events.seen, labels, before),
    ];
    await scene.stage.theseus(next, "remove", `crash/${labels}`, "--yes");
    return { next, violations: violations.map((text) => `${at.point} call ${at.call}: ${text}`) };
  } finally {
    events.close();
  }
}

function pointsFor(size: Size, calls: number): Point[] {
  const all = Array.from({ length: calls }, (_, i) => i + 1);
  const both = all.flatMap((call): Point[] => [
    { call, point: "unheard" },
    { call, point: "unanswered" },
  ]);
  if (size === "full") return both;
  return both.filter(({ call, point }) => call === (point === "unheard" ? 2 : Math.ceil(calls / 2)));
}

/** Works through the points that are still waiting, on a scene of its own. */
async function crashThrough(waiting: Point[], kind: KindOfStore): Promise<string[]> {
  const work = async (scene: Scene) => {
    const violations: string[] = [];
    let server = await start(scene);
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
      const done = await checkPoint(scene, server, at);
      violations.push(...done.violations);
      server = done.next;
    }
    return violations;
  };
  return await onScene(work, kind);
}

async function check(size: Size): Promise<Report> {
  const calls = await onScene(async (scene) => countCalls(scene, await start(scene)));
  const few = calls < FEWEST_CALLS ? [`the whole scale made ${calls} changing calls`] : [];
  const points = pointsFor(size, calls);
  const waiting = [...points];
  const lanes = await Promise.allSettled(LANES.map((kind) => crashThrough(waiting, kind)));
  const found = lanes.flatMap((lane) => (lane.status === "fulfilled" ? lane.value : [String(lane.reason)]));
  const swept = await sweep(size);
  return { cases: points.length + swept.cases, violations: [...few, ...found, ...swept.violations] };
}

/** Intents are what makes a crash harmless; here they are gone when the next server comes. */
async function control(): Promise<Report> {
  return await onScene(async (scene) => {
    const server = await start(scene);
    const before = await prepare(scene, server, "bare");
    await scene.stage.theseus(server, "scale", "crash/bare", String(TO));
    await server.child.kill9();
    await scene.stage.store.remove("/services/crash/bare/containers/", "--prefix");
    await start(scene);
    const more = async () => (await group(scene.stage, "bare")).length > TO;
    await until("surplus containers", more, { withinMs: 20_000 }).catch(() => undefined);
    return { cases: 1, violations: await violationsOf(scene, "bare", before) };
  });
}

export const crash: Proof = { name: "crash", check, control };
