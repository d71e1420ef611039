// The simulated engine does what Docker does: the same commands, made up at random, to both through the port Runtime; after
// each the same answer, and the same containers in the same state. A run is repeated with ENGINE_SEED=number.

import { randomInt } from "node:crypto";
import { Seeded } from "../../simulation/world/seeded.js";
import type { Proof, Report, Size } from "../proof.js";
import { makeStep, type Step, type Talk, textOf } from "./commands.js";
import { type Side, simulatedSide, startRealSide } from "./sides.js";

const COMMANDS: Readonly<Record<Size, number>> = { small: 120, full: 10_000 };
const HIGHEST_SEED = 2 ** 31 - 1;
/** Containers at the same time. */
const MOST = 6;

type Run = { readonly commands: number; readonly byKind: ReadonlyMap<string, number>; readonly divergence?: string };

async function compare(sides: readonly [Side, Side], commands: number, seed: number): Promise<Run> {
  const chance = new Seeded(`engine ${seed}`);
  const byKind = new Map<string, number>();
  const talk: Talk = { made: 0, known: [] };
  const past: string[] = [];
  for (let count = 1; count <= commands; count++) {
    const step = makeStep(chance, talk, MOST);
    byKind.set(step.kind, (byKind.get(step.kind) ?? 0) + 1);
    past.push(textOf(step));
    const [one, other] = await Promise.all(sides.map((side) => outcome(side, step)));
    if (one !== other) {
      const told = `after ${past.slice(-8).join("; ")}: ${sides[0].name} ${one}, ${sides[1].name} ${other}`;
      return { commands: count, byKind, divergence: told };
    }
  }
  return { commands, byKind };
}

async function outcome(side: Side, step: Step): Promise<string> {
  const answer = await side.run(step);
  return `says ${answer} and has ${await side.state()}`;
}

function seedFor(size: Size): number {
  const given = process.env["ENGINE_SEED"];
  if (given !== undefined) return Number(given);
  return size === "small" ? 1 : randomInt(HIGHEST_SEED);
}

async function check(size: Size): Promise<Report> {
  const seed = seedFor(size);
  console.error(`engine-model: seed ${seed}`);
  const real = await startRealSide();
  try {
    const { commands, byKind, divergence } = await compare([simulatedSide(), real], COMMANDS[size], seed);
    const kinds = [...byKind].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
    console.error(
      `engine-model: ${commands} commands, ${divergence === undefined ? 0 : 1} divergences: ${kinds.join(", ")}`,
    );
    return { cases: commands, violations: divergence === undefined ? [] : [`seed ${seed}: ${divergence}`] };
  } finally {
    await real.end();
  }
}

/** Against one that is wrong in one thing: it starts again what was stopped by hand. */
async function control(): Promise<Report> {
  const right = simulatedSide();
  const wrong = simulatedSide();
  const restless: Side = {
    ...wrong,
    name: "a restless one",
    run: async (step) => {
      const answer = await wrong.run(step);
      return step.kind === "kill" ? await wrong.run({ ...step, kind: "start" }) : answer;
    },
  };
  const { commands, divergence } = await compare([right, restless], 200, 1);
  return { cases: commands, violations: divergence === undefined ? [] : [divergence] };
}

export const engineModel: Proof = { name: "engine-model", check, control };
