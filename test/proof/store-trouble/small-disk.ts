// A disk of a few megabytes in memory, which can be filled to the last byte and emptied again.

import { execFile, execFileSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { run } from "../../support/child.js";

const runFile = promisify(execFile);

export class SmallDisk {
  readonly path: string;
  readonly #goWithUs = (): void => {
    execFileSync("umount", ["-l", this.path]);
  };

  private constructor(path: string) {
    this.path = path;
  }

  /** At that path, which is made; nothing else is reached there until unmount(). */
  static async mount(path: string, megabytes: number): Promise<SmallDisk> {
    await mkdir(path, { recursive: true });
    await runFile("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
    const disk = new SmallDisk(path);
    process.once("exit", disk.#goWithUs);
    return disk;
  }

  /** Not one byte is left. */
  async fill(): Promise<void> {
    // It ends when there is no more room, which is no failure here.
    await run("dd", ["if=/dev/zero", `of=${this.#filler}`, "bs=4k"]);
  }

  async free(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  /** Also while files are open on it. */
  async unmount(): Promise<void> {
    process.off("exit", this.#goWithUs);
    await runFile("umount", ["-l", this.path]);
  }

  get #filler(): string {
    return join(this.path, "filler");
  }
}
