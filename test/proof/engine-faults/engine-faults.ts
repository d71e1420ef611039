// An engine that stands still in the middle of a call, or is killed and comes back: nothing is lost and nothing is there
// twice, whether or not its containers outlive it.

import { systemClock as clock } from "../../../src/system.js";
import type { Proof, Report, Size } from "../proof.js";
import { type Call, INSTANCES, Scene } from "./scene.js";

const CONVERGES_WITHIN_MS = 30_000;
const BACK_WITHIN_MS = 10_000;
const LIVE_RESTORE = "--live-restore";

type Pause = { readonly call: Call; readonly afterMs: number; readonly lengthMs: number };

async function standStill(scene: Scene, { call, afterMs, lengthMs }: Pause): Promise<string[]> {
  const reached = scene.pauseAt(call, afterMs);
  reached.catch(() => undefined);
  await scene.ask();
  await reached;
  await clock.sleep(lengthMs);
  scene.engine.resume();
  const late = await scene.settled(CONVERGES_WITHIN_MS).then(
    () => [],
    async (error: Error) => [error.message, ...(await scene.faults())],
  );
  return late.map((text) => `${call}, ${afterMs} ms after it, for ${lengthMs} ms: ${text}`);
}

function paused(pauses: readonly Pause[]): Promise<Report> {
  return Scene.on(async (scene) => {
    const violations: string[] = [];
    for (const pause of pauses) violations.push(...(await standStill(scene, pause)));
    return { cases: pauses.length, violations: [...violations, ...scene.doubles()] };
  });
}

/** With live-restore the containers do not notice, and nobody is told anything. */
function killed(livesOn: boolean): Promise<Report> {
  return Scene.on(
    async (scene) => {
      await scene.group.stable();
      const startsOf = async () => (await scene.inspected()).map(({ Id, State }) => `${Id} ${State.StartedAt}`).join();
      const before = await startsOf();
      let took = 0;
      const told = await scene.toldDuring(async () => {
        await scene.engine.kill();
        await scene.engine.start();
        const back = Date.now();
        await scene.settled(CONVERGES_WITHIN_MS).catch(() => undefined);
        took = Date.now() - back;
      });
      const seen = [...(await scene.faults()), ...scene.doubles()];
      console.error(
        `engine-faults: ${livesOn ? "with" : "without"} live-restore, whole again ${took} ms after its return`,
      );
      if (took > BACK_WITHIN_MS) seen.push(`it took ${took} ms`);
      if (livesOn) {
        if ((await startsOf()) !== before) seen.push("containers were started again");
        seen.push(...told.map((text) => `told: ${text}`));
      }
      const word = livesOn ? "live-restore" : "no live-restore";
      return { cases: INSTANCES, violations: seen.map((text) => `${word}: ${text}`) };
    },
    ...(livesOn ? [LIVE_RESTORE] : []),
  );
}

const KINDS: readonly Call[] = ["create", "start", "stop", "remove"];
const FULL: readonly Pause[] = KINDS.flatMap((call) => [
  { call, afterMs: 0, lengthMs: 5_000 },
  { call, afterMs: 15, lengthMs: 5_000 },
  { call, afterMs: 0, lengthMs: 25_000 },
]);
const SMALL: readonly Pause[] = [{ call: "create", afterMs: 0, lengthMs: 3_000 }];

async function check(size: Size): Promise<Report> {
  const reports = [await paused(size === "full" ? FULL : SMALL)];
  if (size === "full") for (const livesOn of [true, false]) reports.push(await killed(livesOn));
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
    await scene.settled(BACK_WITHIN_MS).catch(() => undefined);
    return { cases: 1, violations: [...(await scene.faults()), ...scene.doubles()] };
  });
}

export const engineFaults: Proof = { name: "engine-faults", check, control };
