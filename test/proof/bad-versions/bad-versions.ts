// A bad version of a group never costs more than was promised: it is taken back by itself, once, and the one who asked is
// told why. Where taking it back fails too, that is said, with how many still serve.

import type { Proof, Report, Size } from "../proof.js";
import { startDatabase } from "../rollout/database.js";
import { BAD, type Bad, INSTANCES, leastOf, MAX_PARALLEL, ORDERS, type Order, SIGNS } from "../rollout/program.js";
import { Scene } from "../rollout/scene.js";

const EXIT = { rolloutFailed: 7, rolledBack: 8 };
const SHAPE = { minHealthyTime: "2s", progressDeadline: "60s" };
const GOOD = { MODE: "good" };

type Case = { readonly bad: Bad; readonly order: Order };

/** Fails, is taken back, and the good version is there again. */
async function takenBack(scene: Scene, { bad, order }: Case): Promise<string[]> {
  const before = await scene.config();
  const least = leastOf(order);
  scene.prober.expect(least, `${bad}, ${order}`);
  const { code, stdout, stderr } = await scene.update(`MODE=${bad}`);
  const said = verdictIn(stdout + stderr);
  const faults = (await scene.faultsOf(GOOD)).map((wrong) => `after it was taken back ${wrong}`);
  const { violations, samples, fewest } = await scene.prober.seen();
  const { cause, line } = SIGNS[bad];
  if (code !== EXIT.rolledBack) faults.push(`it ended with ${code}: ${said}`);
  if (!cause.test(said)) faults.push(`the cause is not told: ${said}`);
  if (!said.includes(line)) faults.push(`its log is not shown: ${said}`);
  faults.push(...(await wrongStory(scene, before.config_revision, "rolled_back")));
  console.error(
    `bad-versions: ${bad}, ${order}: exit ${code}, at least ${fewest} of ${least} served in ${samples} looks`,
  );
  return [...violations, ...faults.map((fault) => `${bad}, ${order}: ${fault}`)];
}

/** What is said at the end, after all that was told on the way. */
function verdictIn(said: string): string {
  const begin = said.lastIndexOf("\nerror: ");
  return begin < 0 ? said : said.slice(begin);
}

/** One revision asked for, one that takes it back, and no more. */
async function wrongStory(scene: Scene, before: number, end: string): Promise<string[]> {
  const [bad, back] = [before + 1, before + 2];
  const { config_revision: revision, change } = await scene.config();
  const rollouts = await scene.rollouts();
  const faults = [];
  if (revision !== back) faults.push(`rev ${before} became rev ${revision}`);
  if (change.actor !== "theseus") faults.push(`rev ${revision} is by ${change.actor}`);
  const takers = rollouts.filter(({ takes_back }) => takes_back === bad).map(({ to }) => to);
  if (takers.join() !== String(back)) faults.push(`rev ${bad} is taken back by ${takers.join(", ") || "none"}`);
  const ended = rollouts.find(({ to }) => to === bad);
  if (ended?.state !== end) faults.push(`r-${bad} is ${ended?.state}`);
  return faults;
}

/** The old version cannot come back either. */
async function stuck(scene: Scene): Promise<string[]> {
  const order = "stop-first";
  const { server, address } = await startDatabase();
  try {
    await scene.good({ ...SHAPE, order, env: { DATABASE: address } });
    const before = await scene.config();
    scene.prober.expect(leastOf(order), "the way back is closed");
    server.close();
    const { code, stdout, stderr } = await scene.update("MODE=exits");
    const said = verdictIn(stdout + stderr);
    const { violations, fewest } = await scene.prober.seen();
    const faults = await wrongStory(scene, before.config_revision, "rollback_failed");
    const serving = `${INSTANCES - MAX_PARALLEL} of ${INSTANCES}`;
    if (code !== EXIT.rolloutFailed) faults.push(`it ended with ${code}: ${said}`);
    if (!said.includes("ROLLBACK_FAILED")) faults.push(`it does not say ROLLBACK_FAILED: ${said}`);
    if (!said.includes(serving)) faults.push(`it does not say that ${serving} serve: ${said}`);
    console.error(`bad-versions: the way back is closed: exit ${code}, at least ${fewest} served`);
    return [...violations, ...faults.map((fault) => `the way back is closed: ${fault}`)];
  } finally {
    server.close();
  }
}

const SMALL: readonly Case[] = [{ bad: "exits", order: "start-first" }];

async function check(size: Size): Promise<Report> {
  const all = ORDERS.flatMap((order) => BAD.map((bad) => ({ bad, order })));
  const cases = size === "full" ? all : SMALL;
  return await Scene.on(async (scene) => {
    const violations: string[] = [];
    let order: Order | undefined;
    for (const one of cases) {
      if (one.order !== order) await scene.good({ ...SHAPE, order: one.order });
      order = one.order;
      violations.push(...(await takenBack(scene, one)));
    }
    if (size === "full") violations.push(...(await stuck(scene)));
    return { cases: cases.length, violations };
  });
}

/** All of them replaced at once, as by hand. */
function control(): Promise<Report> {
  return Scene.on(async (scene) => {
    await scene.good({ ...SHAPE, order: "stop-first" });
    await scene.server.child.kill9();
    scene.prober.expect(leastOf("stop-first"), "all at once");
    const { engine } = scene.stage;
    const found = await scene.group.containers();
    await Promise.all(found.map(({ id }) => engine.json("POST", `/containers/${id}/restart?t=0`)));
    const { samples, violations } = await scene.prober.seen();
    return { cases: samples, violations };
  });
}

export const badVersions: Proof = { name: "bad-versions", check, control };
