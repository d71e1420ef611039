// The command line: one run from arguments to exit code. Nothing but commander and small tables is loaded until a
// command runs, so that help and mistyped flags answer at once.

import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.js";
import { Failure, failureJson, failureText, toFailure } from "./failure.js";
import { wantsJsonErrors } from "./globals.js";
import { type Io, processIo } from "./io.js";
import { styleFor } from "./output/style.js";
import { buildProgram, fromCommander } from "./program.js";

/**
 * @param argv what follows the program's name.
 * @returns the exit code of `theseus help exit-codes`; never rejects. Data is on stdout, messages on stderr.
 */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  try {
    const { program, outcome } = buildProgram(argv, io);
    await program.parseAsync([...argv], { from: "user" });
    return outcome.exit;
  } catch (error) {
    if (error instanceof CommanderError) {
      const meaning = fromCommander(error, argv);
      return meaning instanceof Failure ? report(meaning, argv, io) : meaning;
    }
    return report(error, argv, io);
  }
}

function report(error: unknown, argv: readonly string[], io: Io): number {
  const failure = toFailure(error);
  const color = argv.includes("--no-color") || (io.env["NO_COLOR"] ?? "") !== "" ? "never" : "auto";
  const style = styleFor(io.stderr, { color });
  const json = wantsJsonErrors(argv, io.env);
  io.stderr.write(json ? failureJson(failure) : failureText(failure, (text) => style.paint("red", text)));
  if (io.env["THESEUS_DEBUG"]) io.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  return interruptedExit(failure, io) ?? failure.exit;
}

function interruptedExit(failure: Failure, io: Io): number | undefined {
  if (failure.code !== "CANCELLED" || !io.interrupted.aborted) return undefined;
  return io.interrupted.reason === EXIT.terminated ? EXIT.terminated : EXIT.interrupted;
}
