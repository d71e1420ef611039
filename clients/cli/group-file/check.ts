// The schema's findings in people's words, each at its place.

import type { z } from "zod";
import { nearest } from "../nearest.js";
import { knownKeys } from "./known-keys.js";
import { type Path, type Problem, pathText } from "./problems.js";
import { type GroupFile, groupFileSchema } from "./schema.js";
import { keyOf, type Tree } from "./tree.js";

type Issue = z.core.$ZodIssue;

export interface Checked {
  readonly problems: readonly Problem[];
  /** Present when the schema has nothing against it. */
  readonly file?: GroupFile;
}

export function checkSchema(tree: Tree): Checked {
  const first = groupFileSchema.safeParse(tree.value);
  const value = first.success ? tree.value : asText(tree, leavesOf(first.error.issues, tree.value));
  const result = first.success ? first : groupFileSchema.safeParse(value);
  if (result.success) return { problems: [], file: result.data };
  const leaves = leavesOf(result.error.issues, value);
  return { problems: leaves.flatMap((issue) => problemsOf(issue, tree, value)) };
}

/** An issue of the branch that was meant, with its whole path. */
interface Leaf {
  readonly issue: Issue;
  readonly path: Path;
}

function leavesOf(issues: readonly Issue[], value: unknown, above: Path = []): Leaf[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
    const branch = issue.code === "invalid_union" ? meantBranch(issue.errors, at(value, path)) : undefined;
    return branch === undefined ? [{ issue, path }] : leavesOf(branch, value, path);
  });
}

/** Of a map in a short-or-long union, the long form's findings; of anything else, none. */
function meantBranch(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return branches.find((issues) => !issues.some(({ path, code }) => path.length === 0 && code !== "unrecognized_keys"));
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, part) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return (inner as Record<string | number, unknown>)[part];
  }, value);
}

/** A plain ${VAR} that turned into a number or a boolean where text is meant is that text. */
function asText(tree: Tree, leaves: readonly Leaf[]): unknown {
  const texts = leaves.flatMap(({ path }) => {
    const text = tree.filled.get(keyOf(path));
    return text !== undefined && typeof at(tree.value, path) !== "string" ? [{ path, text }] : [];
  });
  return texts.reduce((value, { path, text }) => withValue(value, path, text), tree.value);
}

function withValue(value: unknown, path: Path, text: string): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return text;
  if (Array.isArray(value)) return value.map((item, i) => (i === part ? withValue(item, rest, text) : item));
  const inner = value as Record<string, unknown>;
  return { ...inner, [part]: withValue(inner[part], rest, text) };
}

function problemsOf({ issue, path }: Leaf, tree: Tree, value: unknown): Problem[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key], tree));
  if (issue.code === "invalid_key") {
    const expected = issue.issues[0]?.message ?? issue.message;
    return [{ ...tree.keyPlace(path), path: pathText(path), what: "not a good key", expected }];
  }
  const actual = at(value, path);
  const what = whatIsWrong(issue, actual, path);
  const missing = actual === undefined;
  const place = missing ? tree.keyPlace(path) : tree.place(path);
  return [{ ...place, path: pathText(path), what, expected: issue.message + meant(issue, actual) }];
}

function unknownKey(path: Path, tree: Tree): Problem {
  const known = knownKeys(path.slice(0, -1));
  const near = nearest(String(path.at(-1)), known);
  const expected = near === undefined ? known.join(", ") : near;
  return { ...tree.keyPlace(path), path: pathText(path), what: "unknown key", ...(expected ? { expected } : {}) };
}

function whatIsWrong(issue: Issue, actual: unknown, path: Path): string {
  if (actual === undefined) return "is missing";
  if (actual === null) return "has no value";
  // What stands in env may be a secret: it is never repeated.
  const shown = path.includes("env") ? "the value" : show(actual);
  const wrongType = issue.code === "invalid_type" || (issue.code === "invalid_union" && typeof actual !== "string");
  if (wrongType) return typeof actual === "object" ? `is ${typeWord(actual)}` : `${shown} is ${typeWord(actual)}`;
  if (issue.code === "too_small" || issue.code === "too_big") return `${shown} is out of range`;
  return `${shown} is not understood`;
}

const LONGEST_SHOWN = 40;

function show(value: unknown): string {
  if (typeof value !== "string") return typeof value === "object" ? "it" : String(value);
  const short = value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}...` : value;
  return JSON.stringify(short);
}

function typeWord(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return "text";
    case "number":
      return "a number";
    case "boolean":
      return "a yes or no";
    default:
      return "a map";
  }
}

function meant(issue: Issue, actual: unknown): string {
  if (issue.code !== "invalid_value" || typeof actual !== "string") return "";
  const near = nearest(actual, issue.values.map(String));
  return near === undefined ? "" : `; did you mean ${near}`;
}
