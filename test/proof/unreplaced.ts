// Changes of a config that are not part of a container replace none, and neither does a release of Theseus that knows
// one more config key.

import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { RunningServer } from "../support/theseus.js";
import type { Proof, Report, Size } from "./proof.js";
import { type GroupText, onStage, type Stage } from "./stage.js";

const GROUP = "web/dev";

type Change = { readonly what: string; readonly config: Readonly<Record<string, unknown>> };

/** Each on top of the ones before it. */
const HARMLESS: readonly Change[] = [
  { what: "more instances", config: { instances: 3 } },
  { what: "constraints", config: { constraints: "!nowhere" } },
  { what: "update policy", config: { update: { min_healthy_time: "2s" } } },
  { what: "an http probe", config: { health: { http: { port: "http", path: "/healthz" }, interval: "1s" } } },
  { what: "another http probe", config: { health: { http: { port: "http", path: "/" }, fails: 5 } } },
  { what: "weight", config: { weight: 50 } },
];

/** By id: a container that was replaced has another one, and one that was restarted another start. */
export async function starts(stage: Stage): Promise<Map<string, string>> {
  const cluster = (await stage.store.clusterId()) ?? "";
  const seen = await stage.engine.containers(["theseus.cluster", cluster]);
  const details = seen.map(async ({ id }) => {
    const { State } = await stage.engine.json<{ State: { StartedAt: string } }>("GET", `/containers/${id}/json`);
    return [id, State.StartedAt] as const;
  });
  return new Map(await Promise.all(details));
}

function missing(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>, what: string): string[] {
  const gone = [...before].filter(([id, startedAt]) => after.get(id) !== startedAt);
  return gone.map(([id]) => `${what}: ${id.slice(0, 12)} was replaced or restarted`);
}

async function applyEach(stage: Stage, server: RunningServer, changes: readonly Change[]): Promise<Report> {
  let config: GroupText = { image: stage.image, instances: 2, ports: { http: 8080 }, stop: { grace: "1s" } };
  await stage.apply(server, { [GROUP]: config });
  const violations: string[] = [];
  for (const change of changes) {
    const before = await starts(stage);
    config = { ...config, ...change.config };
    await stage.apply(server, { [GROUP]: config });
    violations.push(...missing(before, await starts(stage), change.what));
  }
  return { cases: changes.length, violations };
}

/** A build whose configs have one more key, with a default, that is part of the fingerprint. */
async function releaseWithOneMoreKey(folder: string): Promise<string> {
  for (const path of ["dist", "bin", "package.json"]) await cp(path, join(folder, path), { recursive: true });
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
  const file = join(folder, "dist/src/model/fingerprint.js");
  const text = await readFile(file, "utf8");
  const widened = text.replace("image: pin.asked,", "image: pin.asked, extra: config.extra,");
  if (widened === text) throw new Error("fingerprint.js has another form than this proof knows");
  await writeFile(file, widened);
  const defaults = join(folder, "dist/src/model/defaults.js");
  const more = (await readFile(defaults, "utf8")).replace("DEFAULTS = {", 'DEFAULTS = { extra: "yes",');
  await writeFile(defaults, more);
  return join(folder, "bin/theseus.js");
}

async function newRelease(stage: Stage, server: RunningServer): Promise<string[]> {
  const before = await starts(stage);
  await server.child.stop();
  const folder = await mkdtemp(join(tmpdir(), "theseus-release-"));
  try {
    const next = await stage.startServer({ bin: await releaseWithOneMoreKey(folder) });
    // One more container shows that it is in office and has looked at the group.
    await stage.theseus(next, "scale", GROUP, "4");
    return missing(before, await starts(stage), "a new release");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function check(size: Size): Promise<Report> {
  const work = async (stage: Stage) => {
    const server = await stage.startServer();
    const { cases, violations } = await applyEach(stage, server, size === "full" ? HARMLESS : HARMLESS.slice(0, 4));
    return { cases: cases + 1, violations: [...violations, ...(await newRelease(stage, server))] };
  };
  return await onStage(work, { kind: "embedded" });
}

/** The environment is part of a container. */
async function control(): Promise<Report> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    return await applyEach(stage, server, [{ what: "environment", config: { env: { COLOUR: "blue" } } }]);
  });
}

export const unreplaced: Proof = { name: "unreplaced", check, control };
