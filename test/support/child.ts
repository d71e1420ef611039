// Child processes of tests, proofs and the demo: each in a process group of its own, so that Ctrl-C in the terminal
// does not take away what is still needed for tidying up; and none outlives this process.

import { type ChildProcess, spawn } from "node:child_process";

export type ChildOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const TAIL = 64 * 1024;

/** A long-running child: what it says is kept (the last 64 KiB), and it can be ended politely or not. */
export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #stdout = "";
  #stderr = "";
  #hasEnded = false;

  constructor(command: string, args: readonly string[], options: ChildOptions = {}) {
    this.#process = spawn(command, args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this.#process.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout = (this.#stdout + text).slice(-TAIL);
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-TAIL);
    });
    const killIt = () => this.#process.kill("SIGKILL");
    process.once("exit", killIt);
    this.#ended = new Promise((resolve) => {
      const end = (code: number | null): void => {
        this.#hasEnded = true;
        process.removeListener("exit", killIt);
        resolve(code);
      };
      this.#process.on("error", (error) => {
        this.#stderr += error.message;
        end(127);
      });
      this.#process.on("close", end);
    });
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Its exit code; null when a signal ended it. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  async kill9(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  /** SIGTERM, and SIGKILL if it is still there after that long. */
  async stop(patienceMs = 15_000): Promise<void> {
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), patienceMs);
    this.#process.kill("SIGTERM");
    await this.#ended;
    clearTimeout(timer);
  }
}

export type RunOptions = ChildOptions & { readonly patienceMs?: number; readonly signal?: AbortSignal };

/** Runs a command to its end; one that takes longer than `patienceMs`, or is aborted, is killed and has the code null. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = new Child(command, args, options);
  const kill = () => void child.kill9();
  const timer = setTimeout(kill, options.patienceMs ?? 120_000);
  options.signal?.addEventListener("abort", kill);
  if (options.signal?.aborted) kill();
  const code = await child.ended;
  clearTimeout(timer);
  options.signal?.removeEventListener("abort", kill);
  return { code, stdout: child.stdout, stderr: child.stderr };
}
