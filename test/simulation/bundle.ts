// The simulator as one file, made from the sources as they are: it runs far faster than when each file is turned by itself.
// A planted defect is put into it on the way; the sources stay as they are.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** In that file the text, which is there once, is another. */
export type Planted = { readonly file: string; readonly find: string; readonly put: string };

export type Bundle = { readonly path: string; readonly remove: () => Promise<void> };

/** Fails when the sources do not compile, or the place of the defect is not there, or not one. */
export async function bundleSim(planted?: Planted): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "theseus-sim-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const path = join(folder, "sim.mjs");
  try {
    await build({
      ...{ entryPoints: [join(ROOT, "test/simulation/sim.ts")], outfile: path, absWorkingDir: ROOT },
      ...{ bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "silent" },
      plugins: planted === undefined ? [] : [planting(planted)],
      // What is loaded by `require` needs one in a module.
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    });
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function planting({ file, find, put }: Planted): Plugin {
  const target = join(ROOT, file);
  return {
    name: "planted defect",
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== target) return undefined;
        const text = await readFile(path, "utf8");
        if (text.split(find).length !== 2) throw new Error(`in ${file} the place is not there, or not one: ${find}`);
        return { contents: text.replace(find, () => put), loader: "ts" };
      });
    },
  };
}
