// The files that a group file names: environment files and files for the container. Read by the CLI, bounded, and
// whatever else is wrong with the file, so that all problems come at once.

import type { Attached } from "./convert.js";
import { listOf, mapOf } from "./cross-checks.js";
import { parseEnvFile } from "./env-file.js";
import { LARGEST_FILE } from "./file-text.js";
import { type Path, type Problem, pathText, problemText } from "./problems.js";
import type { Tree } from "./tree.js";

export interface Attachments {
  /** Bytes of a regular file of at most `limit` bytes, or in words why there are none. */
  read(name: string, limit: number): Promise<Uint8Array | string>;
}

/** Of all files of one group together. */
const LARGEST_FILES = 64 * 1024;

export interface ReadAttached {
  /** By the group's key. */
  readonly groups: ReadonlyMap<string, Attached>;
  readonly problems: readonly Problem[];
  /** Problems inside the environment files. */
  readonly elsewhere: readonly string[];
}

export async function readAttachments(attachments: Attachments, tree: Tree): Promise<ReadAttached> {
  const reading = new Reading(attachments, tree);
  const groups = new Map<string, Attached>();
  for (const [key, value] of Object.entries(mapOf(mapOf(tree.value)?.["groups"]) ?? {})) {
    const group = mapOf(value) ?? {};
    const env = await reading.env(listOf(group["env_file"]), ["groups", key, "env_file"]);
    const contents = await reading.contents(listOf(group["files"]), ["groups", key, "files"]);
    groups.set(key, { env, contents });
  }
  return { groups, problems: reading.problems, elsewhere: reading.elsewhere };
}

class Reading {
  readonly problems: Problem[] = [];
  readonly elsewhere: string[] = [];
  readonly #attachments: Attachments;
  readonly #tree: Tree;

  constructor(attachments: Attachments, tree: Tree) {
    this.#attachments = attachments;
    this.#tree = tree;
  }

  async env(names: readonly unknown[], path: Path): Promise<Record<string, string>> {
    const env: Record<string, string> = {};
    for (const [i, name] of names.entries()) {
      const bytes = await this.#read(name, LARGEST_FILE, [...path, i]);
      if (bytes === undefined) continue;
      const parsed = parseEnvFile(new TextDecoder().decode(bytes));
      this.elsewhere.push(...parsed.problems.map((problem) => problemText(String(name), problem)));
      Object.assign(env, parsed.env);
    }
    return env;
  }

  async contents(files: readonly unknown[], path: Path): Promise<Uint8Array[]> {
    const contents: Uint8Array[] = [];
    for (const [i, file] of files.entries()) {
      const bytes = await this.#read(mapOf(file)?.["from"], LARGEST_FILES, [...path, i, "from"]);
      contents.push(bytes ?? new Uint8Array());
    }
    const size = contents.reduce((sum, { length }) => sum + length, 0);
    if (size > LARGEST_FILES) this.#complain(path, `the files have ${size} bytes together`, "at most 64 KiB");
    return contents;
  }

  /** What is no file name is the schema's to refuse. */
  async #read(name: unknown, limit: number, path: Path): Promise<Uint8Array | undefined> {
    if (typeof name !== "string" || name === "") return undefined;
    const result = await this.#attachments.read(name, limit);
    if (typeof result !== "string") return result;
    this.#complain(path, `${name}: ${result}`, "a file that can be read, relative to the group file");
    return undefined;
  }

  #complain(path: Path, what: string, expected: string): void {
    this.problems.push({ ...this.#tree.place(path), path: pathText(path), what, expected });
  }
}
