// The simulator over the code with one defect in it: which seed sees it first.

import { type Line, runSim, SimBroke } from "../run-sim.js";
import type { Mutant } from "./mutant.js";

export type Caught = {
  readonly mutant: string;
  /** Undefined: none of them saw it. */
  readonly seed: number | undefined;
  readonly seeds: number;
  readonly by: string;
};

type Limits = { readonly from: number; readonly seeds: number; readonly seconds: number };

/**
 * The seed that has seen it before is asked first. Seen is only what breaks a promise that it is to break: anything else,
 * and a simulator that does not come to its end, may have nothing to do with it.
 * @param limits else: from which seed on, how many, and for how long.
 */
export async function hunt(mutant: Mutant, { from, seeds, seconds }: Limits): Promise<Caught> {
  if (mutant.seed !== undefined) {
    const again = await seenIn(mutant, [`--seeds=${mutant.seed}`]);
    if (again.seed !== undefined) return again;
  }
  return seenIn(mutant, [`--from=${from}`, `--to=${from + seeds}`, `--seconds=${seconds}`]);
}

async function seenIn(mutant: Mutant, args: readonly string[]): Promise<Caught> {
  const lines = await runSim([[...args, `--sought=${mutant.breaks.join(",")}`]], mutant).catch((error: unknown) => {
    if (error instanceof SimBroke) return [];
    throw error;
  });
  const found = lines.find((line) => violationsOf(line).some((one) => isOf(mutant, one)));
  const by = violationsOf(found ?? {}).find((one) => isOf(mutant, one)) ?? "";
  const seed = found === undefined ? undefined : Number(found["seed"]);
  return { mutant: mutant.name, seed, seeds: Number(lines.at(-1)?.["seeds"] ?? 0), by: by.slice(0, 300) };
}

const violationsOf = (line: Line): readonly string[] => String(line["violations"] ?? "").split("\n");

/** A line is "1.234 s: promise: what". */
const isOf = ({ breaks }: Mutant, violation: string): boolean => breaks.includes(violation.split(": ")[1] ?? "");
