// The folder of a store: made for its owner alone, held by one process at a time. LevelDB's lock holds it, and a small
// file says for people who that is.

import { mkdir, open as openFile, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TheseusError } from "../model/errors.js";
import type { Clock, Rng } from "../model/ports.js";
import { type Disk, DiskFailure, openDisk } from "./disk.js";
import { TakenOver } from "./journal.js";
import { DamagedRecord } from "./records.js";
import { moveAside, shellWord } from "./shell-word.js";

export const HOLDER = "holder.json";

/** Where LevelDB's files lie. */
export const diskFolder = (folder: string): string => join(folder, "db");

type Holder = { readonly pid: number; readonly since: string; readonly token: string };

export class StoreFolder {
  readonly path: string;
  readonly #open: (folder: string) => Promise<Disk>;
  readonly #holder: Holder;

  private constructor(path: string, open: (folder: string) => Promise<Disk>, holder: Holder) {
    this.path = path;
    this.#open = open;
    this.#holder = holder;
  }

  /**
   * The folder, made if need be, and its disk, ours alone from here on. STORE_UNREACHABLE when the folder cannot be used
   * or another process holds it, STORE_DAMAGED when LevelDB cannot read it.
   */
  static async claim(
    path: string,
    parts: { readonly clock: Clock; readonly rng: Rng },
    open: (folder: string) => Promise<Disk> = openDisk,
  ): Promise<{ readonly folder: StoreFolder; readonly disk: Disk }> {
    const holder = { pid: process.pid, since: new Date(parts.clock.now()).toISOString(), token: parts.rng.hex(8) };
    const folder = new StoreFolder(path, open, holder);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      const disk = await open(diskFolder(path));
      await folder.#sayWhoHoldsIt().catch(async (error: unknown) => {
        await disk.close();
        throw error;
      });
      return { folder, disk };
    } catch (error) {
      throw await explain(path, error);
    }
  }

  /** The disk again, after it was closed. Fails with DiskFailure, or TakenOver when another process has had it meanwhile. */
  async reopen(): Promise<Disk> {
    const disk = await this.#open(diskFolder(this.path));
    const holder = await readHolder(this.path);
    if (holder?.token === this.#holder.token) return disk;
    await disk.close();
    throw new TakenOver(`${this.path} was held by ${textOf(holder)} meanwhile; start Theseus again`);
  }

  /** Right before the disk is closed for good. Never fails. */
  async release(): Promise<void> {
    await rm(join(this.path, HOLDER), { force: true }).catch(() => undefined);
  }

  async #sayWhoHoldsIt(): Promise<void> {
    await writeFile(join(this.path, HOLDER), `${JSON.stringify(this.#holder)}\n`, { mode: 0o600 });
    // A new folder is there after a power failure too.
    await syncFolder(this.path);
    await syncFolder(dirname(this.path));
  }
}

/** Names in the folder are on the disk when it resolves. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await openFile(path, "r");
  await handle.sync().finally(() => handle.close());
}

/** STORE_DAMAGED for a folder whose records cannot be taken up; anything else as it is. */
export function damaged(folder: string, error: unknown): unknown {
  const isDamage = error instanceof DamagedRecord || (error instanceof DiskFailure && error.kind === "damaged");
  if (!isDamage) return error;
  return new TheseusError("STORE_DAMAGED", {
    what: "the embedded store cannot be read",
    why: [`${folder}: ${error.message}`],
    now: "nothing was started; what the folder holds is kept",
    next: [`keep what is there, and start empty or from a backup: ${moveAside(folder, "damaged")}`],
    metadata: { folder },
    cause: error,
  });
}

async function explain(folder: string, error: unknown): Promise<unknown> {
  if (error instanceof DiskFailure && error.kind === "locked") return inUse(folder, await readHolder(folder), error);
  const damage = damaged(folder, error);
  if (damage !== error) return damage;
  return new TheseusError("STORE_UNREACHABLE", {
    what: "the embedded store cannot use its folder",
    why: [`${folder}: ${error instanceof Error ? error.message : String(error)}`],
    now: "nothing was started; nothing was changed",
    next: [`ls -ld ${shellWord(folder)}; df -h ${shellWord(folder)}`],
    metadata: { folder },
    cause: error,
  });
}

function inUse(folder: string, holder: Holder | undefined, error: unknown): TheseusError {
  return new TheseusError("STORE_UNREACHABLE", {
    what: "the embedded store is in use by another process",
    why: [`${folder} is held by ${textOf(holder)}`],
    now: "nothing was started; nothing was changed",
    next: [holder === undefined ? `fuser -v ${shellWord(`${folder}/db/LOCK`)}` : `ps -fp ${holder.pid}`],
    metadata: { folder, ...(holder !== undefined && { pid: String(holder.pid) }) },
    cause: error,
  });
}

const textOf = (holder: Holder | undefined): string =>
  holder === undefined ? "a process that did not say who it is" : `process ${holder.pid} since ${holder.since}`;

/** Undefined: there is none, or it is being written. */
async function readHolder(folder: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, HOLDER), "utf8")) as Holder;
  } catch {
    return undefined;
  }
}
