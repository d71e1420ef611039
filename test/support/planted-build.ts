// The built server once more, with one defence taken out of it: for controls. The build itself stays as it is.

import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PARTS = ["bin", "dist", "package.json"];

/** In that file of the build the text, which is there once, is another. */
export type Planted = { readonly file: string; readonly find: string; readonly put: string };

/** Its bin/theseus.js. Fails when the place is not there, or not one. @param folder which goes with it. */
export async function plantedBuild(folder: string, { file, find, put }: Planted): Promise<string> {
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const path = join(folder, "dist", file);
  const text = await readFile(path, "utf8");
  if (text.split(find).length !== 2) throw new Error(`in ${file} the place is not there, or not one: ${find}`);
  await writeFile(
    path,
    text.replace(find, () => put),
  );
  return join(folder, "bin/theseus.js");
}
