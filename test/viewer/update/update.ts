// Proof `viewer-update`: a real rolling update as the page shows it. Lanes move without a reload, no more than a second
// behind what the server tells; the capacity line never shows more than a prober of its own saw; and a failed version
// shows its exit code, its last lines and the way back where it happened.

import type { Page } from "playwright-core";
import type { Proof, Report, Size } from "../../proof/proof.js";
import { GROUP, goodGroup, importProgram, SIGNS } from "../../proof/rollout/program.js";
import { onStage, type Stage } from "../../proof/stage.js";
import { ObservedGroup } from "../../support/observed-group.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import { visit } from "../support/browser.js";
import { look } from "../support/inside.js";
import { settled } from "../support/screens.js";
import { CapacityProber } from "./capacity-prober.js";
import { behind, Follower, type Shown } from "./told.js";

/** The page is coalesced to four looks a second, and the observers look ten times. */
const BEHIND_MS = 1_000;
/** What the page says of a container is what a probe found; its next one may be half a second away. */
const DELAY_MS = 1_500;
const FEWEST = { moves: 4, looks: 20 };
const SHAPE = { order: "start-first", minHealthyTime: "1s", progressDeadline: "60s" } as const;
const ROUNDS: Readonly<Record<Size, number>> = { small: 1, full: 3 };

type Scene = {
  readonly stage: Stage;
  readonly server: RunningServer;
  readonly prober: CapacityProber;
  readonly group: ObservedGroup;
  readonly page: Page;
  readonly url: string;
};

async function onScene(work: (scene: Scene) => Promise<Report>): Promise<Report> {
  return await onStage(
    async (stage) => {
      const [server, image] = await Promise.all([stage.startServer({ viewer: "127.0.0.1:0" }), importProgram(stage)]);
      const url = `${server.listeners.viewer}/`;
      const cluster = await until("the cluster's id", () => stage.store.clusterId());
      const prober = new CapacityProber({ socket: stage.engine.socket, cluster }, GROUP, "/healthz");
      const seen = await visit(url, { height: 1400 });
      try {
        await stage.apply(server, { [GROUP]: goodGroup(image, SHAPE) });
        const group = new ObservedGroup(stage, GROUP);
        const report = await work({ stage, server, prober, group, page: seen.page, url });
        return { ...report, violations: [...report.violations, ...seen.faults] };
      } finally {
        await seen.close();
        await prober.stop();
      }
    },
    { kind: "embedded" },
  );
}

const revisionOf = async ({ stage, group }: Scene): Promise<number> => {
  const key = `${group.key}/config`;
  return (JSON.parse((await stage.store.under(key)).get(key) ?? "{}") as { config_revision: number }).config_revision;
};

type Followed = { readonly cases: number; readonly faults: readonly string[]; readonly rev: number };

/** Asks for another version, and looks at the page until it is over. @param before what is done with the page first. */
async function followed(scene: Scene, env: string, before = async (): Promise<void> => undefined): Promise<Followed> {
  const { page, url, server, group, prober } = scene;
  const rev = (await revisionOf(scene)) + 1;
  await page.goto(`${url}group?ns=default&ref=${GROUP}&tab=rollouts`);
  await settled({ page }, "group");
  const asked = server.theseus(["update", GROUP, "--env", env], { patienceMs: 120_000 });
  await until("the update to be written", async () => (await revisionOf(scene)) >= rev, { everyMs: 10 });
  // From the address bar, once; from then on nothing is loaded any more.
  await page.goto(`${url}rollout?ns=default&ref=${GROUP}&rev=${rev}`);
  await settled({ page }, "rollout");
  await page.evaluate("globalThis.sameDocument = true");
  await before();
  const follower = new Follower(page, server.listeners.grpc, { ref: group.ref, rev });
  const { stderr } = await asked;
  await new Promise((done) => setTimeout(done, DELAY_MS));
  await follower.stop();
  const { told, shown } = follower;
  const moves = new Set(shown.map(({ lanes }) => lanes)).size;
  const late = behind(told, shown, BEHIND_MS);
  const lies = overstated(shown, prober);
  console.error(
    `viewer-update: ${env}: ${shown.length} looks, ${told.length} answers, ${moves} pictures, ${late.length} late`,
  );
  const faults = [...late.slice(0, 5), ...lies.slice(0, 5)];
  if (moves < FEWEST.moves) faults.push(`the lanes were seen in ${moves} positions only`);
  if (shown.length < FEWEST.looks || told.length < FEWEST.moves) faults.push(`too few looks: ${stderr.slice(-300)}`);
  if (!(await page.evaluate<boolean>("globalThis.sameDocument === true"))) faults.push("the page was loaded again");
  return { cases: shown.length, faults: faults.map((fault) => `${env}: ${fault}`), rev };
}

function overstated(shown: readonly Shown[], prober: CapacityProber): readonly string[] {
  return shown.flatMap((one) => {
    const most = prober.most(one.at - DELAY_MS, one.at);
    if (one.new < 0 || most === undefined || one.new + one.old <= most) return [];
    const time = new Date(one.at).toISOString().slice(11, 23);
    return [`${time}: the page shows ${one.new} + ${one.old} ready, a prober saw ${most}`];
  });
}

/** After a version that exits: what the page says of it, where it happened. */
async function failureShown({ page, url }: Scene, rev: number): Promise<readonly string[]> {
  const { line } = SIGNS.exits;
  const faults: string[] = [];
  const missing = async (what: string, selector: string): Promise<void> => {
    const found = page.locator(selector).first();
    await found.waitFor({ timeout: 5_000 }).catch(() => faults.push(`${what} is not shown at ${page.url()}`));
  };
  await missing("the exit code", `[data-lane] [data-evidence][data-exit="3"]:has-text("exit code 3")`);
  await missing("its last line", `[data-lane] [data-last-lines]:has-text("${line}")`);
  await missing("the way back", `h3:has-text("back to rev ${rev - 1}")`);
  await missing("that it was rolled back", `:text("rolled back")`);
  await page.goto(`${url}group?ns=default&ref=${GROUP}&tab=rollouts`);
  await settled({ page }, "group");
  await missing("the failed rollout", `tr[data-rev="${rev}"] [data-state="rolled-back"]`);
  const live = await look(page, "layoutFaults");
  return [...faults, ...live];
}

async function check(size: Size): Promise<Report> {
  return await onScene(async (scene) => {
    const found: Followed[] = [];
    for (let round = 0; round < ROUNDS[size]; round++) found.push(await followed(scene, `ROUND=${round}`));
    const bad = await followed(scene, "MODE=exits");
    const failure = await failureShown(scene, bad.rev);
    const all = [...found, bad];
    const violations = [...all.flatMap(({ faults }) => faults), ...failure];
    return { cases: all.reduce((sum, { cases }) => sum + cases, 0), violations };
  });
}

/** The same update on a page that a person holds still. */
async function control(): Promise<Report> {
  return await onScene(async (scene) => {
    const { cases, faults } = await followed(scene, "ROUND=held", () => scene.page.keyboard.press("p"));
    return { cases, violations: faults };
  });
}

export const viewerUpdate: Proof = { name: "viewer-update", check, control };
