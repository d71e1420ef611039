// One group file, of one or more YAML documents: its groups as messages, or every problem with its place.

import { LineCounter, parseAllDocuments, type YAMLError } from "yaml";
import type { GroupConfig } from "../../gen/theseus/v1/group.js";
import { type GroupReference, parseGroup } from "../references.js";
import { type Attachments, readAttachments } from "./attachments.js";
import { checkSchema } from "./check.js";
import { type Attached, toConfig } from "./convert.js";
import { crossChecks } from "./cross-checks.js";
import { textOf } from "./file-text.js";
import { type Path, type Problem, problemText, sortProblems } from "./problems.js";
import type { GroupFile } from "./schema.js";
import { readTree, type Tree } from "./tree.js";

export interface ParsedGroup {
  readonly reference: GroupReference;
  /** As the document says it; undefined when it says none. */
  readonly namespace: string | undefined;
  readonly config: GroupConfig;
  /** "shop.yaml:12:5" of a key inside this group, or of the nearest one above it. */
  readonly locate: (path: Path) => string;
}

export interface ParsedFile {
  readonly groups: readonly ParsedGroup[];
  /** "file:line:col: path: what (expected ...)", in the order of the file. */
  readonly problems: readonly string[];
}

export interface FileSource {
  /** As the person named it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a file named inside, relative to this one. */
  readonly attachments: Attachments;
}

export async function parseGroupFile(source: FileSource): Promise<ParsedFile> {
  const read = textOf(source.bytes);
  if ("problem" in read) return { groups: [], problems: [problemText(source.name, read.problem)] };
  const trees = readDocuments(read.text, source.env);
  if ("problems" in trees) return { groups: [], problems: texts(source.name, trees.problems) };
  const groups: ParsedGroup[] = [];
  const problems: Problem[] = [];
  const elsewhere: string[] = [];
  for (const tree of trees.trees) {
    const document = await readDocument(source, tree);
    groups.push(...document.groups);
    problems.push(...document.problems);
    elsewhere.push(...document.elsewhere);
  }
  return { groups, problems: [...texts(source.name, problems), ...elsewhere] };
}

interface Read {
  readonly groups: readonly ParsedGroup[];
  readonly problems: readonly Problem[];
  /** Problems in files that this one names. */
  readonly elsewhere: readonly string[];
}

async function readDocument(source: FileSource, tree: Tree): Promise<Read> {
  if (tree.cut) return { groups: [], problems: tree.problems, elsewhere: [] };
  const { problems, file } = checkSchema(tree);
  const attached = await readAttachments(source.attachments, tree);
  const found = [...problems, ...crossChecks(tree), ...attached.problems];
  const all = [...tree.problems, ...found.filter(({ path }) => !tree.spoilt.has(path))];
  const good = file !== undefined && all.length === 0 && attached.elsewhere.length === 0;
  const groups = good ? toGroups(source.name, tree, file, attached.groups) : [];
  return { groups, problems: all, elsewhere: attached.elsewhere };
}

function texts(name: string, problems: readonly Problem[]): string[] {
  return sortProblems(problems).map((problem) => problemText(name, problem));
}

/** What follows the first ones is mostly their consequence. */
const MOST_SYNTAX_ERRORS = 3;
const TOO_DEEP = "it is nested too deep";

type Documents = { readonly trees: readonly Tree[] } | { readonly problems: readonly Problem[] };

function readDocuments(text: string, env: FileSource["env"]): Documents {
  const lines = new LineCounter();
  const documents = parsed(text, lines);
  if (documents === "too deep") return { problems: [whole(TOO_DEEP, "at most 32 levels")] };
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  if (errors.length > 0) return { problems: syntaxProblems(errors, lines) };
  const filled = documents.filter(({ contents }) => contents !== null && !isEmptyScalar(contents));
  if (filled.length === 0) return { problems: [whole("the file is empty", "version: 1 and groups")] };
  const trees = filled.map((document) => readTree({ document, text, lines, env, isText, isIgnored }));
  return { trees };
}

function syntaxProblems(errors: readonly YAMLError[], lines: LineCounter): Problem[] {
  const place = ({ pos }: YAMLError) => {
    const { line, col } = lines.linePos(pos[0]);
    return { line: Math.max(1, line), col: Math.max(1, col), path: "" };
  };
  // The parser says so once for each level that it gives up.
  const deep = errors.find(({ message }) => message.startsWith("Maximum call stack"));
  if (deep !== undefined) return [{ ...place(deep), what: TOO_DEEP, expected: "at most 32 levels" }];
  return errors.slice(0, MOST_SYNTAX_ERRORS).map((error) => ({ ...place(error), what: `not YAML: ${error.message}` }));
}

function parsed(text: string, lines: LineCounter) {
  try {
    // Duplicate keys are found while reading the tree, where both places are known and it is not quadratic.
    const options = { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: "silent" as const };
    const documents = parseAllDocuments(text, options);
    return "empty" in documents ? [] : documents;
  } catch (error) {
    if (error instanceof RangeError) return "too deep";
    throw error;
  }
}

function isEmptyScalar(node: unknown): boolean {
  return typeof node === "object" && node !== null && "value" in node && node.value === null;
}

function whole(what: string, expected: string): Problem {
  return { line: 1, col: 1, path: "", what, expected };
}

/** Environment and Docker labels are text as written. */
function isText(path: Path): boolean {
  return path[0] === "groups" && path.length === 4 && (path[2] === "env" || path[2] === "docker_labels");
}

function isIgnored(path: Path): boolean {
  return path.length === 1 && String(path[0]).startsWith("x-");
}

const NOTHING: Attached = { env: {}, contents: [] };

function toGroups(name: string, tree: Tree, file: GroupFile, attached: ReadonlyMap<string, Attached>): ParsedGroup[] {
  return Object.entries(file.groups).map(([key, block]) => ({
    reference: parseGroup(key),
    namespace: file.namespace,
    config: toConfig(block, attached.get(key) ?? NOTHING),
    locate: (path) => {
      const { line, col } = tree.place(["groups", key, ...path]);
      return `${name}:${line}:${col}`;
    },
  }));
}
