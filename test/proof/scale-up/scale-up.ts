// From inside containers: a channel by a service's name calls each new container within a second of its readiness, a
// watch handler runs once per change, and getNodeList waits for its minimum, and in vain when it has to.

import { randomBytes } from "node:crypto";
import { type Connection, connect } from "../../../clients/index.js";
import { builtClientFiles } from "../../support/client-in-image.js";
import { engineRequest } from "../../support/engine-api.js";
import { importNodeImage } from "../../support/images.js";
import { ObservedGroup } from "../../support/observed-group.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { PROGRAMS, type Program } from "./programs.js";
import { ReadyTimes } from "./ready-times.js";

const FIRST = 2;
const WITHIN_MS = 1_000;
/** For how long a call is waited for that comes too late. */
const PATIENCE = { withinMs: 3_000, everyMs: 100 };
/** The engine is asked for what they have said. */
const OFTEN = { everyMs: 200 };

/** What the programs say. */
type Said = {
  readonly answered?: string;
  readonly at?: number;
  readonly calls?: number;
  readonly failed?: string;
  readonly initial?: boolean;
  readonly run?: readonly string[];
  readonly reason?: string;
  readonly after?: number;
  readonly minimum?: number;
  readonly list?: readonly string[];
};

type Scene = {
  readonly stage: Stage;
  readonly client: Connection;
  readonly image: string;
  readonly greeter: ObservedGroup;
  readonly times: ReadyTimes;
};

async function imageOf(stage: Stage): Promise<string> {
  const tag = `theseus-scale-up-${randomBytes(4).toString("hex")}:1`;
  stage.keepImage(tag);
  const programs = Object.entries(PROGRAMS).map(([name, text]) => [`/app/${name}`, text]);
  const files = { ...(await builtClientFiles("/app")), ...Object.fromEntries(programs) };
  await importNodeImage(stage.engine.socket, tag, { files, changes: ["WORKDIR /app"] });
  return tag;
}

async function connected(server: RunningServer): Promise<Connection> {
  const client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
  return client;
}

/** On a stage where two greeters are ready. */
function onScene(work: (scene: Scene) => Promise<Report>): Promise<Report> {
  return onStage(async (stage) => {
    const [server, image] = await Promise.all([stage.startServer(), imageOf(stage)]);
    const greeter = new ObservedGroup(stage, "greeter/dev");
    const client = await connected(server);
    const times = await ReadyTimes.of(stage.etcd.endpoint, greeter.key);
    try {
      const ports = [{ name: "grpc", container: 50_051 }];
      const config = { image, args: ["greeter.mjs"], instances: FIRST, ports };
      await client.theseus.createGroup({ group: greeter.ref, config });
      await times.ready(FIRST);
      return await work({ stage, client, image, greeter, times });
    } finally {
      times.close();
      client.close();
    }
  });
}

/** A group of one container that runs this program. */
async function start({ stage, client, image }: Scene, program: Program): Promise<ObservedGroup> {
  const group = new ObservedGroup(stage, `${program.replace(".mjs", "")}/dev`);
  const env = program === "handler.mjs" ? { WATCHES: "greeter" } : {};
  const health = { check: { $case: "none" as const, value: {} } };
  await client.theseus.createGroup({ group: group.ref, config: { image, args: [program], instances: 1, env, health } });
  return group;
}

/** All that the containers of a group have said so far, or the one of this name. */
async function saidBy(stage: Stage, group: ObservedGroup, name?: string): Promise<Said[]> {
  const those = (await group.containers()).filter((one) => name === undefined || one.name === name);
  const texts = those.map(async ({ id }) => {
    const { body } = await engineRequest(stage.engine.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
    return body.split("\n").flatMap((line) => /\{.*\}$/.exec(line)?.[0] ?? []);
  });
  return (await Promise.all(texts)).flat().map((line) => JSON.parse(line) as Said);
}

/** Milliseconds from the readiness of the newest to its first answered call; undefined when there was none for long. */
async function oneMore({ stage, client, greeter, times }: Scene, instances: number): Promise<number | undefined> {
  const before = new Set(times.times.keys());
  await client.theseus.updateGroup({ group: greeter.ref, config: { instances }, updateMask: ["instances"] });
  const name = (await times.ready(instances)).find((one) => !before.has(one));
  if (name === undefined) throw new Error("another container has become ready than a new one");
  const answered = async () => (await saidBy(stage, greeter, name)).find((said) => said.answered === name)?.at;
  const at = await until(`a call of ${name}`, answered, PATIENCE).catch(() => undefined);
  return at === undefined ? undefined : at - (times.times.get(name) ?? 0);
}

type Delays = { readonly delays: readonly number[]; readonly violations: readonly string[] };

async function scaleUp(scene: Scene, caller: ObservedGroup, count: number): Promise<Delays> {
  const calls = async () => (await saidBy(scene.stage, caller)).some((said) => (said.calls ?? 0) > 0);
  await until("calls", calls, OFTEN);
  const delays: number[] = [];
  const violations: string[] = [];
  for (let instances = FIRST + 1; instances <= FIRST + count; instances += 1) {
    const delay = await oneMore(scene, instances);
    if (delay !== undefined) delays.push(delay);
    if (delay === undefined)
      violations.push(`the container number ${instances} was not called for ${PATIENCE.withinMs} ms`);
    else if (delay > WITHIN_MS) violations.push(`the container number ${instances} was called after ${delay} ms`);
  }
  return { delays, violations };
}

async function failedCalls(stage: Stage, caller: ObservedGroup): Promise<{ calls: number; violations: string[] }> {
  const said = await saidBy(stage, caller);
  const failed = said.flatMap((one) => (one.failed === undefined ? [] : [`a call failed: ${one.failed}`]));
  return { calls: Math.max(0, ...said.map(({ calls }) => calls ?? 0)), violations: failed };
}

/** One run at first, and one for each change that etcd told of; each for one more, the first alone as such. */
async function handlerRuns(scene: Scene, handler: ObservedGroup, changes: number): Promise<Delays> {
  const runs = async () => (await saidBy(scene.stage, handler)).filter(({ run }) => run !== undefined);
  const wanted = Array.from({ length: changes + 1 }, (_, index) => FIRST + index);
  const isOver = async () => (await runs()).length >= wanted.length;
  await until("the handler's runs", isOver, PATIENCE).catch(() => undefined);
  const found = await runs();
  const seen = found.map(({ run, initial }) => `${run?.length}${initial ? " initial" : ""}`).join(", ");
  const right = wanted.map((nodes, index) => `${nodes}${index === 0 ? " initial" : ""}`).join(", ");
  const violations = seen === right ? [] : [`the handler has run for ${seen} instead of ${right}`];
  return { delays: found.map(({ run }) => run?.length ?? 0), violations };
}

async function waiterLists({ stage, times }: Scene, waiter: ObservedGroup, count: number): Promise<Delays> {
  const lists = async () => (await saidBy(stage, waiter)).filter(({ list }) => list !== undefined);
  const isOver = async () => (await lists()).length >= count;
  await until("the lists", isOver, PATIENCE).catch(() => undefined);
  const [missed, ...found] = await saidBy(stage, waiter);
  const violations = [];
  if (missed?.reason !== "NOT_ENOUGH" || (missed.after ?? 0) < 1_500)
    violations.push(`getNodeList for too many ended with ${missed?.reason} after ${missed?.after} ms of 2000`);
  if (found.length !== count) violations.push(`getNodeList has returned ${found.length} times of ${count}`);
  const readyAt = [...times.times.values()];
  const delays = found.map(({ minimum = 0, at = 0 }) => at - (readyAt[minimum - 1] ?? 0));
  for (const [index, { minimum = 0, list = [] }] of found.entries()) {
    if (list.length < minimum || new Set(list).size !== list.length)
      violations.push(`getNodeList for ${minimum} has returned ${list.join()}`);
    if ((delays[index] ?? 0) > WITHIN_MS) violations.push(`getNodeList for ${minimum} came after ${delays[index]} ms`);
  }
  return { delays, violations };
}

function figures(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  return `median ${sorted[Math.floor(sorted.length / 2)]} ms, most ${sorted.at(-1)} ms`;
}

async function check(size: Size): Promise<Report> {
  const count = size === "full" ? 20 : 2;
  return await onScene(async (scene) => {
    const { stage, times } = scene;
    const programs = ["caller.mjs", "handler.mjs", "waiter.mjs"] as const;
    const [caller, handler, waiter] = await Promise.all(programs.map((program) => start(scene, program)));
    if (!(caller && handler && waiter)) throw new Error("a group is missing");
    const hasRun = async () => (await saidBy(stage, handler)).some(({ run }) => run?.length === FIRST);
    await until("the handler's first run", hasRun, OFTEN);
    await until("a list in vain", async () => (await saidBy(stage, waiter)).length > 0, OFTEN);
    const before = times.changes;
    const ups = await scaleUp(scene, caller, count);
    const { calls, violations } = await failedCalls(stage, caller);
    const runs = await handlerRuns(scene, handler, times.changes - before);
    const lists = await waiterLists(scene, waiter, count);
    console.error(
      `scale-up: ${ups.delays.length} new containers answered a call (${figures(ups.delays)}) of ${calls} calls; ` +
        `${runs.delays.length} runs for ${times.changes - before} changes; ` +
        `${lists.delays.length} lists for a minimum (${figures(lists.delays)})`,
    );
    return {
      cases: ups.delays.length,
      violations: [...ups.violations, ...violations, ...runs.violations, ...lists.violations],
    };
  });
}

/** The caller asks where they are once a minute. */
async function control(): Promise<Report> {
  return await onScene(async (scene) => {
    const { delays, violations } = await scaleUp(scene, await start(scene, "poller.mjs"), 1);
    return { cases: delays.length, violations };
  });
}

export const scaleUpProof: Proof = { name: "scale-up", check, control };
