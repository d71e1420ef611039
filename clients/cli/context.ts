// What a command is given: its arguments, the global flags, and the process. Loads nothing.

import type { ExitCode } from "./exit-codes.js";
import type { Globals, RawOptions } from "./globals.js";
import type { Io } from "./io.js";

export interface Context {
  readonly io: Io;
  readonly globals: Globals;
  /** Positional arguments; undefined where an optional one was not given. */
  readonly args: readonly (string | readonly string[] | undefined)[];
  readonly options: RawOptions;
  /** As typed, without the program's name. */
  readonly argv: readonly string[];
}

/** The one export of every module in commands/. */
export interface CommandModule {
  run(context: Context): Promise<ExitCode>;
}

export function optionalText(context: Context, name: string): string | undefined {
  const value = context.options[name];
  return typeof value === "string" ? value : undefined;
}

export function textList(context: Context, name: string): readonly string[] {
  const value = context.options[name];
  return Array.isArray(value) ? value.map(String) : [];
}

export function isSet(context: Context, name: string): boolean {
  return context.options[name] === true;
}

export function optionalArgument(context: Context, index: number): string | undefined {
  const value = context.args[index];
  return typeof value === "string" ? value : undefined;
}

export function requiredArgument(context: Context, index: number): string {
  const value = optionalArgument(context, index);
  if (value === undefined) throw new RangeError(`argument ${index} was not declared as required`);
  return value;
}

export function argumentList(context: Context, index: number): readonly string[] {
  const value = context.args[index];
  return Array.isArray(value) ? value : [];
}

/** A message for the person, on stderr; not with --quiet. */
export function note(context: Context, message: string): void {
  if (!context.globals.quiet) context.io.stderr.write(`${message}\n`);
}
