// A folder for the embedded store of a server that a test starts, and etcdctl against it while that server runs.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.js";

const run = promisify(execFile);

export class EmbeddedFolder {
  readonly folder: string;
  /** Only while a server runs on the folder. */
  readonly endpoint: string;
  readonly serverFlags: readonly string[];
  readonly #inside: readonly string[];

  private constructor(folder: string, port: number, inside: readonly string[]) {
    const address = `127.0.0.1:${port}`;
    this.folder = folder;
    this.endpoint = `http://${address}`;
    this.serverFlags = ["--dev", "--data", join(folder, "data"), "--store-listen", address];
    this.#inside = inside;
  }

  /** @param inside what to put before a command so that it runs in another network namespace. */
  static async make(inside: readonly string[] = []): Promise<EmbeddedFolder> {
    const folder = await mkdtemp(join(tmpdir(), "theseus-embedded-"));
    return new EmbeddedFolder(folder, await freePort(), inside);
  }

  /** Output of etcdctl. */
  async ctl(...args: string[]): Promise<string> {
    const [program = "", ...all] = [...this.#inside, "etcdctl", "--endpoints", this.endpoint, ...args];
    const env = { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3" };
    return (await run(program, all, { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  }

  /** Once no server runs on it. */
  async stop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
