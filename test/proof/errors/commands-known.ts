// Whether a command that an error suggests is one that this command line takes: its words, flags and arguments are read
// by the program itself, and nothing is run.

import type { Command } from "commander";
import { run } from "../../support/child.js";
import { BIN } from "../../support/theseus.js";

type Program = typeof import("../../../clients/cli/program.js");

export class CommandsKnown {
  readonly #program: Program;
  /** Of `server start`, which is not the command line's. */
  readonly #serverFlags: ReadonlySet<string>;

  private constructor(program: Program, serverFlags: ReadonlySet<string>) {
    this.#program = program;
    this.#serverFlags = serverFlags;
  }

  static async load(): Promise<CommandsKnown> {
    const built = new URL("../../../dist/clients/cli/program.js", import.meta.url).href;
    const { stdout } = await run(process.execPath, [BIN, "server", "start", "--help"]);
    const flags = new Set([...stdout.matchAll(/--[a-z][a-z-]*/g)].map(([flag]) => flag));
    return new CommandsKnown((await import(built)) as Program, flags);
  }

  /** What of this `next` line cannot be typed as it stands. A remark after two spaces is none of it. */
  async complaintsAbout(line: string): Promise<string[]> {
    const parts = line.split(/\s{2,}|[?:;] /).map((part) => part.trim());
    const commands = parts.filter((part) => part === "theseus" || part.startsWith("theseus "));
    const results = await Promise.all(commands.map((command) => this.#refusal(command)));
    return results.flatMap((refusal, i) => (refusal === undefined ? [] : [`next: "${commands[i]}" ${refusal}`]));
  }

  async #refusal(command: string): Promise<string | undefined> {
    const argv = wordsOf(command).slice(1);
    if (argv[0] === "server" && argv[1] === "start") return this.#serverRefusal(argv.slice(2));
    const out = { write: () => undefined, isTTY: false };
    const { program } = this.#program.buildProgram(argv, { ...IO, stdout: out, stderr: out });
    disarm(program);
    try {
      await program.parseAsync(argv, { from: "user" });
      return argv.length === 0 ? "names no command" : undefined;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return code === "commander.helpDisplayed" ? undefined : `is refused: ${message}`;
    }
  }

  #serverRefusal(words: readonly string[]): string | undefined {
    const wrong = words.find((word) => word.startsWith("--") && !this.#serverFlags.has(word.replace(/=.*/, "")));
    return wrong === undefined ? undefined : `is refused: there is no ${wrong}`;
  }
}

const IO = {
  env: {},
  cwd: "/",
  stdinIsTTY: false,
  readStdin: () => Promise.resolve(new Uint8Array()),
  readLine: () => Promise.resolve(""),
  interrupted: new AbortController().signal,
};

/** From here on, the program reads what it is given, and does nothing. */
function disarm(command: Command): void {
  for (const inner of command.commands) disarm(inner);
  if (command.commands.length === 0) command.action(() => undefined);
}

/** As a shell does, with single and double quotes. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) => word.replaceAll(/['"]/g, ""));
}
