// A file that is there whole or not at all: written beside its name, checked, and given the name last.

import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, link, lstat, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { commandLine } from "./change.js";
import type { Context } from "./context.js";
import { usage } from "./failure.js";

/** What was written, for comparing with what was sent. */
export interface Written {
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What the file is written as, and what it is to be. */
interface Names {
  readonly partial: string;
  readonly path: string;
  /** It may take another file's place. */
  readonly force: boolean;
}

export class BackupFile {
  readonly #context: Context;
  readonly #names: Names;
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  #size = 0;

  private constructor(context: Context, names: Names, handle: FileHandle) {
    this.#context = context;
    this.#names = names;
    this.#handle = handle;
  }

  /** For its owner's eyes alone: a backup has everything. @throws Failure USAGE when it cannot be, or would replace one. */
  static async create(context: Context, path: string, force: boolean): Promise<BackupFile> {
    const file = await kindOf(path);
    if (file === "folder") throw usage(`${path} is a folder`, ["a backup is one file"]);
    if (file !== "none" && !force) throw there(context, path);
    // A name of its own: another backup may be on its way to the same file.
    const partial = `${path}.${randomBytes(4).toString("hex")}.partial`;
    try {
      return new BackupFile(context, { partial, path, force }, await open(partial, "wx", 0o600));
    } catch (error) {
      return refuse(path, error);
    }
  }

  /** @throws Failure USAGE when there is no room. */
  async add(part: Uint8Array): Promise<void> {
    this.#hash.update(part);
    this.#size += part.length;
    await this.#handle.writeFile(part).catch((error: unknown) => refuse(this.#names.path, error));
  }

  /** To be asked once, after the last part. */
  written(): Written {
    return { size: this.#size, sha256: this.#hash.digest("hex") };
  }

  /** After this it is on the disk under its name. @throws Failure USAGE. */
  async keep(): Promise<void> {
    const { partial, path, force } = this.#names;
    try {
      await this.#handle.sync();
      await this.#handle.close();
      // A link takes no other file's place, a new name does.
      await (force ? rename(partial, path) : link(partial, path));
      await syncFolder(dirname(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") throw there(this.#context, path);
      refuse(path, error);
    }
  }

  /** Nothing of it is left; harmless after keep(). */
  async drop(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#names.partial, { force: true });
  }
}

async function kindOf(path: string): Promise<"none" | "folder" | "other"> {
  try {
    return (await lstat(path)).isDirectory() ? "folder" : "other";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "none";
    return refuse(path, error);
  }
}

function there(context: Context, path: string) {
  const why = "a backup takes no other file's place by itself";
  return usage(`${path} is there already`, [why], [commandLine([...context.argv, "--force"])]);
}

/** The name of a new file is on the disk once its folder is. Not every file system can do it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  await folder.sync().catch(() => undefined);
  await folder.close();
}

function refuse(path: string, error: unknown): never {
  throw usage(`${path} cannot be written`, [writingWords(error as NodeJS.ErrnoException)]);
}

function writingWords(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such folder";
    case "EACCES":
    case "EPERM":
      return "this user may not write there";
    case "ENOSPC":
    case "EDQUOT":
      return "there is no room left on that disk";
    case "EROFS":
      return "that file system is read-only";
    default:
      return error.message;
  }
}
