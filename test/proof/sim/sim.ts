// The shipped planner, scheduler, catalog, drain, watch, lease and election through simulated faults: by seed, and at
// evenly chosen points of a run without faults. What judges it reads the raw store and the raw engine only. Its control
// plants defects in a copy of the code.

import { hunt } from "../../simulation/mutants/planted.js";
import { MUTANTS } from "../../simulation/mutants/table.js";
import { runSim } from "../../simulation/run-sim.js";
import type { Proof, Report, Size } from "../proof.js";

type Bounds = {
  readonly seeds: number;
  /** Less is a violation. */
  readonly atLeast: number;
  readonly seconds: number;
  readonly points: number;
  readonly pointSeconds: number;
  readonly processes: number;
};

const DAY = 86_400;
const BOUNDS: Readonly<Record<Size, Bounds>> = {
  // As many as the time holds: how many depends on the machine.
  small: { seeds: 2000, atLeast: 10, seconds: 30, points: 40, pointSeconds: 12, processes: 1 },
  full: { seeds: 200_000, atLeast: 200_000, seconds: 10 * DAY, points: 100_000, pointSeconds: 10 * DAY, processes: 2 },
};
/** Caught within the first seeds, so that the small control takes no time. */
const QUICK = ["emit an incomplete revision"];
const MUTANTS_CAUGHT = 16;

async function check(size: Size): Promise<Report> {
  const { seeds, atLeast, seconds, points, pointSeconds, processes } = BOUNDS[size];
  const share = Math.ceil(seeds / processes);
  const portions = Array.from({ length: processes }, (_, i) => {
    return runSim([`--from=${i * share}`, `--to=${Math.min(seeds, (i + 1) * share)}`, `--seconds=${seconds}`]);
  });
  const bySeed = (await Promise.all(portions)).flat();
  const atPoints = await runSim(["--from=1", `--points=${points}`, `--seconds=${pointSeconds}`]);
  const lines = [...bySeed, ...atPoints];
  for (const line of lines.filter((one) => "events" in one)) console.error(`sim: ${JSON.stringify(line)}`);
  const violations = lines.filter((line) => "violations" in line).map((line) => JSON.stringify(line));
  const cases = bySeed.reduce((sum, line) => sum + Number(line["seeds"] ?? 0), 0);
  if (cases < atLeast) violations.push(`${cases} seeds were run, not ${atLeast}`);
  return { cases, violations };
}

/** Fails as it should when enough of the planted defects are seen; each that is seen counts as one violation. */
async function control(size: Size): Promise<Report> {
  const chosen = size === "small" ? MUTANTS.filter(({ name }) => QUICK.includes(name)) : MUTANTS;
  const caught: string[] = [];
  for (const mutant of chosen) {
    const found = await hunt(mutant, { seeds: 2000, seconds: size === "small" ? 40 : DAY });
    console.error(`sim, control: ${JSON.stringify(found)}`);
    if (found.seed !== undefined) caught.push(`${mutant.name}: ${found.by}`);
  }
  const isEnough = size === "small" || caught.length >= MUTANTS_CAUGHT;
  return { cases: chosen.length, violations: isEnough ? caught : [] };
}

export const sim: Proof = { name: "sim", check, control };
