// Mistakes on the command line in our own words, in place of commander's.

import type { CommanderError } from "commander";
import { PARENTS } from "./command-row.js";
import { COMMANDS } from "./command-table.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { Failure, usage } from "./failure.js";

/** What commander throws as the exit code it stands for, or as a Failure in our own words. */
export function fromCommander(error: CommanderError): ExitCode | Failure {
  if (error.code === "commander.helpDisplayed") return EXIT.ok;
  if (error.code === "commander.help") return EXIT.usage;
  const text = error.message.replace(/^error: /, "");
  const [what = text, ...why] = text.split(/\n|(?<=invalid)\. /).filter((line) => line !== "");
  const hints = why.map((line) => line.replace(/^\((.*)\)$/, "$1").replace(/^Did you mean/, "did you mean"));
  return usage(what, hints);
}

/** A mistake of the user's that says nothing of the command's form, or of what next, gets both. */
export function withUsage(failure: Failure, argv: readonly string[]): Failure {
  const { why = [], next = [] } = failure.parts;
  if (failure.exit !== EXIT.usage || (why.length > 0 && next.length > 0)) return failure;
  const path = helpPath(argv);
  const row = COMMANDS.find((one) => `${one.path} ` === path);
  const form = row === undefined ? "theseus COMMAND" : `theseus ${row.path} ${row.args}`.trim();
  return new Failure(failure.code, {
    ...failure.parts,
    why: why.length > 0 ? why : [`it is: ${form}`],
    next: next.length > 0 ? next : [`theseus ${path}--help`],
  });
}

/** The known words at the start of the line, as far as they go. */
function helpPath(argv: readonly string[]): string {
  const words = argv.filter((word) => !word.startsWith("-"));
  const paths = COMMANDS.map(({ path }) => path).filter((path) => `${words.join(" ")} `.startsWith(`${path} `));
  const parent = words[0] !== undefined && Object.hasOwn(PARENTS, words[0]) ? words[0] : undefined;
  const found = paths[0] ?? parent;
  return found === undefined ? "" : `${found} `;
}

export function noSuchPage(words: readonly string[]): Failure {
  return usage(`there is no help on "${words.join(" ")}"`, [], ["theseus help"]);
}
