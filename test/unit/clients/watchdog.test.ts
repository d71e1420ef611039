// When silence counts.

import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Watchdog } from "../../../clients/watchdog.js";

const SILENCE = 20_000;

let bites: number;
let watchdog: Watchdog;
beforeEach(() => {
  jest.useFakeTimers();
  bites = 0;
  watchdog = new Watchdog(SILENCE, () => {
    bites += 1;
  });
});
afterEach(() => {
  watchdog.end();
  jest.useRealTimers();
});

describe("silence", () => {
  it.each([0, 1, 2_500, 4_999])("is never shorter than what was asked, %d ms after a moment has begun", (late) => {
    jest.advanceTimersByTime(SILENCE / 2 + late);
    watchdog.rest();
    watchdog.wake();
    jest.advanceTimersByTime(SILENCE - 1);
    expect(bites).toBe(0);
    jest.advanceTimersByTime(SILENCE / 4 + 1);
    expect([bites, watchdog.hasBitten]).toEqual([1, true]);
    jest.advanceTimersByTime(10 * SILENCE);
    expect(bites).toBe(1);
  });

  it("is not counted while it rests", () => {
    watchdog.rest();
    jest.advanceTimersByTime(10 * SILENCE);
    watchdog.wake();
    jest.advanceTimersByTime(SILENCE - 1);
    expect(bites).toBe(0);
  });
});
