// `make demo`: groups of examples/shop.yaml on this machine's Docker Engine, found and called, one image changed, and
// everything cleared away again. ONCE=1 ends by itself, else Ctrl-C does. Exit 1 when anything is not as it should be.

import type { RunningServer } from "../test/support/theseus.js";
import { type Called, callEverything, type Round } from "./demo/endpoints.js";
import { Stage } from "./demo/stage.js";

const CHANGED_GROUP = "web/dev,frontend";
const INTERRUPTED = 130;
const FILE = "examples/shop.yaml";

const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => ending.abort(new Error("stopped")));

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Shows one command of the command line and what it prints. */
async function show(server: RunningServer, env: Record<string, string>, ...args: string[]): Promise<void> {
  say(`\n$ theseus ${args.join(" ")}`);
  const ended = await server.theseus(args, { env, signal: ending.signal });
  process.stdout.write(ended.stdout + ended.stderr);
  ending.signal.throwIfAborted();
  if (ended.code !== 0) throw new Error(`theseus ${args.join(" ")} ended with ${ended.code}`);
}

function showCalls({ called }: Round): void {
  for (const { group, container, url, version } of called) {
    say(
      `  ${group.padEnd(20)} ${url.padEnd(28)} ${version === undefined ? "NO ANSWER" : `version ${version}`}  ${container}`,
    );
  }
}

/** One group's container asks another group's endpoint. */
async function callFromInside(stage: Stage, called: readonly Called[]): Promise<boolean> {
  const asked = called.find(({ group }) => group === CHANGED_GROUP);
  const asking = called.find(({ group }) => group.startsWith("api/"));
  if (asked === undefined || asking === undefined) return false;
  say(`\nfrom inside ${asking.container}:\n$ wget -qO- ${asked.url}`);
  const body = await stage.engine.exec(asking.container, ["wget", "-qO-", asked.url]);
  say(body.trim());
  return body.includes(`"${asked.container}"`);
}

type Verdict = { readonly ok: boolean; readonly line: string };

/** Counted from bodies alone: each has to name its own container, and the version that its group was given. */
function judge(before: Round, after: Round): Verdict {
  const namesBefore = new Set(before.called.map(({ container }) => container));
  const answered = after.called.filter(({ version }) => version !== undefined);
  const inGroup = answered.filter(({ group }) => group === CHANGED_GROUP);
  const changed = inGroup.filter(({ version, container }) => version === "2" && !namesBefore.has(container));
  const others = answered.filter(({ group }) => group !== CHANGED_GROUP);
  const untouched = others.every(({ version, container }) => version === "1" && namesBefore.has(container));
  const rounds = [before, after].every(
    ({ called, expected }) => called.length === expected && called.every(({ version }) => version !== undefined),
  );
  return {
    ok: rounds && untouched && changed.length === inGroup.length && changed.length > 0,
    line: `endpoints ${after.called.length}, answered ${answered.length}, changed ${containers(changed)}`,
  };
}

const containers = (called: readonly Called[]): number => new Set(called.map(({ container }) => container)).size;

async function play(stage: Stage): Promise<Verdict> {
  say("making images, starting a server");
  const server = await stage.setUp(ending.signal);
  const { grpc } = server.listeners;
  const images = { SHOP_WEB: stage.images.web, SHOP_API: stage.images.api };
  await show(server, images, "apply", "-f", FILE, "-m", "the demo opens");
  await show(server, {}, "get", "groups");
  say("\nevery endpoint that discovery knows, called over HTTP:");
  const before = await callEverything(grpc);
  showCalls(before);
  const inside = await callFromInside(stage, before.called);
  await show(server, {}, "set", "image", CHANGED_GROUP, stage.images.newWeb, "-m", "a new version");
  await show(server, {}, "get", "containers");
  say("\nand all of them once more:");
  const after = await callEverything(grpc);
  showCalls(after);
  const verdict = judge(before, after);
  say(`\n${verdict.line}`);
  if (!process.env["ONCE"]) await stay(grpc);
  return { ...verdict, ok: verdict.ok && inside };
}

async function stay(server: string): Promise<void> {
  say(`\nit runs on; try for example
  node bin/theseus.js --server ${server} describe ${CHANGED_GROUP}
  node bin/theseus.js --server ${server} scale ${CHANGED_GROUP} 4
  node bin/theseus.js --server ${server} discover web -l prod
Ctrl-C ends it and clears everything away.`);
  const wait = setInterval(() => undefined, 60_000);
  await new Promise((resolve) => ending.signal.addEventListener("abort", resolve));
  clearInterval(wait);
}

/** The exit code. */
async function main(): Promise<number> {
  const stage = new Stage(["web", "api"]);
  let code = 1;
  try {
    if ((await play(stage)).ok) code = 0;
  } catch (error) {
    if (ending.signal.aborted) code = INTERRUPTED;
    else process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  say("\nclearing away");
  const left = await stage.strike();
  if (left.length > 0) process.stderr.write(`Theseus had left behind ${left.join(" ")}\n`);
  return code === 0 && left.length > 0 ? 1 : code;
}

process.exit(await main());
