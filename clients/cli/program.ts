// Builds the commander program from the light table of commands. A command's own module, and with it gRPC, YAML and
// zod, is loaded only when the command runs.

import { Command, type CommanderError, Option } from "commander";
import { COMMANDS, type CommandRow, GROUPS, PARENTS } from "./command-table.js";
import type { Context } from "./context.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { type Failure, usage } from "./failure.js";
import { FORMATS, type RawOptions, resolveGlobals } from "./globals.js";
import type { Io } from "./io.js";

export interface Outcome {
  exit: ExitCode;
}

/** The program, and the outcome that its actions fill in. Failures are thrown, never printed here. */
export function buildProgram(argv: readonly string[], io: Io): { program: Command; outcome: Outcome } {
  const outcome: Outcome = { exit: EXIT.ok };
  const program = new Command("theseus");
  program
    .description("Labeled groups of containers on Docker hosts, and where to find them.")
    .enablePositionalOptions()
    .helpCommand(false);
  dress(program, io);
  program.action(() => program.outputHelp());
  const parents = new Map<string, Command>();
  for (const [name, summary] of Object.entries(PARENTS))
    parents.set(name, dress(program.command(name), io).summary(summary).description(summary).helpCommand(false));
  for (const row of COMMANDS) addCommand({ program, parents, io, argv, outcome }, row);
  for (const parent of parents.values()) parent.helpGroup(groupOf(parent.name()));
  return { program, outcome };
}

interface Building {
  readonly program: Command;
  readonly parents: ReadonlyMap<string, Command>;
  readonly io: Io;
  readonly argv: readonly string[];
  readonly outcome: Outcome;
}

function addCommand(building: Building, row: CommandRow): void {
  const { program, parents, io, argv, outcome } = building;
  const words = row.path.split(" ");
  const parent = words.length > 1 ? parents.get(words[0] ?? "") : program;
  const command = (parent ?? program).command(`${words.at(-1)} ${row.args}`.trim()).summary(row.summary);
  dress(command, io);
  command.description(describe(row));
  if (words.length === 1) command.helpGroup(GROUPS[row.group]);
  for (const { flags, text, many } of row.options) {
    const option = new Option(flags, text);
    command.addOption(many ? option.argParser(append) : option);
  }
  command.action(async (...given: unknown[]) => {
    const raw = allOptions(command);
    const args = given.slice(0, -2) as Context["args"];
    const context: Context = { io, argv, args, options: raw, globals: resolveGlobals(raw, io.env) };
    const page = row.path === "help" && context.args[0]?.[0] !== "exit-codes";
    outcome.exit = page ? showHelp(program, context) : await (await row.load()).run(context);
  });
}

function describe(row: CommandRow): string {
  const examples = row.examples.map((example) => `  $ ${example}`).join("\n");
  const more = row.more === undefined ? "" : `\n\n${row.more}`;
  return `${row.summary}\n\nExamples:\n${examples}${more}`;
}

/** Output, errors and the global flags, alike on every command. */
function dress(command: Command, io: Io): Command {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    outputError: () => undefined,
  });
  command.helpOption("-h, --help", "this page");
  for (const option of globalOptions()) command.addOption(option.helpGroup("Global options:"));
  return command;
}

function globalOptions(): Option[] {
  return [
    new Option("-n, --namespace <ns>", "namespace [THESEUS_NAMESPACE, else default]"),
    new Option("-A, --all-namespaces", "every namespace"),
    new Option("-l, --selector <labels>", "groups with these labels: a,b all of, !x not, a|b either"),
    new Option("-o, --output <format>", `one of ${FORMATS.join(" ")}`),
    new Option("--columns <ids>", "only these columns"),
    new Option("--sort <id>", "by this column; -id is descending"),
    new Option("--server <addresses>", "host:port, several with commas [THESEUS_SERVER, else 127.0.0.1:7700]"),
    new Option("--timeout <time>", "how long to wait: 30s, 5m [THESEUS_TIMEOUT]"),
    new Option("-y, --yes", "answer yes"),
    new Option("--no-input", "never ask, fail instead"),
    new Option("-q, --quiet", "only what was asked for"),
    new Option("-v, --verbose", "say more; repeat for more").argParser(count),
    new Option("--color <when>", "auto, always or never [NO_COLOR, FORCE_COLOR]"),
    new Option("--no-color", "no colour").hideHelp(),
    new Option("--fail-empty", "an empty list is exit 4"),
    new Option("--detailed-exitcode", "plan and apply: exit 3 when there are changes"),
  ];
}

function append(value: string, before: unknown): string[] {
  return [...(Array.isArray(before) ? before : []), value];
}

function count(_value: unknown, before: unknown): number {
  return (typeof before === "number" ? before : 0) + 1;
}

/** Flags before the command's name hold too; one after it wins. Commander's own defaults are no answer of a person. */
function allOptions(command: Command): RawOptions {
  const chain: Command[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) chain.unshift(at);
  const merged: Record<string, unknown> = {};
  for (const link of chain)
    for (const [key, value] of Object.entries(link.opts()))
      if (link.getOptionValueSource(key) === "cli") merged[key] = value;
  return merged;
}

function showHelp(program: Command, context: Context): ExitCode {
  const words = (context.args[0] ?? []) as readonly string[];
  let command: Command = program;
  for (const word of words) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) throw usage(`there is no help on "${words.join(" ")}"`, [], ["theseus help"]);
    command = next;
  }
  command.outputHelp();
  return EXIT.ok;
}

function groupOf(parent: string): string {
  const row = COMMANDS.find(({ path }) => path.startsWith(`${parent} `));
  return row === undefined ? "Commands:" : GROUPS[row.group];
}

/** What commander throws as the exit code it stands for, or as a Failure in our own words. */
export function fromCommander(error: CommanderError, argv: readonly string[]): ExitCode | Failure {
  if (error.code === "commander.helpDisplayed") return EXIT.ok;
  if (error.code === "commander.help") return EXIT.usage;
  const text = error.message.replace(/^error: /, "");
  const [what = text, ...why] = text.split(/\n|(?<=invalid)\. /).filter((line) => line !== "");
  const hints = why.map((line) => line.replace(/^\((.*)\)$/, "$1").replace(/^Did you mean/, "did you mean"));
  return usage(what, hints, [`theseus ${helpPath(argv)}--help`]);
}

/** The known words at the start of the line, as far as they go. */
function helpPath(argv: readonly string[]): string {
  const words = argv.filter((word) => !word.startsWith("-"));
  const paths = COMMANDS.map(({ path }) => path).filter((path) => `${words.join(" ")} `.startsWith(`${path} `));
  const parent = words[0] !== undefined && Object.hasOwn(PARENTS, words[0]) ? words[0] : undefined;
  const found = paths[0] ?? parent;
  return found === undefined ? "" : `${found} `;
}
