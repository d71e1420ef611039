// An engine that stands still in the middle of a call, or is killed and comes back: nothing is lost and nothing is there
// twice, whether or not its containers outlive it.

import { systemClock as clock } from "../../../src/system.js";
import type { Proof, Report, Size } from "../proof.js";
import { type Kill, killed } from "./killed.js";
import { type Call, Scene } from "./scene.js";

const CONVERGES_WITHIN_MS = 30_000;

type Pause = { readonly call: Call; readonly afterMs: number; readonly lengthMs: number };

async function standStill(scene: Scene, { call, afterMs, lengthMs }: Pause): Promise<string[]> {
  const reached = scene.pauseAt(call, afterMs);
  reached.catch(() => undefined);
  await scene.ask();
  await reached;
  await clock.sleep(lengthMs);
  scene.engine.resume();
  const back = Date.now();
  const late = await scene.settled(CONVERGES_WITHIN_MS).then(
    () => [],
    async (error: Error) => [error.message, ...(await scene.faults())],
  );
  const name = `${call}, ${afterMs} ms after it, for ${lengthMs} ms`;
  console.error(`engine-faults: ${name}: as asked ${Date.now() - back} ms after it went on`);
  return late.map((text) => `${name}: ${text}`);
}

/** One after the other on one engine. */
function paused(pauses: readonly Pause[]): Promise<Report> {
  return Scene.on(async (scene) => {
    const violations: string[] = [];
    for (const pause of pauses) violations.push(...(await standStill(scene, pause)));
    return { cases: pauses.length, violations: [...violations, ...scene.doubles()] };
  });
}

const CALLS: readonly Call[] = ["create", "start", "stop", "remove"];
/** Before the engine hears of the call, and in the middle of it. */
const FULL: readonly Pause[] = CALLS.flatMap((call) => [
  { call, afterMs: 0, lengthMs: 5_000 },
  { call, afterMs: 15, lengthMs: 5_000 },
  { call, afterMs: 0, lengthMs: 30_000 },
  { call, afterMs: 0, lengthMs: 120_000 },
]);
const SMALL: readonly Pause[] = [{ call: "create", afterMs: 0, lengthMs: 3_000 }];

/** How the engine is killed, and how long nobody starts it again. */
const KILLS: readonly Kill[] = [
  { livesOn: true, awayMs: 0 },
  { livesOn: true, awayMs: 7_000 },
  { livesOn: true, awayMs: 1_000, inUpdate: true },
  { livesOn: false, awayMs: 0 },
  { livesOn: false, awayMs: 0, isUnstable: true },
  { livesOn: false, awayMs: 1_000, inUpdate: true },
];

async function check(size: Size): Promise<Report> {
  const reports = [await paused(size === "full" ? FULL : SMALL)];
  if (size === "full") for (const kill of KILLS) reports.push(await killed(kill));
  return {
    cases: reports.reduce((sum, { cases }) => sum + cases, 0),
    violations: reports.flatMap(({ violations }) => violations),
  };
}

/** What was meant is forgotten while the engine stands still: then what it does late is nobody's. */
async function control(): Promise<Report> {
  return await Scene.on(async (scene) => {
    const reached = scene.pauseAt("create", 0);
    reached.catch(() => undefined);
    await scene.ask();
    await reached;
    await scene.server.child.kill9();
    await scene.stage.store.remove(`${scene.group.key}/containers/`, "--prefix");
    scene.engine.resume();
    await scene.stage.startServer({ dockerSocket: scene.proxy.socket });
    await scene.settled(CONVERGES_WITHIN_MS).catch(() => undefined);
    return { cases: 1, violations: [...(await scene.faults()), ...scene.doubles()] };
  });
}

export const engineFaults: Proof = { name: "engine-faults", check, control };
