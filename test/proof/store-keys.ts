// The store has exactly the seed's paths, what it says is true of Docker and of the wire, and a record written by hand
// is found and left alone.

import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { badAnswers } from "./observed-store.js";
import type { Proof, Report, Size } from "./proof.js";
import { type GroupText, onStage, type Stage } from "./stage.js";

const SEED_PATH = /^\/services\/[^/]+(\/[^/]+(\/config|\/containers\/[^/]+(\/info)?)?)?$/;
const BY_HAND = "/services/legacy/-/containers/old-box/info";
const FOUR_FIELDS = {
  instance_name: "old-box",
  instance_host: "192.0.2.17",
  instance_port: 4711,
  port_mappings: { http: { external: 4711, exposed: 80, protocol: "tcp" } },
};

/** The shop's groups, with this stage's image and its one port. */
async function shopGroups(stage: Stage, factor: number): Promise<Record<string, GroupText>> {
  const shop = parse(await readFile("examples/shop.yaml", "utf8"), { merge: true }) as {
    groups: Record<string, { instances?: number }>;
  };
  const groups = Object.entries(shop.groups).map(([ref, { instances = 1 }]) => {
    const config = { image: stage.image, instances: instances * factor, ports: { http: 8080 }, stop: { grace: "1s" } };
    return [ref, config] as const;
  });
  return Object.fromEntries(groups);
}

/** Everything of the store under /services against the seed, Docker and the wire. */
async function compare(stage: Stage, wanted: number): Promise<string[]> {
  const keys = [...(await stage.store.under("/services")).keys()];
  const odd = keys.filter((key) => !SEED_PATH.test(key)).map((key) => `${key} is no path of the seed`);
  const infos = await stage.store.infos();
  const cluster = (await stage.store.clusterId()) ?? "";
  const running = (await stage.engine.containers(["theseus.cluster", cluster])).filter((c) => c.state === "running");
  const counts = { instances: wanted, "info keys": infos.length, "running containers": running.length };
  const uneven = new Set(Object.values(counts)).size === 1 ? [] : [`they differ: ${JSON.stringify(counts)}`];
  const names = new Set(running.map(({ name }) => name));
  const untrue = infos
    .filter(({ name }) => !names.has(name))
    .map(({ name }) => `${name} is in the store, not in Docker`);
  const bad = (await Promise.all(infos.map(badAnswers))).flat();
  return [...odd, ...uneven, ...untrue, ...bad];
}

async function discovered(server: RunningServer): Promise<boolean> {
  const { stdout } = await server.theseus(["discover", "legacy", "-o", "host:port"]);
  return stdout.includes("192.0.2.17:4711");
}

/** Within a second of the write, which is the time in which the command line has to have started, too. */
async function recordByHand(
  stage: Stage,
  server: RunningServer,
): Promise<{ violations: string[]; server: RunningServer }> {
  const violations: string[] = [];
  const within = { withinMs: 1000, everyMs: 0 };
  const see = (found: boolean) => async () => (await discovered(server)) === found;
  const expectWithinSecond = async (what: string, found: boolean): Promise<void> => {
    await until(what, see(found), within).catch((error: Error) => violations.push(error.message));
  };
  const before = JSON.stringify(FOUR_FIELDS);
  await stage.store.put(BY_HAND, before);
  await expectWithinSecond("the record written by hand", true);
  await server.child.stop();
  const next = await stage.startServer();
  await until("the next server", async () =>
    (await next.theseus(["server", "status", "--wait"])).code === 0 ? true : undefined,
  );
  const { stdout } = await next.theseus(["discover", "legacy", "-o", "host:port"]);
  if (!stdout.includes("192.0.2.17:4711")) violations.push("the record is not found after a restart of the server");
  if ((await stage.store.under(BY_HAND)).get(BY_HAND) !== before) violations.push("the record was changed");
  await stage.store.remove(BY_HAND);
  const gone = async () => !(await discovered(next));
  await until("the record to be gone", gone, within).catch((error: Error) => violations.push(error.message));
  return { violations, server: next };
}

async function check(size: Size): Promise<Report> {
  return await onStage(async (stage) => {
    const groups = await shopGroups(stage, size === "full" ? 4 : 1);
    const wanted = Object.values(groups).reduce((sum, { instances }) => sum + instances, 0);
    const server = await stage.startServer();
    await stage.apply(server, groups);
    const first = await compare(stage, wanted);
    const byHand = await recordByHand(stage, server);
    const again = await compare(stage, wanted);
    return { cases: wanted + 1, violations: [...first, ...byHand.violations, ...again] };
  });
}

/** Another hand puts a record into a running group: the store is then not what Docker is. */
async function control(): Promise<Report> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    await stage.apply(server, { "web/dev": { image: stage.image, instances: 1, ports: { http: 8080 } } });
    await server.child.kill9();
    await stage.store.put("/services/web/dev/containers/ghost/info", JSON.stringify(FOUR_FIELDS));
    return { cases: 1, violations: await compare(stage, 1) };
  });
}

export const storeKeys: Proof = { name: "store-keys", check, control };
