// A store made from a backup: same ids, same revisions; history before the backup's revision is gone.

import { createReadStream } from "node:fs";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { TheseusError } from "../model/errors.js";
import { BrokenBackup, readBackup } from "./backup-format.js";
import { type Disk, openDisk } from "./disk.js";
import { diskFolder, syncFolder } from "./folder.js";
import { DamagedRecord, type DiskOperation, readRecord } from "./records.js";
import { moveAside } from "./shell-word.js";

export type RestoreOptions = {
  /** A path, or the bytes. */
  readonly file: string | AsyncIterable<Uint8Array>;
  /** Made if it is not there. */
  readonly folder: string;
};

export type Restored = { readonly revision: number; readonly keys: number };

const BATCH_BYTES = 1024 * 1024;

/**
 * Writes a store into the folder, whole or not at all, and says at which revision it stands. CONFLICT when there is one
 * already, INVALID_REQUEST when the file is not a whole backup, STORE_UNREACHABLE when a file cannot be read or written.
 */
export async function restoreEmbedded({ file, folder }: RestoreOptions): Promise<Restored> {
  const unfinished = join(folder, "db.restoring");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (await exists(diskFolder(folder))) throw holdsStore(folder);
    await rm(unfinished, { recursive: true, force: true });
    const restored = await writeRecords(file, unfinished);
    await rename(unfinished, diskFolder(folder));
    await syncFolder(folder);
    return restored;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw explain(error, file, folder);
  }
}

async function writeRecords(file: RestoreOptions["file"], folder: string): Promise<Restored> {
  const bytes = typeof file === "string" ? readFile(file) : file;
  const disk = await openDisk(folder);
  try {
    return await copy(bytes, disk);
  } finally {
    await disk.close();
  }
}

/** Not opened before it is read, so that its failure has a reader. */
async function* readFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield* createReadStream(path) as AsyncIterable<Uint8Array>;
}

async function copy(bytes: AsyncIterable<Uint8Array>, disk: Disk): Promise<Restored> {
  let restored: Restored | undefined;
  let operations: DiskOperation[] = [];
  let size = 0;
  for await (const record of readBackup(bytes)) {
    const stored = readRecord(record);
    if (stored.kind === "compacted") restored = { revision: stored.revision, keys: stored.kept };
    operations.push({ type: "put", ...record });
    size += record.value.length;
    if (size < BATCH_BYTES) continue;
    await disk.write(operations);
    operations = [];
    size = 0;
  }
  if (restored === undefined) throw new BrokenBackup("it does not say at which revision it was made");
  await disk.write(operations);
  return restored;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

function holdsStore(folder: string): TheseusError {
  return new TheseusError("CONFLICT", {
    what: "there is a store in this folder already",
    why: [`${folder} holds a store`],
    now: "nothing was changed",
    next: [`restore into another folder, or keep the old store aside: ${moveAside(folder, "before")}`],
    metadata: { folder },
  });
}

function explain(error: unknown, file: RestoreOptions["file"], folder: string): TheseusError {
  if (error instanceof TheseusError) return error;
  const name = typeof file === "string" ? file : "the backup";
  const text = error instanceof Error ? error.message : String(error);
  const isBroken = error instanceof BrokenBackup || error instanceof DamagedRecord;
  return new TheseusError(isBroken ? "INVALID_REQUEST" : "STORE_UNREACHABLE", {
    what: isBroken ? "this file cannot be restored" : "the store could not be restored",
    why: [isBroken ? `${name}: ${text}` : `${name} to ${folder}: ${text}`],
    now: `nothing was restored; ${folder} holds no store`,
    metadata: { folder },
    cause: error,
  });
}
