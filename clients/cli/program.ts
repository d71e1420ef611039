// Builds the commander program from the light table of commands. A command's own module, and with it gRPC, YAML and
// zod, is loaded only when the command runs.

import { Command, Option } from "commander";
import { type CommandRow, GROUPS, PARENTS } from "./command-row.js";
import { COMMANDS } from "./command-table.js";
import type { Context } from "./context.js";
import type { ExitCode } from "./exit-codes.js";
import { FORMATS } from "./formats.js";
import type { RawOptions } from "./globals.js";
import type { Io } from "./io.js";

export interface Outcome {
  exit: ExitCode;
}

/** The program, and the outcome that its actions fill in. Failures are thrown, never printed here. */
export function buildProgram(argv: readonly string[], io: Io): { program: Command; outcome: Outcome } {
  const outcome: Outcome = { exit: 0 };
  const program = new Command("theseus");
  program
    .description("Labeled groups of containers on Docker hosts, and where to find them.")
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: termOf })
    .helpCommand(false);
  addGlobals(dress(program, io));
  for (const title of Object.values(GROUPS)) program.commandsGroup(title);
  const building: Building = { program, parents: new Map(), io, argv, outcome };
  // Flags cost time to build: only the commands that this line may mean get theirs.
  const words = new Set(argv);
  for (const row of COMMANDS)
    addCommand(
      building,
      row,
      row.path.split(" ").some((word) => words.has(word)),
    );
  return { program, outcome };
}

const EVERYWHERE = "Global options:";

/** "get <what> [name]" */
function termOf(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...args].join(" ");
}

interface Building {
  readonly program: Command;
  readonly parents: Map<string, Command>;
  readonly io: Io;
  readonly argv: readonly string[];
  readonly outcome: Outcome;
}

function addCommand(building: Building, row: CommandRow, whole: boolean): void {
  const words = row.path.split(" ");
  const parent = words.length > 1 ? parentNamed(building, words[0] ?? "", row) : building.program;
  const command = parent
    .command(`${words.at(-1)} ${row.args}`.trim())
    .summary(row.summary)
    .helpGroup(groupOf(row));
  if (!whole) return;
  dress(command, building.io).description(descriptionOf(row));
  for (const { flags, text, many } of row.options) {
    const option = new Option(flags, text);
    command.addOption(many ? option.argParser(append) : option);
  }
  addGlobals(command).action((...given: unknown[]) =>
    act(building, row, command, given.slice(0, -2) as Context["args"]),
  );
}

/** Made with its first command. */
function parentNamed({ program, parents, io }: Building, name: string, row: CommandRow): Command {
  const known = parents.get(name);
  if (known !== undefined) return known;
  const summary = PARENTS[name] ?? "";
  const parent = addGlobals(dress(program.command(name), io))
    .summary(summary)
    .description(summary)
    .helpCommand(false);
  parents.set(name, parent.helpGroup(GROUPS[row.group]));
  return parent;
}

function groupOf({ path, group }: CommandRow): string {
  return path.includes(" ") ? "Commands:" : GROUPS[group];
}

async function act(building: Building, row: CommandRow, command: Command, args: Context["args"]): Promise<void> {
  const { resolveGlobals } = await import("./globals.js");
  const { program, io, argv, outcome } = building;
  const options = allOptions(command);
  const context: Context = { io, argv, args, options, globals: resolveGlobals(options, io.env) };
  const page = row.path === "help" && args[0]?.[0] !== "exit-codes";
  if (!page) outcome.exit = await (await row.load()).run(context);
  else (await pageOf(program, args[0] as readonly string[])).outputHelp();
}

/** @throws Failure USAGE when there is no such command. */
async function pageOf(program: Command, words: readonly string[] = []): Promise<Command> {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) throw (await import("./command-errors.js")).noSuchPage(words);
    command = next;
  }
  return command;
}

function descriptionOf(row: CommandRow): string {
  const examples = row.examples.map((example) => `  $ ${example}`).join("\n");
  const more = row.more === undefined ? "" : `\n\n${row.more}`;
  return `${row.summary}\n\nExamples:\n${examples}${more}`;
}

/** Output and errors, alike on every command. */
function dress(command: Command, io: Io): Command {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    outputError: () => undefined,
  });
  return command.addHelpOption(new Option("-h, --help", "this page").helpGroup(EVERYWHERE));
}

/** Last, so that a command's own flags come first in its help. */
function addGlobals(command: Command): Command {
  for (const option of globalOptions()) command.addOption(option.helpGroup(EVERYWHERE));
  return command;
}

function globalOptions(): Option[] {
  return [
    new Option("-n, --namespace <ns>", "namespace [THESEUS_NAMESPACE, else default]"),
    new Option("-A, --all-namespaces", "every namespace"),
    new Option("-l, --selector <labels>", "groups with these labels: a,b all of, !x not, a|b either"),
    new Option("-o, --output <format>", `one of ${FORMATS.join(" ")} [THESEUS_OUTPUT]`),
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
    new Option("--progress <how>", "auto, tty, plain or json, on stderr [tty on a terminal, unless CI is set]"),
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
