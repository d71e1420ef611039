// A bad group file changes nothing and is told whole: made from the published schema, read by the real command line
// against a running server, judged by its exit code and its places, by the store's history and the engine's events.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "../../support/run-cli.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { changedKeys, storeRevision } from "../store-history.js";
import { keysWithoutSample, otherCases, severalFaults, singleFaults } from "./cases.js";
import { ATTACHED, SAMPLES } from "./good-files.js";
import { type Case, complaintsAbout, type Said } from "./judge.js";
import { write } from "./yaml-tree.js";

const SEED = 20_261_122;
const LEAST = { small: 150, full: 2000 };

/** Where nothing may be written: all that people ask for, and what Theseus keeps of it. */
const WATCHED = ["/services", "/namespaces", "/theseus/requests", "/theseus/slots", "/theseus/history"];

function casesOf(size: Size): Case[] {
  const full = size === "full";
  return [...singleFaults(full), ...severalFaults(full ? 300 : 15, mulberry(SEED)), ...otherCases()];
}

/** Of a seed, always the same numbers from 0 to 1. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The built command line, in this process or in one of its own. */
type Teller = (argv: readonly string[], folder: string) => Promise<Said>;

async function builtIn(server: RunningServer): Promise<Teller> {
  const built = new URL("../../../dist/clients/cli/main.js", import.meta.url).href;
  const { run } = (await import(built)) as typeof import("../../../clients/cli/main.js");
  const env = { THESEUS_SERVER: server.listeners.grpc };
  return (argv, folder) => runCli(argv, { env, cwd: folder }, run);
}

function asProcess(server: RunningServer): Teller {
  return async (argv, cwd) => {
    const { code, ...texts } = await server.theseus(argv, { cwd, patienceMs: 20_000 });
    return { exit: code, ...texts };
  };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "theseus-bad-files-"));
  try {
    for (const [name, text] of Object.entries(ATTACHED)) await writeFile(join(folder, name), text);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tried(one: Case, tell: Teller): Promise<string[]> {
  return await inFolder(async (folder) => {
    for (const { name, bytes } of one.files) await writeFile(join(folder, name), bytes);
    const files = one.files.flatMap(({ name }) => ["-f", name]);
    return complaintsAbout(one, await tell(["apply", ...files, ...(one.json ? ["-o", "json"] : [])], folder));
  });
}

/** What the store and the engine saw while the work was done. */
async function watched(stage: Stage, work: () => Promise<void>): Promise<string[]> {
  const { engine, store, etcd } = stage;
  const cluster = await until("the cluster's id", () => store.clusterId());
  const events = await engine.follow();
  const since = await storeRevision(etcd);
  await work();
  const keys = (await Promise.all(WATCHED.map((prefix) => changedKeys(etcd, prefix, since)))).flat();
  const own = events.seen.filter(({ attributes }) => attributes["theseus.cluster"] === cluster);
  events.close();
  return [...keys.map((key) => `etcd: ${key} was changed`), ...own.map(({ action }) => `engine: ${action}`)];
}

async function check(size: Size): Promise<Report> {
  const cases = casesOf(size);
  return await onStage(async (stage) => {
    const server = await stage.startServer({ flags: ["--allow-host-access"] });
    const violations = keysWithoutSample();
    const seen = await watched(stage, async () => {
      const inside = await builtIn(server);
      for (const one of cases) violations.push(...(await tried(one, inside)));
      violations.push(...(await asProcesses(cases, server, size)));
      violations.push(...(await goodOnes(inside)));
    });
    if (cases.length < LEAST[size]) violations.push(`only ${cases.length} cases could be made`);
    console.error(`bad-files: ${cases.length} bad files, ${count(cases)} faults planted in them, seed ${SEED}`);
    return { cases: cases.length, violations: [...violations, ...seen] };
  });
}

function count(cases: readonly Case[]): number {
  return cases.reduce((sum, { told }) => sum + told.length, 0);
}

/** A part of them again, spread over all, as people run them. */
async function asProcesses(cases: readonly Case[], server: RunningServer, size: Size): Promise<string[]> {
  const step = Math.floor(cases.length / (size === "full" ? 48 : 4));
  const chosen = cases.filter((_, i) => i % step === step - 1);
  const results: string[] = [];
  const queue = chosen.values();
  const worker = async () => {
    for (const one of queue) results.push(...(await tried(one, asProcess(server))));
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/** The same files without a fault: a generator of nonsense would be refused, too. */
async function goodOnes(tell: Teller): Promise<string[]> {
  const good = SAMPLES.filter(({ refused }) => refused === undefined);
  const results = good.map(({ name, root }) =>
    inFolder(async (folder) => {
      await writeFile(join(folder, "good.yaml"), write(root).text);
      const { exit, stderr } = await tell(["plan", "-f", "good.yaml"], folder);
      return exit === 0 ? [] : [`the good file ${name} ended with ${exit}: ${stderr}`];
    }),
  );
  return (await Promise.all(results)).flat();
}

/** A good file in place of a bad one: the judge, the store's history and the engine's events each have to find it. */
async function control(): Promise<Report> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    const text = JSON.stringify({ version: 1, groups: { "web/-": { image: stage.image, ports: { http: 8080 } } } });
    const file = { name: "bad.yaml", bytes: Buffer.from(text) };
    const one = { name: "a good file", files: [file], told: [{ file: "bad.yaml", line: 1, col: 1 }], json: false };
    const complaints: string[] = [];
    const seen = await watched(stage, async () => {
      complaints.push(...(await tried(one, await builtIn(server))));
      const started = async () => (await stage.store.infos()).length > 0;
      await until("the good file's container", started);
    });
    const kinds = [complaints, seen.filter((line) => line.includes("/services/web")), seen.filter(isEngines)];
    const blind = kinds.some((found) => found.length === 0);
    return { cases: 1, violations: blind ? [] : [...complaints, ...seen] };
  });
}

function isEngines(line: string): boolean {
  return line === "engine: create" || line === "engine: start";
}

export const badFiles: Proof = { name: "bad-files", check, control };
