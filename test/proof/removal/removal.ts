// A group is scaled to nothing, or it or its service is removed, in the middle of an update, and its host is lost in the
// middle of that: as long as a container may be there the store knows of it, and soon after the host's return none is left.

import { systemClock as clock } from "../../../src/system.js";
import { until } from "../../support/until.js";
import { type Call, GROUP, Scene } from "../engine-faults/scene.js";
import type { Proof, Report, Size } from "../proof.js";

const GONE_WITHIN_MS = 30_000;
/** The control waits for so long. */
const PATIENCE_MS = 3_000;
const SERVICE = "web";

const COMMANDS = {
  scale: ["scale", GROUP, "0", "--yes", "--detach"],
  group: ["remove", GROUP, "--yes", "--detach"],
  service: ["remove", SERVICE, "--all-groups", "--yes", "--detach"],
} as const;

type Case = {
  readonly what: keyof typeof COMMANDS;
  /** The host is lost when that is asked of it. */
  readonly at: Call;
  /** It stands still, or is killed, with its containers or not. */
  readonly host: "stopped" | "killed";
  readonly awayMs: number;
};

async function play(scene: Scene, { what, at, host, awayMs }: Case): Promise<string[]> {
  const begun = scene.reached("start");
  begun.catch(() => undefined);
  await scene.ask();
  await begun;
  const lost = host === "stopped" ? scene.pauseAt(at, 0) : scene.reached(at);
  lost.catch(() => undefined);
  await scene.stage.theseus(scene.server, ...COMMANDS[what]);
  await lost;
  if (host === "killed") await scene.engine.kill();
  await clock.sleep(awayMs);
  const known = await scene.stage.store.intents(`${scene.group.key}/`);
  if (host === "stopped") scene.engine.resume();
  else await scene.engine.start();
  const back = Date.now();
  const seen = await scene.group.containers();
  const unknown = seen
    .filter(({ name }) => !known.includes(name))
    .map(({ name }) => `nobody knows of ${name} any more`);
  const left = await until("it to be gone", async () => (await leftOf(scene, what)).length === 0, {
    withinMs: GONE_WITHIN_MS,
    everyMs: 200,
  }).then(
    () => [],
    async () => await leftOf(scene, what),
  );
  const name = `${what}, lost at ${at} (${host})`;
  console.error(
    `removal: ${name}: ${seen.length} containers were there, all gone ${Date.now() - back} ms after its return`,
  );
  return [...unknown, ...left].map((text) => `${name}: ${text}`);
}

/** Containers, and what the store has of them, and of the group where that is removed. */
async function leftOf(scene: Scene, what: Case["what"]): Promise<string[]> {
  const found = await scene.group.containers();
  const keys = [
    ...(
      await scene.stage.store.under(what === "scale" ? `${scene.group.key}/containers/` : `/services/${SERVICE}`)
    ).keys(),
  ];
  return [...found.map(({ name, state }) => `${name} is ${state}`), ...keys.map((key) => `${key} is in the store`)];
}

const FULL: readonly Case[] = (["scale", "group", "service"] as const).flatMap((what): Case[] => [
  { what, at: "stop", host: "stopped", awayMs: 10_000 },
  { what, at: "remove", host: "stopped", awayMs: 5_000 },
  { what, at: "stop", host: "killed", awayMs: 5_000 },
]);
const SMALL: readonly Case[] = [{ what: "group", at: "stop", host: "stopped", awayMs: 2_000 }];

async function check(size: Size): Promise<Report> {
  const cases = size === "full" ? FULL : SMALL;
  return await Scene.on(async (scene) => {
    const violations: string[] = [];
    for (const [index, one] of cases.entries()) {
      if (index > 0) await scene.make();
      violations.push(...(await play(scene, one)));
    }
    return { cases: cases.length, violations };
  });
}

/** Nobody is there who would finish what was begun. */
async function control(): Promise<Report> {
  return await Scene.on(async (scene) => {
    const lost = scene.reached("stop");
    lost.catch(() => undefined);
    await scene.stage.theseus(scene.server, ...COMMANDS.group);
    await lost;
    await scene.server.child.kill9();
    await clock.sleep(PATIENCE_MS);
    return { cases: 1, violations: await leftOf(scene, "group") };
  });
}

export const removal: Proof = { name: "removal", check, control };
