// Runs the command line inside the test: its output as texts, its environment as the test says.

import { run } from "../../clients/cli/main.js";

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  /** A person at a terminal who answers this to every question. */
  readonly answer?: string;
  readonly interrupted?: AbortSignal;
}

export interface CliResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param main the command line of another build, as `dist` has it. */
export async function runCli(
  argv: readonly string[],
  options: CliOptions = {},
  main: typeof run = run,
): Promise<CliResult> {
  const written = { stdout: "", stderr: "" };
  const out = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTTY: options.answer !== undefined && name === "stderr",
  });
  const exit = await main(argv, {
    stdout: out("stdout"),
    stderr: out("stderr"),
    env: options.env ?? {},
    cwd: options.cwd ?? ".",
    stdinIsTTY: options.answer !== undefined,
    readStdin: () => Promise.resolve(bytesOf(options.stdin ?? "")),
    readLine: () => Promise.resolve(options.answer ?? ""),
    interrupted: options.interrupted ?? new AbortController().signal,
  });
  return { exit, ...written };
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}
