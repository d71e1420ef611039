// A newer change takes the place of one that is under way, whenever it comes: the group becomes as the newest one says,
// never with fewer than were promised, and who waited for the older one is told. A rollout that stands still for longer
// than its deadline goes on when it may, and going back keeps the number of instances.

import { setTimeout as pause } from "node:timers/promises";
import { type Connection, connect } from "../../../clients/index.js";
import type { Ended } from "../../support/child.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { GROUP, INSTANCES, leastOf, ORDERS, type Order } from "../rollout/program.js";
import { Scene } from "../rollout/scene.js";

const EXIT = { ok: 0, superseded: 13 };
const SHAPE = { minHealthyTime: "200ms", progressDeadline: "60s" };
const SLOW = { withinMs: 60_000, everyMs: 100 };
const PROGRESS_MS = 6_000;
const STILL_MS = 1.5 * PROGRESS_MS;

/** So many times in a row one change takes the place of another before the group may come to rest. */
const MOST_IN_A_ROW = 8;
/** Of the time that one takes: what comes later mostly finds it done. */
const UNDER_WAY = 0.8;

type Row = { readonly underWay: number; readonly faults: readonly string[] };

/** One change after the other through the command line, which waits for each, and the last one without anybody waiting. */
async function overtaken(scene: Scene, client: Connection, { order, name, moments }: Plan): Promise<Row> {
  scene.prober.expect(leastOf(order), name);
  const waiting: { revision: number; ended: Promise<Ended> }[] = [];
  for (const [i, afterMs] of moments.entries()) {
    const before = (await scene.config()).config_revision;
    const ended = scene.update(`V=${name}-${i}`);
    await isAsked(scene, before);
    waiting.push({ revision: before + 1, ended });
    await pause(afterMs);
  }
  const env = { V: `${name}-new` };
  await client.theseus.updateGroup({ group: scene.group.ref, config: { env }, updateMask: ["env.V"] });
  const faults = [];
  let underWay = 0;
  for (const { revision, ended } of waiting) {
    const { code, stderr } = await ended;
    // It may have come to its end before the next one came.
    if (code === EXIT.ok) continue;
    underWay += 1;
    if (code !== EXIT.superseded) faults.push(`who waited for rev ${revision} ended with ${code}: ${stderr}`);
    faults.push(...(await wrongEnd(scene, revision)));
  }
  await until("the newest alone", async () => (await scene.faultsOf(env)).length === 0, SLOW).catch(async () =>
    faults.push(`it did not become the newest: ${(await scene.faultsOf(env)).join(", ")}`),
  );
  faults.push(
    ...(await wrongStory(scene, (waiting.at(-1)?.revision ?? 0) + 1)),
    ...(await scene.prober.seen()).violations,
  );
  const when = moments.map((afterMs) => `${Math.round(afterMs)} ms`).join(", ");
  return { underWay, faults: faults.map((fault) => `${name}, ${order}, after ${when}: ${fault}`) };
}

type Plan = { readonly order: Order; readonly name: string; readonly moments: readonly number[] };

async function isAsked(scene: Scene, before: number): Promise<void> {
  await until("the change to be asked for", async () => (await scene.config()).config_revision > before);
}

/** The next one took its place. */
async function wrongEnd(scene: Scene, older: number): Promise<string[]> {
  const stateOf = async () => (await scene.rollouts()).find(({ to }) => to === older);
  await until("the end of the older", async () => (await stateOf())?.state === "superseded", SLOW).catch(
    () => undefined,
  );
  const { state, superseded_by: by } = (await stateOf()) ?? {};
  return state === "superseded" && by === older + 1 ? [] : [`r-${older} is ${state} by ${by}`];
}

/** The last one asked for came to its end, and nothing else was asked for. */
async function wrongStory(scene: Scene, newest: number): Promise<string[]> {
  const { config_revision: revision } = await scene.config();
  const faults = revision === newest ? [] : [`rev ${newest} became rev ${revision}`];
  const stateOf = async () => (await scene.rollouts()).find(({ to }) => to === newest)?.state;
  await until("the end of the newest", async () => (await stateOf()) === "done", SLOW).catch(async () =>
    faults.push(`r-${newest} is ${await stateOf()}`),
  );
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

async function rows(scene: Scene, client: Connection, wanted: number): Promise<Row[]> {
  const all: Row[] = [];
  for (const [turn, order] of ORDERS.entries()) {
    const enough = turn === 0 ? Math.floor(wanted / 2) : wanted;
    if (enough === 0) continue;
    await scene.good({ ...SHAPE, order });
    const duration = await durationOf(scene);
    for (let tries = 0; underWay(all) < enough && tries < 2 * wanted; tries += 1) {
      const count = Math.min(MOST_IN_A_ROW, enough - underWay(all));
      const moments = Array.from({ length: count }, () => Math.random() * UNDER_WAY * duration);
      all.push(await overtaken(scene, client, { order, name: `n${all.length}`, moments }));
    }
  }
  return all;
}

const underWay = (all: readonly Row[]): number => all.reduce((sum, row) => sum + row.underWay, 0);

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
      const begun = performance.now();
      const all = await rows(scene, client, wanted);
      const caught = underWay(all);
      const seconds = Math.round((performance.now() - begun) / 1000);
      console.error(`superseded: ${caught} times one that was under way, in ${all.length} rows, ${seconds} s`);
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
