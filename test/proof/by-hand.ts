// Somebody stops, kills, renames or removes containers of ours with `docker`: soon as many serve as were asked for,
// each under a name that the store knows, and nothing else is touched.

import { engineRequest } from "../support/engine-api.js";
import type { SeenContainer } from "../support/observed-engine.js";
import { ObservedGroup } from "../support/observed-group.js";
import { until } from "../support/until.js";
import { badAnswers } from "./observed-store.js";
import type { Proof, Report, Size } from "./proof.js";
import { onStage, type Stage } from "./stage.js";

const GROUP = "web/dev";
const INSTANCES = 3;
const RESTORED_WITHIN_MS = 10_000;
/** The control waits for so long. */
const PATIENCE_MS = 3_000;

/** What is asked of the engine, by the container's id. */
const HANDS = {
  stop: (id: string) => ["POST", `/containers/${id}/stop?t=1`],
  kill: (id: string) => ["POST", `/containers/${id}/kill`],
  rename: (id: string) => ["POST", `/containers/${id}/rename?name=renamed-${id.slice(0, 12)}`],
  remove: (id: string) => ["DELETE", `/containers/${id}?force=true`],
} as const;
type Hand = keyof typeof HANDS;

/** What is wrong afterwards. */
async function touched(stage: Stage, group: ObservedGroup, hand: Hand, withinMs: number): Promise<string[]> {
  const before = await group.containers();
  const [victim, ...others] = before;
  if (victim === undefined) throw new Error("there is no container");
  const [method = "", path = ""] = HANDS[hand](victim.id);
  const { status, body } = await engineRequest(stage.engine.socket, method, path);
  if (status >= 400) throw new Error(`${hand}: ${status} ${body}`);
  const begun = performance.now();
  const isRestored = async () => (await wrong(group, victim, hand)).length === 0;
  const late = await until(`${hand} to be mended`, isRestored, { withinMs, everyMs: 200 }).then(
    () => [],
    async (error: Error) => [error.message, ...(await wrong(group, victim, hand))],
  );
  console.error(`by-hand: ${hand}, mended after ${Math.round(performance.now() - begun)} ms`);
  const left = new Set((await group.containers()).map(({ id }) => id));
  const gone = others.filter(({ id }) => !left.has(id)).map(({ name }) => `${name} is gone, which nobody touched`);
  return [...late, ...gone].map((text) => `${hand}: ${text}`);
}

async function wrong(group: ObservedGroup, victim: SeenContainer, hand: Hand): Promise<string[]> {
  const found = (await group.containers()).filter(({ state }) => state === "running");
  const slots = found.map(({ labels }) => labels["theseus.slot"]).join();
  const ready = (await group.infos()).filter(({ state }) => state === "ready");
  // One that was renamed goes on serving, or another one takes its place.
  const isSame = hand !== "rename" && found.some(({ id, name }) => id === victim.id && name !== victim.name);
  const silent = ready.length === INSTANCES ? (await Promise.all(ready.map(badAnswers))).flat() : [];
  return [
    ...(slots === "1,2,3" ? [] : [`slots ${slots} run`]),
    ...(ready.length === INSTANCES ? silent : [`${ready.length} are told ready`]),
    ...(isSame ? [`${victim.name} has another name`] : []),
  ];
}

async function onGroup(work: (stage: Stage, group: ObservedGroup) => Promise<string[]>): Promise<string[]> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    const config = { image: stage.image, instances: INSTANCES, ports: { http: 8080 }, stop: { grace: "1s" } };
    await stage.apply(server, { [GROUP]: { ...config, update: { min_healthy_time: "0s" } } });
    const group = new ObservedGroup(stage, GROUP);
    await group.stable();
    return await work(stage, group).finally(() => server.child.stop());
  });
}

async function check(size: Size): Promise<Report> {
  const all = Object.keys(HANDS) as Hand[];
  const hands = size === "full" ? [...all, ...all] : all.filter((hand) => hand === "stop" || hand === "rename");
  const violations = await onGroup(async (stage, group) => {
    const found: string[] = [];
    for (const hand of hands) found.push(...(await touched(stage, group, hand, RESTORED_WITHIN_MS)));
    return found;
  });
  return { cases: hands.length, violations };
}

/** Nobody is there who mends anything. */
async function control(): Promise<Report> {
  const violations = await onStage(async (stage) => {
    const server = await stage.startServer();
    const config = { image: stage.image, instances: INSTANCES, ports: { http: 8080 } };
    await stage.apply(server, { [GROUP]: { ...config, update: { min_healthy_time: "0s" } } });
    await server.child.kill9();
    return await touched(stage, new ObservedGroup(stage, GROUP), "stop", PATIENCE_MS);
  });
  return { cases: 1, violations };
}

export const byHand: Proof = { name: "by-hand", check, control };
