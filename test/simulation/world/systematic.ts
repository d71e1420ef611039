// A run without faults, and then the same with one thing going wrong at one point of it: at each point, each kind.

import type { Milliseconds } from "../../../src/model/instant.js";
import { NO_FAULTS } from "./faults.js";
import type { Process } from "./process.js";
import { type Outcome, runSeed } from "./run-seed.js";
import type { Size } from "./size.js";
import type { World } from "./world.js";

export const AT_A_POINT = ["crash", "pause", "store lost reply", "engine lost reply", "stale read"] as const;
export type AtAPoint = (typeof AT_A_POINT)[number];

/** Of a leader's lease, twice. */
const PAUSE = 10_000;
const BACK_AFTER = 1000;

/** @param quietFor what is paused has to wake up before it ends. */
const sizeWith = (quietFor: Milliseconds): Size => ({
  ...{ name: "middle", servers: 2, services: ["web"], calmAt: 8000, quietFor },
  ...{ mostInstances: 2, mostWishes: 2, moreKinds: 0, aim: undefined },
});

/** How many points the run of that seed has: things that reach a server before all is at rest. */
export async function countPoints(seed: number): Promise<{ readonly points: number; readonly outcome: Outcome }> {
  const outcome = await runSeed(seed, { plan: NO_FAULTS, size: sizeWith(2000) });
  return { points: outcome.points, outcome };
}

export function runWith(seed: number, point: number, kind: AtAPoint, trace?: (line: string) => void): Promise<Outcome> {
  return runSeed(seed, {
    plan: NO_FAULTS,
    size: sizeWith(kind === "pause" ? PAUSE + 2000 : 2000),
    mends: false,
    atPoint: (n, world, process) => {
      if (n === point) HAPPENINGS[kind](world, process);
    },
    ...(trace === undefined ? {} : { trace }),
  });
}

const HAPPENINGS: Readonly<Record<AtAPoint, (world: World, process: Process) => void>> = {
  crash: (world, process) => {
    const place = world.servers.findIndex((server) => server.process === process);
    if (place >= 0) world.killServer(place, BACK_AFTER);
  },
  pause: (world, process) => {
    process.freeze();
    world.timeline.after(PAUSE, () => process.thaw());
  },
  "store lost reply": ({ fate }) => fate.force("store lost reply"),
  "engine lost reply": ({ fate }) => fate.force("engine lost reply"),
  "stale read": ({ fate }) => fate.force("store stale read"),
};
