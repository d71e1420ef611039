// The end of a run that failed: four lines, or one line of JSON, and the exit code.

import { CommanderError } from "commander";
import { fromCommander, withUsage } from "./command-errors.js";
import { EXIT } from "./exit-codes.js";
import { Failure, failureJson, failureText, toFailure } from "./failure.js";
import { wantsJsonErrors } from "./globals.js";
import type { Io } from "./io.js";
import { styleFor } from "./output/style.js";

/** Never throws; a stack is shown only with THESEUS_DEBUG. */
export function reportError(error: unknown, argv: readonly string[], io: Io): number {
  const told = error instanceof CommanderError ? fromCommander(error) : toFailure(error);
  if (!(told instanceof Failure)) return told;
  const meaning = withUsage(told, argv);
  const color = argv.includes("--no-color") || (io.env["NO_COLOR"] ?? "") !== "" ? "never" : "auto";
  const style = styleFor(io.stderr, { color });
  const json = wantsJsonErrors(argv, io.env);
  const columns = io.stderr.isTTY ? io.stderr.columns || undefined : undefined;
  io.stderr.write(json ? failureJson(meaning) : failureText(meaning, (text) => style.paint("red", text), columns));
  if (!json && argv.some((word) => /^(-v+|--verbose)$/.test(word))) io.stderr.write(causeText(meaning));
  if (io.env["THESEUS_DEBUG"]) io.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return interruptedExit(meaning, io) ?? meaning.exit;
}

/** What the library below said, for those who ask for more. */
function causeText({ parts: { cause } }: Failure): string {
  return cause instanceof Error ? `  cause ${cause.message}\n` : "";
}

function interruptedExit(failure: Failure, io: Io): number | undefined {
  if (failure.code !== "CANCELLED" || !io.interrupted.aborted) return undefined;
  return io.interrupted.reason === EXIT.terminated ? EXIT.terminated : EXIT.interrupted;
}
