// Docker Engines for tests: the machine's own, and private ones that share nothing with it.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { engineAnswers, engineJson, engineRequest } from "./engine-api.js";

const run = promisify(execFile);
const ANSWERS_WITHIN_MS = 30_000;
const ENDS_WITHIN_MS = 30_000;

export const MACHINE_SOCKET = "/var/run/docker.sock";

export type UsedEngine = {
  readonly socket: string;
  readonly url: string;
  /** Ends the engine, if it was started here. */
  stop(): Promise<void>;
};

/**
 * The engine that answers at the usual socket; where none does, one is started there (root only). Two who find none at the
 * same moment start two: a run of several workers calls this once before them.
 */
export async function useEngine(): Promise<UsedEngine> {
  const used = { socket: MACHINE_SOCKET, url: `unix://${MACHINE_SOCKET}` };
  if (await engineAnswers(MACHINE_SOCKET)) return { ...used, stop: async () => undefined };
  if (process.getuid?.() !== 0)
    throw new Error(`no Docker Engine answers at ${MACHINE_SOCKET}, and only root can start one`);
  const folder = await mkdtemp(join(tmpdir(), "theseus-dockerd-"));
  const files = {
    socket: MACHINE_SOCKET,
    log: join(folder, "log"),
    containerd: "/var/run/docker/containerd/containerd.pid",
  };
  const daemon = new Daemon(["dockerd", "-H", used.url], files);
  await daemon.start();
  return {
    ...used,
    stop: async () => {
      await daemon.end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One dockerd process that can be started again and again. */
class Daemon {
  readonly #command: readonly string[];
  readonly #files: { readonly socket: string; readonly log: string; readonly containerd: string };
  #process: ChildProcess | undefined;

  constructor(command: readonly string[], files: { socket: string; log: string; containerd: string }) {
    this.#command = command;
    this.#files = files;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Returns when it answers. */
  async start(): Promise<void> {
    const log = openSync(this.#files.log, "a");
    const [program = "", ...args] = this.#command;
    const daemon = spawn(program, args, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.#process = daemon;
    let problem: string | undefined;
    daemon.on("error", (error) => {
      problem = error.message;
    });
    await until(ANSWERS_WITHIN_MS, async () => {
      if (problem !== undefined || daemon.exitCode !== null) throw new Error(await this.#story(problem));
      return await engineAnswers(this.#files.socket);
    });
  }

  /** Returns when it has ended; SIGTERM ends its containers too, SIGKILL leaves them running. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const daemon = this.#process;
    this.#process = undefined;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill(signal);
    const late = pause(ENDS_WITHIN_MS, "late", { ref: false });
    if ((await Promise.race([ended, late])) === "late") daemon.kill("SIGKILL");
    await ended;
    await this.#containerdGone();
  }

  /** It dies with dockerd, a moment later; a dockerd started meanwhile would wait for it in vain. */
  async #containerdGone(): Promise<void> {
    const pid = (await readFile(this.#files.containerd, "utf8").catch(() => "")).trim();
    if (pid === "") return;
    // A zombie has no command line any more.
    const running = async () => (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).includes("containerd");
    await until(ENDS_WITHIN_MS, async () => !(await running()));
    await rm(this.#files.containerd, { force: true });
  }

  async #story(problem: string | undefined): Promise<string> {
    const log = await readFile(this.#files.log, "utf8").catch(() => "");
    return `dockerd ended before it answered: ${problem ?? ""}\n${log.split("\n").slice(-15).join("\n")}`;
  }
}

/**
 * An engine in a network namespace of its own. Its bridge and the ports it publishes are reachable only from inside:
 * put `inside` before a command to run it there.
 */
export class PrivateEngine {
  readonly socket: string;
  readonly url: string;
  readonly inside: readonly string[];
  readonly #name: string;
  readonly #folder: string;
  readonly #daemon: Daemon;
  /** What it was asked for last: one at a time. */
  #latest: Promise<void> = Promise.resolve();
  #isGone = false;

  constructor(name: string, folder: string, flags: readonly string[]) {
    this.#name = name;
    this.#folder = folder;
    this.socket = join(folder, "docker.sock");
    this.url = `unix://${this.socket}`;
    this.inside = ["nsenter", `--net=/var/run/netns/${name}`];
    const own = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")];
    const named = ["--pidfile", join(folder, "pid"), "--containerd-namespace", name, "-H", this.url];
    const files = {
      socket: this.socket,
      log: join(folder, "log"),
      containerd: join(folder, "exec/containerd/containerd.pid"),
    };
    this.#daemon = new Daemon([...this.inside, "dockerd", ...own, ...named, ...flags], files);
  }

  get pid(): number | undefined {
    return this.#daemon.pid;
  }

  start(): Promise<void> {
    return this.#next(() => this.#daemon.start());
  }

  /** As `systemctl stop`: containers are stopped too. */
  stop(): Promise<void> {
    return this.#next(() => this.#daemon.end("SIGTERM"));
  }

  /** kill -9: containers run on until it is started again. */
  kill(): Promise<void> {
    return this.#next(() => this.#daemon.end("SIGKILL"));
  }

  /** It stands still, until resume(); its containers do not. */
  pause(): void {
    if (this.pid !== undefined) process.kill(this.pid, "SIGSTOP");
  }

  resume(): void {
    if (this.pid !== undefined) process.kill(this.pid, "SIGCONT");
  }

  /** The output of a command that runs inside the namespace. */
  async run(command: string, ...args: string[]): Promise<string> {
    const [nsenter = "", ...rest] = this.inside;
    const { stdout } = await run(nsenter, [...rest, command, ...args], { maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  }

  /** Removes everything: containers, processes, mounts, namespace, folder. Goes on where one of them fails. */
  async cleanUp(): Promise<void> {
    this.#isGone = true;
    this.resume();
    await this.#latest;
    const steps = [
      // Only a running engine ends the containers that a killed one left behind.
      async () => ((await engineAnswers(this.socket)) ? undefined : await this.#daemon.start()),
      () => removeEverything(this.socket),
      () => this.#daemon.end("SIGTERM"),
      () => endProcesses(this.#folder),
      () => unmount(this.#folder),
      () => run("ip", ["netns", "del", this.#name]),
      () => rm(this.#folder, { recursive: true, force: true }),
    ];
    const problems: unknown[] = [];
    for (const step of steps) await step().catch((error: unknown) => problems.push(error));
    if (problems.length > 0) throw new AggregateError(problems, `not all of ${this.#folder} could be cleaned up`);
  }

  /** Nobody brings it back while, or after, it is cleaned up. */
  async #next(work: () => Promise<void>): Promise<void> {
    const doing = this.#latest.then(() => {
      if (this.#isGone) throw new Error(`the engine of ${this.#folder} is cleaned up`);
      return work();
    });
    this.#latest = doing.catch(() => undefined);
    await doing;
  }
}

/** A started private engine; the caller cleans it up. @param flags of its dockerd besides. */
export async function startPrivateEngine(...flags: readonly string[]): Promise<PrivateEngine> {
  const name = `theseus-${randomBytes(4).toString("hex")}`;
  await run("ip", ["netns", "add", name]);
  const engine = new PrivateEngine(name, await mkdtemp(join(tmpdir(), `${name}-`)), flags);
  try {
    await engine.run("ip", "link", "set", "lo", "up");
    await engine.start();
    return engine;
  } catch (error) {
    await engine.cleanUp();
    throw error;
  }
}

async function removeEverything(socket: string): Promise<void> {
  const rows = await engineJson<{ Id: string }[]>(socket, "GET", "/containers/json?all=1");
  await Promise.all(rows.map((row) => engineRequest(socket, "DELETE", `/containers/${row.Id}?force=1&v=1`)));
}

/** Ends processes whose command line names the folder: nobody but this engine's own children does. */
async function endProcesses(folder: string): Promise<void> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (!command.includes(folder) || Number(pid) === process.pid) continue;
    process.kill(Number(pid), "SIGKILL");
    await until(ENDS_WITHIN_MS, async () => {
      const now = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return !now.includes(folder);
    });
  }
}

async function unmount(folder: string): Promise<void> {
  const mounts = await readFile("/proc/mounts", "utf8");
  const ours = mounts.split("\n").map((line) => line.split(" ")[1] ?? "");
  for (const mount of ours.filter((path) => path.startsWith(`${folder}/`)).reverse())
    await run("umount", ["-l", mount]);
}

/** Waits for a condition, asking again every 20 ms. */
async function until(length: number, holds: () => Promise<boolean>): Promise<void> {
  const last = Date.now() + length;
  while (!(await holds())) {
    if (Date.now() > last) throw new Error(`not within ${length / 1000} s`);
    await pause(20);
  }
}
