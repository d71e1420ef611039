// Running a command line that the person gave: through the shell, in a process group of its own, with an end.

import { spawn } from "node:child_process";
import { pause } from "../../pause.js";
import type { Io } from "../io.js";

export interface ShellOptions {
  readonly env: Readonly<Record<string, string>>;
  /** What it prints goes to our stderr: stdout is for data. */
  readonly io: Pick<Io, "stderr" | "env" | "cwd">;
  /** Ends it and all that it has started: SIGTERM, and SIGKILL when that has no effect. */
  readonly signal: AbortSignal;
  /** Milliseconds after which it is ended, too. */
  readonly limit: number;
}

const UNTIL_KILL = 5_000;
const BETWEEN_LOOKS = 50;

/** How it ended: undefined for exit status 0, else in words. Never rejects. */
export async function runShell(line: string, options: ShellOptions): Promise<string | undefined> {
  const { env, io, signal, limit } = options;
  const timeout = AbortSignal.timeout(limit);
  const stop = AbortSignal.any([signal, timeout]);
  const child = spawn("/bin/sh", ["-c", line], {
    cwd: io.cwd,
    detached: true,
    env: { ...io.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => io.stderr.write(text));
  let ending: Promise<void> | undefined;
  const end = () => {
    ending = endGroup(child.pid);
  };
  stop.addEventListener("abort", end, { once: true });
  if (stop.aborted) end();
  const ended = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    // Not "close": a daemon that it left behind may hold its output open.
    child.on("exit", (code, by) => resolve(code === 0 ? undefined : code === null ? `ended by ${by}` : `exit ${code}`));
  });
  stop.removeEventListener("abort", end);
  // What the shell has started may live on without it.
  await ending;
  if (ended === undefined || !timeout.aborted || signal.aborted) return ended;
  return `ended, since it took longer than ${limit / 1000} s`;
}

/** Until nobody is left in the group: asked first, and killed when that has no effect. */
async function endGroup(pid: number | undefined): Promise<void> {
  const until = performance.now() + UNTIL_KILL;
  let isThere = signalGroup(pid, "SIGTERM");
  while (isThere && performance.now() < until) {
    await pause(BETWEEN_LOOKS, undefined);
    isThere = signalGroup(pid, 0);
  }
  if (isThere) signalGroup(pid, "SIGKILL");
}

/** False when the group is gone, or was never there. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
