// The form of an error, held against what a command really said: first line, why, now, next, exit code, and the same as
// one JSON line.

import type { CommandsKnown } from "./commands-known.js";

/** What an error has to be. */
export type Expected = {
  readonly code: string | readonly string[];
  readonly exit: number;
  /** Each is somewhere in the text. */
  readonly says?: readonly (string | RegExp)[];
};

export type Said = {
  /** Null: it was still running after 5 s. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly json: boolean;
};

const LONGEST = 100;
const STACK = /^\s+at \S+.*[:(]|node:internal|\.js:\d+|\bTypeError|\bRangeError|\[object |\bundefined\b/m;
/** gRPC's, Docker's and etcd's own words have no place in the first line. */
const FOREIGN = /UNAVAILABLE|DEADLINE_EXCEEDED|rpc error|OCI runtime|driver failed|ECONNREFUSED|ENOENT|GRPC/;
const PROGRESS = /^(?:\d\d:\d\d:\d\dZ |[+~=-] )/;

/** What is wrong with the answer; nothing when it is as promised. */
export async function complaintsAbout(said: Said, expected: Expected, known: CommandsKnown): Promise<string[]> {
  const found: string[] = [];
  if (said.exit === null) found.push("it took longer than 5 s");
  else if (said.exit !== expected.exit) found.push(`exit ${said.exit}, not ${expected.exit}`);
  if (said.stdout !== "") found.push(`stdout says ${JSON.stringify(said.stdout.slice(0, 200))}`);
  if (STACK.test(said.stderr)) found.push("it shows its insides");
  for (const words of expected.says ?? [])
    if (!(typeof words === "string" ? said.stderr.includes(words) : words.test(said.stderr)))
      found.push(`it does not say ${words}`);
  const form = said.json ? await wrongInJson(said, expected, known) : await wrongInText(said, expected, known);
  return [...found, ...form];
}

async function wrongInText({ stderr }: Said, { code }: Expected, known: CommandsKnown): Promise<string[]> {
  const lines = stderr.trimEnd().split("\n");
  const at = lines.findIndex((line) => line.startsWith("error: "));
  const first = lines[at];
  if (first === undefined) return ["it has no line that begins with error:"];
  const [, what = "", told = ""] = /^error: (.*\S) +\[([A-Z_]+)\]$/.exec(first) ?? [];
  const found = lines
    .slice(0, at)
    .filter((line) => !PROGRESS.test(line))
    .map((line) => `before the error: ${line}`);
  if (!isOneOf(told, code)) found.push(`the code is [${told}], not [${String(code)}]`);
  found.push(...wrongInHeadline(what, first));
  const blocks = blocksOf(lines.slice(at + 1));
  if (blocks === undefined) return [...found, "a line after the first belongs to none of why, now, next"];
  for (const name of ["why", "now", "next"]) if (!blocks.has(name)) found.push(`it has no line ${name}`);
  return [...found, ...(await wrongCommands(blocks.get("next") ?? [], known))];
}

function wrongInHeadline(what: string, line: string): string[] {
  return [
    ...(line.length > LONGEST ? [`the first line has ${line.length} characters: ${line}`] : []),
    ...(FOREIGN.test(what) ? [`the first line has foreign words: ${what}`] : []),
    ...(/!|\boops\b|\bplease\b/i.test(what) ? [`the first line is not plain: ${what}`] : []),
  ];
}

/** The lines of each block; undefined when one belongs to none. */
function blocksOf(lines: readonly string[]): Map<string, string[]> | undefined {
  const blocks = new Map<string, string[]>();
  let name = "";
  for (const line of lines) {
    const [, start = "", text = ""] = /^ {2}(why |now |next|id {2}| {4}) {2}(.+)$/.exec(line) ?? [];
    name = start.trim() || name;
    if (start === "" || name === "") return undefined;
    blocks.set(name, [...(blocks.get(name) ?? []), text]);
  }
  return blocks;
}

type ErrorLine = {
  readonly code: string;
  readonly exit: number;
  readonly message: string;
  readonly why: readonly { readonly text: string }[];
  readonly now?: string;
  readonly next: readonly string[];
};

async function wrongInJson(said: Said, expected: Expected, known: CommandsKnown): Promise<string[]> {
  const lines = said.stderr.trimEnd().split("\n");
  const objects = lines.filter((line) => !PROGRESS.test(line));
  const [only = ""] = objects;
  const error = parsed(only);
  if (objects.length !== 1 || error === undefined) return [`stderr is not one line of JSON: ${said.stderr}`];
  const { code, exit, why, now, next } = error;
  const found: string[] = [];
  if (!isOneOf(code, expected.code)) found.push(`JSON: the code is ${code}, not ${String(expected.code)}`);
  if (exit !== expected.exit) found.push(`JSON: exit ${exit}, not ${expected.exit}`);
  if (why.length === 0 || !now || next.length === 0) found.push("JSON: why, now or next is empty");
  return [...found, ...(await wrongCommands(next, known))];
}

function parsed(line: string): ErrorLine | undefined {
  try {
    return (JSON.parse(line) as { error?: ErrorLine }).error;
  } catch {
    return undefined;
  }
}

function isOneOf(code: string, codes: string | readonly string[]): boolean {
  return typeof codes === "string" ? codes === code : codes.includes(code);
}

async function wrongCommands(lines: readonly string[], known: CommandsKnown): Promise<string[]> {
  return (await Promise.all(lines.map((line) => known.complaintsAbout(line)))).flat();
}
