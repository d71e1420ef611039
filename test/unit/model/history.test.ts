// Which configs of a group go: a pure value.

import { describe, expect, it } from "@jest/globals";
import { newestFirst, pastKeeping, REMOVED_KEPT } from "../../../src/model/history.js";

const NOW = Date.UTC(2026, 5, 1);
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("of the configs of a group", () => {
  it("all stay up to ten", () => {
    expect(pastKeeping({ revisions: [], removedAt: undefined }, NOW)).toEqual([]);
    expect(pastKeeping({ revisions: numbers(1, 10), removedAt: undefined }, NOW)).toEqual([]);
  });

  it("those beyond the newest ten go, by their number and not by the order they were read in", () => {
    const read = [12, 3, 100, 11, 7, 9, 8, 6, 5, 4, 10, 99];
    expect(pastKeeping({ revisions: read, removedAt: undefined }, NOW).sort()).toEqual([3, 4]);
    expect(newestFirst(read)[0]).toBe(100);
    expect(read[0]).toBe(12);
  });

  it("all but the last go once it is removed", () => {
    expect(pastKeeping({ revisions: numbers(4, 8), removedAt: NOW }, NOW)).toEqual([7, 6, 5, 4]);
    expect(pastKeeping({ revisions: [1], removedAt: NOW }, NOW)).toEqual([]);
  });

  it("the last one goes too after 30 days, and not a moment earlier", () => {
    const at = (removedAt: number) => pastKeeping({ revisions: [7, 8], removedAt }, NOW);
    expect(REMOVED_KEPT).toBe(30 * 24 * 3_600_000);
    expect(at(NOW - REMOVED_KEPT)).toEqual([7]);
    expect(at(NOW - REMOVED_KEPT - 1)).toEqual([8, 7]);
  });

  it("nothing goes early because a clock ran ahead", () => {
    expect(pastKeeping({ revisions: [7, 8], removedAt: NOW + 1000 }, NOW)).toEqual([7]);
  });
});
