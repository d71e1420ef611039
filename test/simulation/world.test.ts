// Whole clusters through the faults of a few seeds; the proof `sim` takes thousands of them. In a process of its own: here
// every look at a global object takes ten times as long.

import { describe, expect, it, jest } from "@jest/globals";
import { runSim } from "./run-sim.js";

jest.setTimeout(180_000);

/** They see planted defects: of the watch (164), of the hand-over (21), of a leader that was frozen (106). */
const SHARP = [164, 21, 106];

describe("a simulated cluster", () => {
  it("keeps its promises, comes to rest and is the same each time", async () => {
    const seeds = [0, 1, 2, ...SHARP];
    expect(await runSim([[`--seeds=${seeds.join()}`]])).toEqual([
      expect.objectContaining({ seeds: seeds.length, broken: 0, again: 1 }),
    ]);
  });

  it("survives one thing going wrong at one point", async () => {
    expect(await runSim([["--from=1", "--points=2"]])).toEqual([expect.objectContaining({ broken: 0, points: 2 })]);
  });
});
