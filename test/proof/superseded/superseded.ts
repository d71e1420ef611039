// A newer change takes the place of one that is under way, whenever it comes: the group becomes as the newest one says,
// never with fewer than were promised, and who waited for the older one is told. A rollout that stands still for longer
// than its deadline goes on when it may, and going back keeps the number of instances.

import { setTimeout as pause } from "node:timers/promises";
import { type Connection, connect } from "../../../clients/index.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { GROUP, INSTANCES, leastOf, ORDERS, type Order } from "../rollout/program.js";
import { Scene } from "../rollout/scene.js";

const EXIT = { ok: 0, superseded: 13 };
const SHAPE = { minHealthyTime: "500ms", progressDeadline: "60s" };
const SLOW = { withinMs: 60_000, everyMs: 100 };
const PROGRESS_MS = 6_000;
const STILL_MS = 1.5 * PROGRESS_MS;

type Round = { readonly wasUnderWay: boolean; readonly faults: readonly string[] };

/** One change through the command line, which waits for it, and another one so much later. */
async function overtaken(scene: Scene, client: Connection, { order, name, afterMs }: Moment): Promise<Round> {
  const before = (await scene.config()).config_revision;
  scene.prober.expect(leastOf(order), name);
  const waiter = scene.update(`V=${name}-old`);
  await isAsked(scene, before);
  await pause(afterMs);
  const env = { V: `${name}-new` };
  await client.theseus.updateGroup({ group: scene.group.ref, config: { env }, updateMask: ["env.V"] });
  const { code, stderr } = await waiter;
  const faults = [];
  await until("the newest alone", async () => (await scene.faultsOf(env)).length === 0, SLOW).catch(async () =>
    faults.push(`it did not become the newest: ${(await scene.faultsOf(env)).join(", ")}`),
  );
  faults.push(...(await scene.prober.seen()).violations);
  const wasUnderWay = code !== EXIT.ok;
  if (wasUnderWay && code !== EXIT.superseded) faults.push(`who waited for the old one ended with ${code}: ${stderr}`);
  if (wasUnderWay) faults.push(...(await wrongStory(scene, before)));
  return { wasUnderWay, faults: faults.map((fault) => `${name}, ${order}, after ${Math.round(afterMs)} ms: ${fault}`) };
}

type Moment = { readonly order: Order; readonly name: string; readonly afterMs: number };

async function isAsked(scene: Scene, before: number): Promise<void> {
  await until("the change to be asked for", async () => (await scene.config()).config_revision > before);
}

/** The one was superseded by the other, which came to its end. */
async function wrongStory(scene: Scene, before: number): Promise<string[]> {
  const [older, newer] = [before + 1, before + 2];
  const { config_revision: revision } = await scene.config();
  const faults = revision === newer ? [] : [`rev ${before} became rev ${revision}`];
  const stateOf = async (to: number) => (await scene.rollouts()).find((one) => one.to === to);
  const isDone = async () => (await stateOf(newer))?.state === "done";
  await until("the end of the newer", isDone, SLOW).catch(async () =>
    faults.push(`r-${newer} is ${(await stateOf(newer))?.state}`),
  );
  const { state, superseded_by: by } = (await stateOf(older)) ?? {};
  if (state !== "superseded" || by !== newer) faults.push(`r-${older} is ${state} by ${by}`);
  return faults;
}

/** How long one takes that nobody disturbs, in milliseconds. */
async function durationOf(scene: Scene): Promise<number> {
  const before = (await scene.config()).config_revision;
  const waiter = scene.update("V=undisturbed");
  await isAsked(scene, before);
  const begun = performance.now();
  await waiter;
  return performance.now() - begun;
}

async function rounds(scene: Scene, client: Connection, wanted: number): Promise<Round[]> {
  const all: Round[] = [];
  for (const [turn, order] of ORDERS.entries()) {
    const enough = turn === 0 ? Math.floor(wanted / 2) : wanted;
    if (enough === 0) continue;
    await scene.good({ ...SHAPE, order });
    const duration = await durationOf(scene);
    for (let tries = 0; underWay(all) < enough && tries < 2 * wanted; tries += 1) {
      const moment = { order, name: `n${all.length}`, afterMs: Math.random() * duration };
      all.push(await overtaken(scene, client, moment));
    }
  }
  return all;
}

const underWay = (all: readonly Round[]): number => all.filter(({ wasUnderWay }) => wasUnderWay).length;

/** Stands still for longer than its progress deadline, and then goes on. */
async function heldUp(scene: Scene): Promise<string[]> {
  const order = "stop-first";
  await scene.good({ ...SHAPE, order, minHealthyTime: "1s", progressDeadline: `${PROGRESS_MS}ms` });
  scene.prober.expect(leastOf(order), "paused");
  const renewed = async () => (await scene.environments()).filter(({ env }) => env.includes("V=paused")).length;
  const waiter = scene.update("V=paused");
  await until("the first to be replaced", async () => (await renewed()) > 0, SLOW);
  const faults = [];
  const held = await scene.theseus("rollout", "pause", GROUP);
  if (held.code !== EXIT.ok) faults.push(`pausing ended with ${held.code}: ${held.stderr}`);
  await pause(STILL_MS / 2);
  const there = await renewed();
  await pause(STILL_MS);
  const later = await renewed();
  if (there === INSTANCES || later !== there) faults.push(`while it was paused, ${there} new ones became ${later}`);
  const [newest] = await scene.rollouts();
  if (newest?.state !== "paused") faults.push(`r-${newest?.to} is ${newest?.state}`);
  const { code: resumed, stderr } = await scene.theseus("rollout", "resume", GROUP);
  if (resumed !== EXIT.ok) faults.push(`resuming ended with ${resumed}: ${stderr}`);
  const { code, stderr: why } = await waiter;
  if (code !== EXIT.ok) faults.push(`who waited all the while ended with ${code}: ${why}`);
  faults.push(...(await scene.faultsOf({ V: "paused" })), ...(await scene.prober.seen()).violations);
  return faults.map((fault) => `paused: ${fault}`);
}

/** Goes back over a scale, to a revision by its number and to the last stable one. */
async function undone(scene: Scene): Promise<string[]> {
  const faults: string[] = [];
  const done = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await scene.theseus(...args);
    if (code !== EXIT.ok) faults.push(`theseus ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
  };
  const fewer = INSTANCES - 2;
  await scene.good({ ...SHAPE, order: "start-first", env: { V: "first" } });
  const first = (await scene.config()).config_revision;
  await done("update", GROUP, "--env", "V=second");
  await done("scale", GROUP, String(fewer), "--yes");
  await done("rollout", "undo", `${GROUP}@${first}`, "--yes");
  faults.push(...(await scene.faultsOf({ V: "first" }, fewer)));
  await done("update", GROUP, "--env", "V=third");
  await done("rollout", "undo", GROUP, "--yes");
  faults.push(...(await scene.faultsOf({ V: "first" }, fewer)));
  return faults.map((fault) => `undo after a scale: ${fault}`);
}

async function check(size: Size): Promise<Report> {
  const wanted = size === "full" ? 100 : 1;
  return await Scene.on(async (scene) => {
    const client = connect(scene.server.listeners.grpc);
    try {
      const all = await rounds(scene, client, wanted);
      const caught = underWay(all);
      console.error(`superseded: ${all.length} rounds, in ${caught} of them the older one was under way`);
      const violations = all.flatMap(({ faults }) => faults);
      if (caught < wanted) violations.push(`only ${caught} of ${wanted} were superseded under way`);
      if (size === "full") violations.push(...(await heldUp(scene)), ...(await undone(scene)));
      return { cases: caught, violations };
    } finally {
      client.close();
    }
  });
}

/** Somebody takes the group away and makes it anew instead of superseding. */
function control(): Promise<Report> {
  return Scene.on(async (scene) => {
    const order = "start-first";
    await scene.good({ ...SHAPE, order });
    const before = (await scene.config()).config_revision;
    scene.prober.expect(leastOf(order), "removed");
    const waiter = scene.update("V=old");
    await isAsked(scene, before);
    await scene.theseus("remove", GROUP, "--yes");
    const { code } = await waiter;
    const { violations } = await scene.prober.seen();
    return { cases: 1, violations: code === EXIT.superseded ? violations : [...violations, `it ended with ${code}`] };
  });
}

export const superseded: Proof = { name: "superseded", check, control };
