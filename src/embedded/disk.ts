// LevelDB as a small port: records in, records out, each write synced whole. The only importer of classic-level; must
// not know what a record says.

import { mkdir } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import { findDamage } from "./level-check.js";
import type { DiskOperation, DiskRecord } from "./records.js";

/** Records read at once. */
const PAGE = 500;

export interface Disk {
  /**
   * All or nothing, on the disk when it resolves. After a failure nothing is known: the disk has to be closed and opened
   * again before it takes another write.
   */
  write(operations: readonly DiskOperation[]): Promise<void>;
  /** In the order of keys. */
  records(): AsyncIterable<DiskRecord>;
  close(): Promise<void>;
}

const KINDS: Partial<Record<string, DiskFailure["kind"]>> = { LEVEL_LOCKED: "locked", LEVEL_CORRUPTION: "damaged" };

/** Fails with what LevelDB says: "locked" and "damaged" can be told from all else. */
export class DiskFailure extends Error {
  override readonly name = "DiskFailure";
  readonly kind: "locked" | "damaged" | "other";

  constructor(error: unknown, kind?: DiskFailure["kind"]) {
    const root = rootOf(error);
    super(root.message, { cause: error });
    this.kind = kind ?? KINDS[String(root.code)] ?? "other";
  }
}

/** Makes the folder's last part when it is not there. Locks it against every other process. Fails with DiskFailure. */
export async function openDisk(folder: string): Promise<Disk> {
  const damage = await findDamage(folder);
  if (damage !== undefined) throw new DiskFailure(new Error(damage), "damaged");
  // LevelDB would let everybody read it.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const level = new ClassicLevel<Buffer, Buffer>(folder, { keyEncoding: "buffer", valueEncoding: "buffer" });
  try {
    await level.open();
  } catch (error) {
    throw new DiskFailure(error);
  }
  return new LevelDisk(level);
}

class LevelDisk implements Disk {
  readonly #level: ClassicLevel<Buffer, Buffer>;

  constructor(level: ClassicLevel<Buffer, Buffer>) {
    this.#level = level;
  }

  async write(operations: readonly DiskOperation[]): Promise<void> {
    try {
      // LevelDB changes nothing in the list; its type does not say so.
      await this.#level.batch(operations as DiskOperation[], { sync: true });
    } catch (error) {
      throw new DiskFailure(error);
    }
  }

  async *records(): AsyncGenerator<DiskRecord, void, undefined> {
    const iterator = this.#level.iterator();
    try {
      for (;;) {
        const page = await iterator.nextv(PAGE).catch((error: unknown) => {
          throw new DiskFailure(error);
        });
        if (page.length === 0) return;
        for (const [key, value] of page) yield { key, value };
      }
    } finally {
      await iterator.close();
    }
  }

  async close(): Promise<void> {
    await this.#level.close();
  }
}

type Told = { readonly message: string; readonly code?: unknown; readonly cause?: unknown };

/** LevelDB's own failure is the cause of the cause. */
function rootOf(error: unknown): Told {
  if (!isTold(error)) return { message: String(error) };
  return isTold(error.cause) ? rootOf(error.cause) : error;
}

const isTold = (error: unknown): error is Told => typeof error === "object" && error !== null && "message" in error;
