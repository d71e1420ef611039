// LevelDB as a small port: records in, records out, each write synced whole. The only importer of classic-level; must
// not know what a record says.

import { ClassicLevel } from "classic-level";
import type { DiskOperation, DiskRecord } from "./records.js";

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

/** Fails with what LevelDB says: "locked" and "damaged" can be told from all else. */
export class DiskFailure extends Error {
  override readonly name = "DiskFailure";
  readonly kind: "locked" | "damaged" | "other";

  constructor(error: unknown) {
    const root = rootOf(error);
    super(root.message, { cause: error });
    const code = "code" in root ? root.code : undefined;
    this.kind = code === "LEVEL_LOCKED" ? "locked" : code === "LEVEL_CORRUPTION" ? "damaged" : "other";
  }
}

/** Makes the folder's last part when it is not there. Locks it against every other process. Fails with DiskFailure. */
export async function openDisk(folder: string): Promise<Disk> {
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
    try {
      for await (const [key, value] of this.#level.iterator()) yield { key, value };
    } catch (error) {
      throw new DiskFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#level.close();
  }
}

/** LevelDB's own failure is the cause of the cause. */
function rootOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}
