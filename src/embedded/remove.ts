// A store that nobody needs any more: its files go, and whatever else lies in its folder stays.

import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { diskFolder, HOLDER } from "./folder.js";

/** Files that LevelDB makes. */
const LEVEL_FILE = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(log|ldb|sst|dbtmp))$/;

/**
 * Deletes the store in this folder, which no process may have open, and the folder itself where nothing else is in it.
 * @returns what else is in it: names of files and folders. Fails as node:fs does.
 */
export async function removeStore(folder: string): Promise<readonly string[]> {
  const disk = diskFolder(folder);
  for (const name of await readdir(disk)) if (LEVEL_FILE.test(name)) await rm(join(disk, name));
  await rm(join(folder, HOLDER), { force: true });
  if ((await readdir(disk)).length === 0) await rmdir(disk);
  const left = await readdir(folder);
  if (left.length === 0) await rmdir(folder);
  return left;
}
