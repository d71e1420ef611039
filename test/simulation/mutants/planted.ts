// The simulator over the code with one defect in it: which seed sees it first.

import { type Line, runSim, SimBroke } from "../run-sim.js";
import type { Mutant } from "./table.js";

export type Caught = {
  readonly mutant: string;
  /** Undefined: none of them saw it. */
  readonly seed: number | undefined;
  readonly seeds: number;
  readonly by: string;
};

type Limits = { readonly from: number; readonly seeds: number; readonly seconds: number };

/** The seed that has seen it before is asked first. @param limits else: from which seed on, how many, and for how long. */
export async function hunt(mutant: Mutant, { from, seeds, seconds }: Limits): Promise<Caught> {
  if (mutant.seed !== undefined) {
    const again = await seenIn(mutant, [`--seeds=${mutant.seed}`]);
    if (again.seed !== undefined) return again;
  }
  return seenIn(mutant, [`--from=${from}`, `--to=${from + seeds}`, `--seconds=${seconds}`, "--first"]);
}

async function seenIn(mutant: Mutant, args: readonly string[]): Promise<Caught> {
  // A defect that stops the simulator itself is seen too.
  const lines: readonly Line[] = await runSim([args], mutant).catch((error: unknown) => {
    if (error instanceof SimBroke) return [{ violations: error.message, seed: -1 }];
    throw error;
  });
  const found = lines.find((line) => "violations" in line);
  const by = String(found?.["violations"] ?? "").split("\n")[0] ?? "";
  const seed = found === undefined ? undefined : Number(found["seed"]);
  return { mutant: mutant.name, seed, seeds: Number(lines.at(-1)?.["seeds"] ?? 0), by: by.slice(0, 300) };
}
