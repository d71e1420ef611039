// The command line while it goes on: what it has written so far, and Ctrl-C.

import { run } from "../../clients/cli/main.js";
import { until } from "./until.js";

export interface FollowingOptions {
  readonly server: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** stdout is a terminal. */
  readonly terminal?: boolean;
}

export class FollowingCli {
  stdout = "";
  stderr = "";
  readonly ended: Promise<number>;
  readonly #interrupt = new AbortController();

  constructor(argv: readonly string[], { server, cwd = ".", env = {}, terminal = false }: FollowingOptions) {
    const out = (name: "stdout" | "stderr") => ({
      write: (text: string) => {
        this[name] += text;
      },
      isTTY: terminal && name === "stdout",
    });
    this.ended = run(argv, {
      stdout: out("stdout"),
      stderr: out("stderr"),
      env: { PATH: process.env["PATH"], THESEUS_SERVER: server, ...env },
      cwd,
      stdinIsTTY: false,
      readStdin: () => Promise.resolve(new Uint8Array()),
      readLine: () => Promise.resolve(""),
      interrupted: this.#interrupt.signal,
    });
  }

  /** Until it has said this. */
  async said(where: "stdout" | "stderr", what: string | RegExp): Promise<void> {
    const has = () => (typeof what === "string" ? this[where].includes(what) : what.test(this[where]));
    await until(`${where} to have ${what}`, has).catch((error: unknown) => {
      throw new Error(`it said: ${this.stdout}${this.stderr}`, { cause: error });
    });
  }

  /** Its exit code. @param signal 130 for Ctrl-C, 143 for SIGTERM. */
  stop(signal: 130 | 143 = 130): Promise<number> {
    this.#interrupt.abort(signal);
    return this.ended;
  }
}
