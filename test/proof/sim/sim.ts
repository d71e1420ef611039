// The shipped planner, scheduler, catalog, drain, watch, lease and election through simulated faults: by seed, and at
// evenly chosen points of a run without faults. What judges it reads the raw store and the raw engine only. Its control
// plants defects in a copy of the code.

import { hunt } from "../../simulation/mutants/planted.js";
import { MUTANTS } from "../../simulation/mutants/table.js";
import { type Line, runSim } from "../../simulation/run-sim.js";
import type { Proof, Report, Size } from "../proof.js";

type Bounds = {
  readonly from: number;
  /** Less is a violation. */
  readonly seeds: number;
  readonly points: number;
  readonly processes: number;
};

const DAY = 86_400;
const SECONDS = 10 * DAY;
const POINTS_OF = 1;
const BOUNDS: Readonly<Record<Size, Bounds>> = {
  // The same on every machine, however fast it is.
  small: { from: 1, seeds: 40, points: 6, processes: 1 },
  full: { from: 0, seeds: 200_000, points: 100_000, processes: 2 },
};
/** Caught within the first seeds, so that the small control takes no time. */
const QUICK = ["emit an incomplete revision"];
const MUTANTS_CAUGHT = 16;

async function check(size: Size): Promise<Report> {
  const { from, seeds, points, processes } = BOUNDS[size];
  const share = Math.ceil(seeds / processes);
  const portions = Array.from({ length: processes }, (_, i) => {
    const first = from + i * share;
    return runSim([`--from=${first}`, `--to=${Math.min(from + seeds, first + share)}`, `--seconds=${SECONDS}`]);
  });
  const bySeed = (await Promise.all(portions)).flat();
  const atPoints = await runSim([`--from=${POINTS_OF}`, `--points=${points}`, `--seconds=${SECONDS}`]);
  const lines = [...bySeed, ...atPoints];
  for (const line of lines.filter((one) => "events" in one)) console.error(`sim: ${JSON.stringify(line)}`);
  const violations = lines.filter((line) => "violations" in line).map((line) => JSON.stringify(line));
  const cases = sumOf(bySeed, "seeds");
  const looked = `${sumOf(atPoints, "points")} of the ${sumOf(atPoints, "pointsOf")} points of seed ${POINTS_OF}`;
  console.error(`sim: ${cases} seeds from ${from}, and ${looked}`);
  if (cases < seeds) violations.push(`${cases} seeds were run, not ${seeds}`);
  return { cases, violations };
}

const sumOf = (lines: readonly Line[], what: string): number =>
  lines.reduce((sum, line) => sum + Number(line[what] ?? 0), 0);

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
