// A folder that is gone afterwards, also when this process is told to end meanwhile.

import { rmSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type TemporaryFolder = { readonly path: string; readonly remove: () => Promise<void> };

export async function makeFolder(name: string): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `theseus-${name}-`)));
  const goWithUs = (): void => rmSync(path, { recursive: true, force: true });
  process.once("exit", goWithUs);
  const remove = async (): Promise<void> => {
    process.off("exit", goWithUs);
    await rm(path, { recursive: true, force: true });
  };
  return { path, remove };
}

export async function inFolder<T>(name: string, work: (path: string) => Promise<T>): Promise<T> {
  const { path, remove } = await makeFolder(name);
  try {
    return await work(path);
  } finally {
    await remove();
  }
}
