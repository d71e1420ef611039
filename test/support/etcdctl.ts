// etcdctl against any etcd, as a person at a terminal would use it: with input, and for commands that do not end.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { until } from "./until.js";

export type CtlOutcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const ENDS_WITHIN_MS = 20_000;

/** @param input what is typed. */
export async function etcdctl(endpoint: string, args: readonly string[], input = ""): Promise<CtlOutcome> {
  const running = new RunningCtl(endpoint, args);
  running.type(input);
  return await running.ended(ENDS_WITHIN_MS);
}

/** A command that goes on until it is stopped. Call stop() whatever happens. */
export class RunningCtl {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<number | null>;
  #stdout = "";
  #stderr = "";

  constructor(endpoint: string, args: readonly string[]) {
    const env = { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3" };
    const [program = "", ...all] = ["etcdctl", "--endpoints", endpoint, ...args];
    this.#process = spawn(program, all, { env });
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#process.stdin.on("error", () => undefined);
    this.#closed = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", resolve);
    });
    this.#closed.catch(() => undefined);
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** All there is to type. */
  type(input: string): void {
    this.#process.stdin.end(input);
  }

  /** Waits until it has printed that many lines. */
  async lines(count: number): Promise<void> {
    const printed = () => this.#stdout.split("\n").length > count;
    await until(`${count} lines of etcdctl`, printed).catch((error: Error) => {
      throw new Error(`${error.message}; it has printed: ${this.#stdout}${this.#stderr}`);
    });
  }

  async ended(withinMs: number): Promise<CtlOutcome> {
    const late = setTimeout(() => this.#process.kill("SIGKILL"), withinMs);
    const code = await this.#closed;
    clearTimeout(late);
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#closed.catch(() => undefined);
  }
}
