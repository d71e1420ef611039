// What the first release that ran groups has written is taken over by the one of today: no container is replaced, what was
// left half done is finished, and what comes next works.

import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { run } from "../support/child.js";
import { ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import type { Proof, Report } from "./proof.js";
import { type GroupText, onStage, type Stage } from "./stage.js";
import { starts } from "./unreplaced.js";

/** The last one of the first stretch of work: groups, replacing, the command line; no history, no rollouts, no drains. */
const FIRST_RELEASE = "4b7314d";
const HALF_DONE = "web/half";

const execute = promisify(execFile);

/** Its sources out of the history, built beside today's libraries; its bin/theseus.js. */
async function buildFirstRelease(folder: string): Promise<string> {
  const archive = join(folder, "sources.tar");
  await execute("git", ["archive", "-o", archive, FIRST_RELEASE]);
  await execute("tar", ["-xf", archive, "-C", folder]);
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
  await execute(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: folder,
  });
  return join(folder, "bin/theseus.js");
}

function groupsOf(image: string): Record<string, GroupText> {
  const base = { image, instances: 2, ports: { http: 8080 }, stop: { grace: "1s" } };
  const health = { http: { port: "http", path: "/healthz" }, interval: "1s" };
  return {
    "web/dev,frontend": { ...base, ...{ env: { COLOUR: "blue" }, cpu: 0.1, mem: "32MiB", health } },
    "web/-": { ...base, weight: 50 },
    "job/once": { image, instances: 1, ...{ command: ["/bin/sleep", "100000"], restart: "never" } },
    "idle/none": { ...base, instances: 0 },
    [HALF_DONE]: base,
  };
}

/** One command of the first release. */
async function theseus(bin: string, server: RunningServer, ...args: string[]): Promise<void> {
  const env = { THESEUS_SERVER: server.listeners.grpc, NO_COLOR: "1" };
  const { code, stdout, stderr } = await run(process.execPath, [bin, ...args], { env });
  if (code !== 0)
    throw new Error(`the first release: theseus ${args.join(" ")} ended with ${code}\n${stdout}${stderr}`);
}

/** Groups in all states that it knew, one of them in the middle of a scale-up when it was killed. */
async function writeAsThen(stage: Stage, folder: string): Promise<void> {
  const bin = await buildFirstRelease(folder);
  const server = await stage.startServer({ bin });
  const file = join(folder, "groups.yaml");
  const groups = groupsOf(stage.image);
  await writeFile(file, JSON.stringify({ version: 1, groups: { ...groups, "gone/soon": groups["web/-"] } }));
  await theseus(bin, server, "apply", "-f", file, "--yes");
  await theseus(bin, server, "update", "web/dev,frontend", "--env", "COLOUR=green");
  await theseus(bin, server, "remove", "gone/soon", "--yes");
  await theseus(bin, server, "scale", HALF_DONE, "4", "--detach");
  await server.child.kill9();
  await stage.store.put("/services/guest/dev/containers/by-hand", JSON.stringify(BY_HAND));
}

const BY_HAND = { instance_name: "by-hand", instance_host: "10.9.9.9", instance_port: 80, port_mappings: {} };

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "theseus-first-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As Docker has it of one that was created and not started. */
const NEVER = "0001-01-01T00:00:00Z";

/**
 * What there is once today's release has taken over; `cases` are the containers that were there before. One that was
 * created and not started when the first release was killed has to stay too, and may be started.
 */
async function takenOver(stage: Stage, work: (server: RunningServer) => Promise<void>): Promise<Report> {
  const before = await starts(stage);
  const server = await stage.startServer();
  await work(server);
  const after = await starts(stage);
  const kept = new Map([...before].map(([id, startedAt]) => [id, startedAt === NEVER ? after.get(id) : startedAt]));
  const half = [...before.values()].filter((startedAt) => startedAt === NEVER).length;
  console.error(`old-state: ${before.size} containers were there, ${half} of them not started`);
  const violations = [...kept].filter(([id, startedAt]) => startedAt === undefined || after.get(id) !== startedAt);
  return { cases: before.size, violations: violations.map(([id]) => `${id.slice(0, 12)} was replaced or restarted`) };
}

async function check(): Promise<Report> {
  return await inFolder((folder) =>
    onStage(async (stage) => {
      await writeAsThen(stage, folder);
      const faults: string[] = [];
      const report = await takenOver(stage, async (server) => {
        await new ObservedGroup(stage, HALF_DONE).ready(4);
        await stage.theseus(server, "scale", "web/dev,frontend", "3");
        await stage.theseus(server, "apply", "-f", await today(folder, stage), "--yes");
        faults.push(...(await wrongWith(stage, server)));
      });
      const few = report.cases < 6 ? [`only ${report.cases} containers were there`] : [];
      return { cases: report.cases, violations: [...few, ...report.violations, ...faults] };
    }),
  );
}

/** The same groups, as a file of today: nothing in it is a change but the number that was scaled to. */
async function today(folder: string, stage: Stage): Promise<string> {
  const groups = groupsOf(stage.image);
  const frontend = { ...groups["web/dev,frontend"], instances: 3, env: { COLOUR: "green" } };
  const half = { ...groups[HALF_DONE], instances: 4 };
  const all = { ...groups, "web/dev,frontend": frontend, [HALF_DONE]: half };
  const file = join(folder, "today.yaml");
  await writeFile(file, JSON.stringify({ version: 1, groups: all }));
  return file;
}

async function wrongWith(stage: Stage, server: RunningServer): Promise<string[]> {
  const listed = JSON.parse(await stage.theseus(server, "get", "groups", "-A", "-o", "json")) as {
    readonly items: readonly { readonly ref: string; readonly status?: { readonly state?: string } }[];
  };
  const odd = listed.items.filter(({ ref, status }) => ref !== "guest/dev" && status?.state !== "steady");
  const kept = (await stage.store.under("/services/guest/dev/containers/")).get(
    "/services/guest/dev/containers/by-hand",
  );
  return [
    ...odd.map(({ ref, status }) => `${ref} is ${status?.state}`),
    ...(listed.items.length < 6 ? [`${listed.items.length} groups are told`] : []),
    ...(kept === JSON.stringify(BY_HAND) ? [] : ["the record by another hand was changed"]),
  ];
}

/** Another environment is another container. */
async function control(): Promise<Report> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    await stage.apply(server, { "web/dev": { image: stage.image, instances: 1, ports: { http: 8080 } } });
    await server.child.stop();
    return await takenOver(stage, async (next) => {
      await stage.theseus(next, "update", "web/dev", "--env", "COLOUR=red");
    });
  });
}

export const oldState: Proof = { name: "old-state", check, control };
