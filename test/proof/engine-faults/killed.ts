// dockerd is killed by kill -9 and started again. With live-restore its containers do not notice, and nobody is told
// anything; without it they all end: the engine brings back those that are stable, and of the others it is seen and mended
// in time. Either way its events are followed again.

import { systemClock as clock } from "../../../src/system.js";
import { until } from "../../support/until.js";
import type { Report } from "../proof.js";
import { INSTANCES, Scene } from "./scene.js";

const LIVE_RESTORE = "--live-restore";
const SEEN_WITHIN_MS = 2_000;
const WHOLE_WITHIN_MS = 10_000;
const CONVERGES_WITHIN_MS = 30_000;

/** Longer than any of this takes. */
const NEVER_STABLE = "5m";

export type Kill = {
  /** Its containers do. */
  readonly livesOn: boolean;
  readonly awayMs: number;
  /** In the middle of one; then it is whole again within the time that an update may take. */
  readonly inUpdate?: boolean;
  /** The engine does not start them again by itself. */
  readonly isUnstable?: boolean;
};

export function killed(kill: Kill): Promise<Report> {
  const { livesOn, awayMs, inUpdate = false, isUnstable = false } = kill;
  const more = `${inUpdate ? ", in an update" : ""}${isUnstable ? ", before they were stable" : ""}`;
  const name = `${livesOn ? "live-restore" : "no live-restore"}, away for ${awayMs} ms${more}`;
  const work = async (scene: Scene): Promise<Report> => {
    const found = inUpdate ? await duringUpdate(scene, awayMs) : await atRest(scene, kill, name);
    const seen = [...found, ...(await followsAgain(scene)), ...scene.doubles()];
    return { cases: INSTANCES, violations: seen.map((text) => `${name}: ${text}`) };
  };
  return Scene.on(work, isUnstable ? NEVER_STABLE : "0s", ...(livesOn ? [LIVE_RESTORE] : []));
}

async function atRest(scene: Scene, { livesOn, awayMs, isUnstable = false }: Kill, name: string): Promise<string[]> {
  if (!isUnstable) await scene.group.stable();
  const startsOf = async () => (await scene.inspected()).map(({ Id, State }) => `${Id} ${State.StartedAt}`).join();
  const before = await startsOf();
  const { revision } = scene.log;
  const { back, listings } = await scene.restart(awayMs);
  const patience = { withinMs: SEEN_WITHIN_MS };
  const looked = await until("a look", () => scene.proxy.listings > listings && Date.now(), patience).catch(() => back);
  const isWhole = scene.settled(CONVERGES_WITHIN_MS);
  const faults = await isWhole.then(
    () => [],
    (error: Error) => [error.message],
  );
  const took = Date.now() - back;
  // A change that was planned before may still be written.
  await clock.sleep(SEEN_WITHIN_MS);
  const told = scene.log.writes.filter((one) => one.revision > revision && one.key.startsWith("/services/"));
  const toldAfter = (told[0]?.at ?? Number.POSITIVE_INFINITY) - back;
  console.error(
    `engine-faults: ${name}: looked at after ${looked - back} ms, told after ${toldAfter} ms, whole after ${took} ms`,
  );
  const slow = [
    ...(looked === back ? ["nobody looked in time"] : []),
    ...(isUnstable && toldAfter > SEEN_WITHIN_MS ? [`it was told after ${toldAfter} ms`] : []),
    ...(took > WHOLE_WITHIN_MS ? [`it took ${took} ms until all were there again`] : []),
  ];
  if (!livesOn) return [...faults, ...slow];
  const again = (await startsOf()) === before ? [] : ["containers were started again"];
  return [...faults, ...slow, ...again, ...told.map(({ key, value }) => `told: ${key} ${value}`)];
}

async function duringUpdate(scene: Scene, awayMs: number): Promise<string[]> {
  const reached = scene.reached("start");
  reached.catch(() => undefined);
  await scene.ask();
  await reached;
  await scene.restart(awayMs);
  return await scene.settled(CONVERGES_WITHIN_MS).then(
    () => [],
    async (error: Error) => [error.message, ...(await scene.faults())],
  );
}

/** What another hand does on the engine that came back is seen, and mended. */
async function followsAgain(scene: Scene): Promise<string[]> {
  const [lost] = await scene.group.containers();
  if (lost === undefined) return ["there is none to remove"];
  await scene.stage.engine.remove(lost.id);
  const isReplaced = async () => {
    const found = await scene.group.containers();
    return found.every(({ id }) => id !== lost.id) && (await scene.faults()).length === 0;
  };
  return await until("what was removed by hand to be replaced", isReplaced, { withinMs: WHOLE_WITHIN_MS, everyMs: 200 })
    .then(() => [])
    .catch((error: Error) => [error.message]);
}
