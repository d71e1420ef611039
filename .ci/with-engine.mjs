// Runs a command while a Docker Engine answers at the usual socket: `node .ci/with-engine.mjs COMMAND [ARGS]`.
// If none answers and we are root, one is started, and stopped again once nobody here needs it; an engine that was
// there before is never touched. Needs no npm package. `--check` only looks, `--advise` says what its owner has to do.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const SOCKET = "/var/run/docker.sock";
const ROOM = join(dirname(dirname(fileURLToPath(import.meta.url))), ".build", "engine");
const USERS = join(ROOM, "users");
const PID = join(ROOM, "pid");
const LOG = join(ROOM, "dockerd.log");

/** "answers", or the error code that says why not. */
function ping() {
  return new Promise((resolve) => {
    const call = request({ socketPath: SOCKET, path: "/_ping", timeout: 5000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200 ? "answers" : `HTTP ${answer.statusCode}`);
    });
    call.on("timeout", () => call.destroy(Object.assign(new Error("no answer"), { code: "TIMEOUT" })));
    call.on("error", (error) => resolve(error.code ?? error.message));
    call.end();
  });
}

function advice(why) {
  if (why === "EACCES") return `no access to ${SOCKET}: sudo usermod -aG docker "$USER" (then sign in again)`;
  return `no Docker Engine answers at ${SOCKET} (${why}): sudo systemctl start docker`;
}

/** A zombie has ended; only its parent has not looked yet. */
function isAlive(pid) {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

/** The pid of an engine that one of us started and that still runs. */
function ourEngine() {
  if (!existsSync(PID)) return undefined;
  const pid = Number(readFileSync(PID, "utf8"));
  const isEngine = pid > 0 && isAlive(pid) && readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "dockerd";
  return isEngine ? pid : undefined;
}

function requireControlGroups() {
  const groups = existsSync("/sys/fs/cgroup") ? readdirSync("/sys/fs/cgroup") : [];
  if (groups.includes("cgroup.controllers") || groups.includes("memory")) return;
  fail(2, "no control groups in /sys/fs/cgroup, a Docker Engine cannot run: mount -t cgroup2 none /sys/fs/cgroup");
}

/** Detached: Ctrl-C in the terminal is for the command, which still needs the engine to tidy up. */
async function startEngine() {
  requireControlGroups();
  const log = openSync(LOG, "w");
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const engine = spawn("dockerd", [], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, PATH: path },
  });
  let ended;
  engine.on("error", (error) => {
    ended = error.message;
  });
  engine.on("exit", (code, signal) => {
    ended = `it ended with ${signal ?? code}`;
  });
  if (engine.pid !== undefined) writeFileSync(PID, String(engine.pid));
  engine.unref();
  for (let tries = 0; tries < 600 && ended === undefined; tries++) {
    if ((await ping()) === "answers") return;
    await sleep(100);
  }
  if (ended === undefined) await stopEngine(engine.pid);
  const tail = readFileSync(LOG, "utf8").trimEnd().split("\n").slice(-15).join("\n");
  fail(1, `${tail}\ncould not start a Docker Engine: ${ended ?? "it does not answer"} (all of it: ${LOG})`);
}

async function stopEngine(pid) {
  for (const [signal, patience] of [
    ["SIGTERM", 600],
    ["SIGKILL", 100],
  ]) {
    if (!isAlive(pid)) break;
    process.kill(pid, signal);
    for (let tries = 0; tries < patience && isAlive(pid); tries++) await sleep(50);
  }
  rmSync(PID, { force: true });
}

/** The last of us that leaves stops the engine that any of us started. */
async function leave() {
  rmSync(join(USERS, String(process.pid)), { force: true });
  const others = readdirSync(USERS).filter((pid) => isAlive(pid) || rmSync(join(USERS, pid), { force: true }));
  const pid = ourEngine();
  if (others.length === 0 && pid !== undefined) await stopEngine(pid);
}

async function enter() {
  mkdirSync(USERS, { recursive: true });
  writeFileSync(join(USERS, String(process.pid)), "");
  const why = await ping();
  if (why === "answers") return;
  if (process.getuid?.() !== 0) {
    rmSync(join(USERS, String(process.pid)), { force: true });
    fail(2, advice(why));
  }
  await startEngine();
}

// Ctrl-C reaches the command by itself, other signals are passed on; we stay until it has ended.
let child;
let interrupted;
function onSignal(signal) {
  interrupted = signal;
  if (signal !== "SIGINT") child?.kill(signal);
}

const shellCode = (signal) => 128 + constants.signals[signal];

/** Its exit code, as a shell would say it. */
function run(command, args) {
  if (interrupted !== undefined) return shellCode(interrupted);
  return new Promise((resolve) => {
    child = spawn(command, args, { stdio: "inherit" });
    child.on("error", (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on("exit", (code, signal) => resolve(code ?? shellCode(signal)));
  });
}

function fail(code, text) {
  console.error(text);
  process.exit(code);
}

const [command, ...args] = process.argv.slice(2);
if (command === undefined) fail(2, "usage: node .ci/with-engine.mjs COMMAND [ARGS]");
if (command === "--check") process.exit((await ping()) === "answers" ? 0 : 1);
if (command === "--advise") {
  const why = await ping();
  if (why === "answers") process.exit(0);
  console.log(advice(why));
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal);
await enter();
let code = 1;
try {
  code = await run(command, args);
} finally {
  await leave();
}
process.exit(code);
