// Running a command line that the person gave: through the shell, in a process group of its own, with an end.

import { spawn } from "node:child_process";
import type { Io } from "../io.js";

export interface ShellOptions {
  readonly env: Readonly<Record<string, string>>;
  /** What it prints goes to our stderr: stdout is for data. */
  readonly io: Pick<Io, "stderr" | "env" | "cwd">;
  /** Ends it: SIGTERM, and SIGKILL when that has no effect. */
  readonly signal: AbortSignal;
  /** Milliseconds after which it is ended, too. */
  readonly limit: number;
}

const UNTIL_KILL = 5_000;

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
  let killing: NodeJS.Timeout | undefined;
  const end = () => {
    killGroup(child.pid, "SIGTERM");
    killing = setTimeout(() => killGroup(child.pid, "SIGKILL"), UNTIL_KILL);
  };
  stop.addEventListener("abort", end, { once: true });
  if (stop.aborted) end();
  const ended = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    // Not "close": a daemon that it left behind may hold its output open.
    child.on("exit", (code, by) => resolve(code === 0 ? undefined : code === null ? `ended by ${by}` : `exit ${code}`));
  });
  stop.removeEventListener("abort", end);
  clearTimeout(killing);
  if (ended === undefined || !timeout.aborted || signal.aborted) return ended;
  return `ended, since it took longer than ${limit / 1000} s`;
}

/** The group is gone, or was never there: that is what was wanted. */
function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {}
}
