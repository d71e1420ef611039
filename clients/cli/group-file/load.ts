// -f on the command line: files, folders and standard input, all read and checked before anything is sent.

import { readdir, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { GroupSpec } from "../../gen/theseus/v1/theseus_service.js";
import { readBounded, systemWords } from "../bounded-file.js";
import type { Context } from "../context.js";
import { Failure, usage } from "../failure.js";
import { formatGroup } from "../references.js";
import type { Attachments } from "./attachments.js";
import { LARGEST_FILE } from "./file-text.js";
import { type ParsedGroup, parseGroupFile } from "./parse.js";
import type { Path } from "./problems.js";

export interface Loaded {
  readonly specs: readonly GroupSpec[];
  /** "shop.yaml:12:5" of a key of the spec at this place in the list. */
  readonly locate: (spec: number, path: Path) => string;
}

const STDIN = "-";

/** @throws Failure INVALID_REQUEST with every problem of every file, or USAGE when there is nothing to read. */
export async function loadGroupFiles(context: Context, names: readonly string[]): Promise<Loaded> {
  if (names.length === 0) throw usage("which file? -f is missing", ["-f takes a file, a folder of *.yaml, or -"]);
  const groups: ParsedGroup[] = [];
  const problems: string[] = [];
  for (const name of await filesOf(context, names)) {
    const bytes = name === STDIN ? await context.io.readStdin(LARGEST_FILE) : await readNamed(context, name);
    const shown = name === STDIN ? "<stdin>" : name;
    const attachments = beside(context.io.cwd, name === STDIN ? "." : dirname(name));
    const file = await parseGroupFile({ name: shown, bytes, env: context.io.env, attachments });
    groups.push(...file.groups);
    problems.push(...file.problems);
  }
  const specs = toSpecs(context, groups, problems);
  if (problems.length > 0) throw badFiles(problems);
  return { specs, locate: (spec, path) => groups[spec]?.locate(path) ?? "" };
}

function badFiles(problems: readonly string[]): Failure {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  const files = [...new Set(problems.map((problem) => problem.replace(/:\d+:\d+: .*$/s, "")))];
  return new Failure("INVALID_REQUEST", {
    what: files.length === 1 ? `${files[0]} has ${count}` : `${files.length} files have ${count}`,
    why: problems,
    now: "nothing was sent or changed",
    next: ["every key is explained in docs/group-file.md"],
  });
}

/** One namespace for each group, and no group twice. */
function toSpecs(context: Context, groups: readonly ParsedGroup[], problems: string[]): GroupSpec[] {
  const { namespace: fallback, namespaceFlag } = context.globals;
  const seen = new Map<string, string>();
  return groups.map(({ reference, namespace, config, locate }) => {
    const place = locate([]);
    const name = formatGroup(reference);
    if (namespaceFlag !== undefined && namespace !== undefined && namespace !== namespaceFlag)
      problems.push(`${place}: namespace: ${namespace} here, and -n says ${namespaceFlag} (expected one of them)`);
    const chosen = namespaceFlag ?? namespace ?? fallback;
    const before = seen.get(`${chosen}/${name}`);
    if (before !== undefined)
      problems.push(`${place}: groups.${name}: is there twice, first at ${before} (expected it once)`);
    seen.set(`${chosen}/${name}`, place);
    const ref = { namespace: chosen, service: reference.service, labels: [...reference.labels] };
    return { ref, config, expectedRevision: 0n };
  });
}

async function filesOf({ io }: Context, names: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of names) files.push(...(name === STDIN ? [STDIN] : await filesIn(io.cwd, name)));
  return files;
}

async function filesIn(cwd: string, name: string): Promise<string[]> {
  const path = resolve(cwd, name);
  const entries = await entriesOf(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(name, error);
  });
  if (entries === undefined) return [name];
  const files = entries.filter((entry) => /\.ya?ml$/.test(entry)).sort();
  if (files.length === 0) throw usage(`${name} has no group files`, ["a folder is read for its *.yaml and *.yml"]);
  return files.map((entry) => join(name, entry));
}

/** undefined for what is no folder. */
async function entriesOf(path: string): Promise<string[] | undefined> {
  return (await stat(path)).isDirectory() ? readdir(path) : undefined;
}

function unreadable(name: string, error: NodeJS.ErrnoException): Failure {
  return usage(`${name} cannot be read`, [systemWords(error)]);
}

async function readNamed({ io }: Context, name: string): Promise<Uint8Array> {
  try {
    return await readBounded(resolve(io.cwd, name), LARGEST_FILE + 1);
  } catch (error) {
    throw unreadable(name, error as NodeJS.ErrnoException);
  }
}

function beside(cwd: string, folder: string): Attachments {
  return {
    read: async (name, limit) => {
      const file = isAbsolute(name) ? name : resolve(cwd, folder, name);
      try {
        if (!(await stat(file)).isFile()) return "it is not a regular file";
        const bytes = await readBounded(file, limit + 1);
        return bytes.length > limit ? `it is larger than ${limit} bytes` : bytes;
      } catch (error) {
        return systemWords(error as NodeJS.ErrnoException);
      }
    },
  };
}
