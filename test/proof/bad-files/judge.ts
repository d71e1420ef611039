// What has to be told of a bad file, held against what the command line said.

import type { Told } from "./whole-files.js";

export type Said = { readonly exit: number | null; readonly stdout: string; readonly stderr: string };

/** One run over one or more bad files, and all that is wrong with them. */
export type Case = {
  readonly name: string;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly told: readonly (Told & { readonly file: string })[];
  /** Where else something may be told that follows from what was planted: beginnings of a line after file:line:col. */
  readonly follows?: readonly string[];
  /** -o json. */
  readonly json: boolean;
};

const STACK = /^\s+at .*[:(]|node:internal|\.js:\d|\bTypeError|\bRangeError|\bZodError|undefined|\[object/m;

/** What is wrong with the answer; nothing when it is as promised. */
export function complaintsAbout(one: Case, said: Said): string[] {
  const found: string[] = [];
  const complain = (what: string) => found.push(`${one.name}: ${what}: ${said.stderr.slice(0, 600)}`);
  if (said.exit !== 2) complain(`exit ${said.exit}, not 2`);
  if (said.stdout !== "") complain(`stdout says ${JSON.stringify(said.stdout.slice(0, 200))}`);
  if (STACK.test(said.stderr)) complain("it shows its insides");
  const answer = one.json ? readJson(said.stderr) : readText(said.stderr);
  if (answer === undefined) complain("it has not the form of an error");
  else found.push(...placesMissing(one, answer).map((what) => `${one.name}: ${what}; said: ${answer.join(" | ")}`));
  return found;
}

function readText(stderr: string): string[] | undefined {
  const lines = stderr.trimEnd().split("\n");
  const [first = ""] = lines;
  const now = lines.some((line) => line === "  now   nothing was sent or changed");
  const next = lines.some((line) => line.startsWith("  next  "));
  const rest = lines.slice(1).every((line) => /^ {2}(why|now|next| {4}) {2}/.test(`${line.padEnd(8)}`));
  const good = /^error: .{1,90} \[INVALID_REQUEST\]$/.test(first) && now && next && rest;
  return good ? lines.slice(1).map((line) => line.slice(8)) : undefined;
}

type ErrorLine = { code: string; exit: number; message: string; why: { text: string }[]; now: string };

function readJson(stderr: string): string[] | undefined {
  if (stderr.indexOf("\n") !== stderr.length - 1) return undefined;
  const { error } = JSON.parse(stderr) as { error: ErrorLine };
  const good = error.code === "INVALID_REQUEST" && error.exit === 2 && error.now === "nothing was sent or changed";
  return good ? error.why.map(({ text }) => text) : undefined;
}

const LINE = /^(\S+):(\d+):(\d+): (.*)$/s;

/** Each planted fault at its place, and nothing that was not planted. */
function placesMissing({ told, follows = [] }: Case, lines: readonly string[]): string[] {
  const said = lines.flatMap((line) => {
    const [, file = "", row, col, text = ""] = LINE.exec(line) ?? [];
    return row === undefined ? [] : [{ file, line: Number(row), col: Number(col), text }];
  });
  const expected = new Set<unknown>();
  const missing = told.flatMap(({ file, line, col, says = "" }) => {
    const here = said.filter((one) => one.file === file && one.line === line && one.col === (col ?? one.col));
    const match = here.filter(({ text }) => text.includes(says));
    for (const one of match) expected.add(one);
    return match.length > 0 ? [] : [`nothing at ${file}:${line}:${col} says "${says}"`];
  });
  const more = said.filter((one) => !expected.has(one) && !follows.some((start) => one.text.startsWith(start)));
  return [...missing, ...more.map(({ line, col, text }) => `not planted: ${line}:${col}: ${text}`)];
}
