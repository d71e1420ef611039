// The command line: one run from arguments to exit code. Nothing but commander and one small table is loaded until a
// command runs or something is wrong, so that help and mistyped flags answer at once.

import { CommanderError } from "commander";
import { type Io, processIo } from "./io.js";
import { buildProgram } from "./program.js";

/**
 * @param argv what follows the program's name.
 * @returns the exit code of `theseus help exit-codes`; never rejects. Data is on stdout, messages on stderr.
 */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  try {
    const { program, outcome } = buildProgram(argv, io);
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
    return outcome.exit;
  } catch (error) {
    if (error instanceof CommanderError && error.code === "commander.helpDisplayed") return 0;
    return (await import("./report-error.js")).reportError(error, argv, io);
  }
}
