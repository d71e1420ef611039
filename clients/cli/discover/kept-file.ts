// A file that always has something good in it: a new content is written beside it, tried there, and takes its place
// whole. Its mode and owner stay.

import { chmod, chown, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { usage } from "../failure.js";

const DEFAULT_MODE = 0o644;

export class KeptFile {
  /** Behind all links. */
  readonly path: string;
  readonly candidate: string;

  private constructor(path: string) {
    this.path = path;
    // Hidden, so that no "*.conf" of an including configuration means it.
    this.candidate = join(dirname(path), `.${basename(path)}.${process.pid}.candidate`);
  }

  /** Also removes what a killed process has left of its candidate. @throws Failure USAGE where no file can be. */
  static async at(cwd: string, name: string): Promise<KeptFile> {
    const asked = resolve(cwd, name);
    const path = await realpath(asked).catch(async () => join(await folderOf(name, asked), basename(asked)));
    if (await isFolder(path)) throw usage(`${name} is a folder`, ["--out is one file"]);
    const file = new KeptFile(path);
    await file.#tidy();
    return file;
  }

  /** False when there is none, and when it is empty. */
  async hasContent(): Promise<boolean> {
    const size = await stat(this.path).then(
      ({ size }) => size,
      () => 0,
    );
    return size > 0;
  }

  /**
   * @param isGood is asked about the candidate, which has the content then, and the mode and owner of the file.
   * @returns true when it has taken the file's place, on the disk too; false leaves the file as it is.
   * @throws the system's error; the file is as it was.
   */
  async replace(content: string, isGood: (candidate: string) => Promise<boolean>): Promise<boolean> {
    try {
      await this.#write(content);
      if (!(await isGood(this.candidate))) return false;
      await rename(this.candidate, this.path);
      await syncFolder(dirname(this.path));
      return true;
    } finally {
      await rm(this.candidate, { force: true });
    }
  }

  async #write(content: string): Promise<void> {
    await rm(this.candidate, { force: true });
    const before = await stat(this.path).catch(() => undefined);
    const handle = await open(this.candidate, "wx", 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Only root may give files away; for others the owner is the same anyway.
    if (before !== undefined && process.getuid?.() === 0) await chown(this.candidate, before.uid, before.gid);
    await chmod(this.candidate, before === undefined ? DEFAULT_MODE : before.mode & 0o7777);
  }

  async #tidy(): Promise<void> {
    const folder = dirname(this.path);
    for (const name of await readdir(folder)) {
      const prefix = `.${basename(this.path)}.`;
      const pid = /^(\d+)\.candidate$/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : "")?.[1];
      if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
    }
  }
}

async function folderOf(name: string, asked: string): Promise<string> {
  const folder = dirname(asked);
  if (!(await isFolder(folder))) throw usage(`${name} cannot be written`, [`there is no folder ${folder}`]);
  return realpath(folder);
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Not every file system can do it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  await folder.sync().catch(() => undefined);
  await folder.close();
}
