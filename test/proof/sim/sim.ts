// The shipped planner, scheduler, catalog, drain, watch, lease and election through simulated faults: by seed, and at
// evenly chosen points of runs without faults. What judges it reads the raw store and the raw engine only. Its control
// plants defects in the code.

import { hunt } from "../../simulation/mutants/planted.js";
import { MUTANTS } from "../../simulation/mutants/table.js";
import { type Line, runSim } from "../../simulation/run-sim.js";
import { AIMED_FAULTS, FAULTS } from "../../simulation/world/faults.js";
import { PAIRS_OF_FAULTS } from "../../simulation/world/size.js";
import type { Proof, Report, Size } from "../proof.js";

type Bounds = {
  readonly from: number;
  /** Less is a violation. */
  readonly seeds: number;
  /** Of each run in POINTS_OF. */
  readonly points: number;
};

const SECONDS = 10 * 86_400;
const POINTS_OF = [1, 2];
const PROCESSES = 2;
const BOUNDS: Readonly<Record<Size, Bounds>> = {
  // The same on every machine, however fast it is.
  small: { from: 0, seeds: 2000, points: 8 },
  full: { from: 0, seeds: 200_000, points: 100_000 },
};
/** Caught within the first seeds, so that the small control takes no time. */
const QUICK = ["emit an incomplete revision"];
const MUTANTS_CAUGHT = 33;

async function check(size: Size): Promise<Report> {
  const { from, seeds, points } = BOUNDS[size];
  const share = Math.ceil(seeds / PROCESSES);
  const portions = Array.from({ length: PROCESSES }, (_, i) => {
    const first = from + i * share;
    return [`--from=${first}`, `--to=${Math.min(from + seeds, first + share)}`, `--seconds=${SECONDS}`];
  });
  const bySeed = await runSim(portions);
  const atPoints = await runSim(
    POINTS_OF.map((seed) => [`--from=${seed}`, `--points=${points}`, `--seconds=${SECONDS}`]),
  );
  const cases = sumOf(bySeed, "seeds");
  const looked = `${sumOf(atPoints, "points")} of the ${sumOf(atPoints, "pointsOf")} points of ${POINTS_OF.length} runs`;
  console.error(`sim: ${cases} seeds from ${from}, and ${looked}`);
  tell(bySeed);
  const violations = [...bySeed, ...atPoints]
    .filter((line) => "violations" in line)
    .map((line) => JSON.stringify(line));
  if (cases < seeds) violations.push(`${cases} seeds were run, not ${seeds}`);
  return { cases, violations: [...violations, ...uncovered(bySeed)] };
}

/** How much was seen of what. */
function tell(lines: readonly Line[]): void {
  for (const { pairs: _, faults: _faults, scenarios: _scenarios, ...sum } of sums(lines)) {
    console.error(`sim: ${JSON.stringify(sum)}`);
  }
  for (const what of ["faults", "scenarios"]) {
    console.error(`sim: seeds with ${what}: ${JSON.stringify(Object.fromEntries(counted(lines, what)))}`);
  }
  const pairs = counted(lines, "pairs");
  const least = Math.min(...pairs.values());
  console.error(`sim: ${pairs.size} of ${PAIRS_OF_FAULTS} pairs of faults struck in one seed, the least in ${least}`);
}

/** It takes a keepalive that reaches a lease which is over: thousands of seeds may go without. */
const SELDOM = new Set<string>(["store keepalive lie"]);

/** Kinds of faults that never struck. */
function uncovered(lines: readonly Line[]): readonly string[] {
  const struck = counted(lines, "faults");
  return [...FAULTS, ...AIMED_FAULTS]
    .filter((fault) => !struck.has(fault) && !SELDOM.has(fault))
    .map((fault) => `no seed had the fault "${fault}"`);
}

const sums = (lines: readonly Line[]): readonly Line[] => lines.filter((line) => "events" in line);

function counted(lines: readonly Line[], what: string): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const line of sums(lines)) {
    for (const [name, seeds] of Object.entries((line[what] ?? {}) as Record<string, number>)) {
      all.set(name, (all.get(name) ?? 0) + seeds);
    }
  }
  return all;
}

const sumOf = (lines: readonly Line[], what: string): number =>
  lines.reduce((sum, line) => sum + Number(line[what] ?? 0), 0);

/** Fails as it should when enough of the planted defects are seen; each that is seen counts as one violation. */
async function control(size: Size): Promise<Report> {
  const chosen = size === "small" ? MUTANTS.filter(({ name }) => QUICK.includes(name)) : MUTANTS;
  const caught: string[] = [];
  for (const mutant of chosen) {
    const found = await hunt(mutant, { from: 0, seeds: 2000, seconds: size === "small" ? 40 : SECONDS });
    console.error(`sim, control: ${JSON.stringify(found)}`);
    if (found.seed !== undefined) caught.push(`${mutant.name}: ${found.by}`);
  }
  const isEnough = size === "small" || caught.length >= MUTANTS_CAUGHT;
  return { cases: chosen.length, violations: isEnough ? caught : [] };
}

export const sim: Proof = { name: "sim", check, control };
