// A copy of the code with one defect in it, and the simulator run on that.

import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Line, runSim } from "../run-sim.js";
import type { Mutant } from "./table.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export type Caught = {
  readonly mutant: string;
  /** Undefined: none of them saw it. */
  readonly seed: number | undefined;
  readonly seeds: number;
  readonly by: string;
};

/** @param limits how many seeds are tried, and for how long. */
export async function hunt(
  mutant: Mutant,
  limits: { readonly seeds: number; readonly seconds: number },
): Promise<Caught> {
  const folder = await mkdtemp(join(tmpdir(), "theseus-mutant-"));
  try {
    await plant(mutant, folder);
    const args = [`--from=0`, `--to=${limits.seeds}`, `--seconds=${limits.seconds}`, "--first"];
    // A defect that stops the simulator itself is seen too.
    const lines: readonly Line[] = await runSim(args, folder).catch((error: unknown) => [
      { violations: String(error), seed: -1 },
    ]);
    const found = lines.find((line) => "violations" in line);
    const by = String(found?.["violations"] ?? "").split("\n")[0] ?? "";
    const seed = found === undefined ? undefined : Number(found["seed"]);
    return { mutant: mutant.name, seed, seeds: Number(lines.at(-1)?.["seeds"] ?? 0), by };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function plant({ file, find, put, name }: Mutant, folder: string): Promise<void> {
  for (const part of ["src", "test/simulation", "package.json", "tsconfig.json"]) {
    await cp(join(ROOT, part), join(folder, part), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const text = await readFile(join(folder, file), "utf8");
  if (text.split(find).length !== 2) throw new Error(`mutant "${name}": its place in ${file} is not there, or not one`);
  await writeFile(
    join(folder, file),
    text.replace(find, () => put),
  );
}
