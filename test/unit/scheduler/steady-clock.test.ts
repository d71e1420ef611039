import { describe, expect, it } from "@jest/globals";
import { steadyClock } from "../../../src/scheduler/steady-clock.js";
import { ManualClock } from "../../support/manual-clock.js";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

describe("a steady clock", () => {
  it("goes with the wall clock while nobody sets that", async () => {
    const clock = new ManualClock();
    const steady = steadyClock(clock);
    await clock.advance(10 * HOUR);
    expect(steady.now()).toBe(clock.now());
  });

  it.each([HOUR, -HOUR, 24 * HOUR, -24 * HOUR])(
    "goes on as time passes when the wall clock is set by %d ms",
    async (by) => {
      const clock = new ManualClock();
      const steady = steadyClock(clock);
      const begun = steady.now();
      clock.set(by);
      expect(steady.now()).toBe(begun);
      await clock.advance(100 * SECOND);
      expect(steady.now() - begun).toBe(100 * SECOND + Math.sign(by) * 5 * SECOND);
    },
  );

  it("catches up with a wall clock that was put right", async () => {
    const clock = new ManualClock();
    const steady = steadyClock(clock);
    clock.set(HOUR);
    await clock.advance(20 * HOUR);
    expect(steady.now()).toBe(clock.now());
    clock.set(-HOUR);
    for (let i = 0; i < 21; i += 1) {
      await clock.advance(HOUR);
      steady.now();
    }
    expect(steady.now()).toBe(clock.now());
  });

  it("never goes back, however often the wall clock is set", async () => {
    const clock = new ManualClock();
    const steady = steadyClock(clock);
    let last = steady.now();
    for (let i = 0; i < 100; i += 1) {
      clock.set(i % 2 === 0 ? HOUR : -HOUR);
      await clock.advance(200);
      const now = steady.now();
      expect(now).toBeGreaterThanOrEqual(last + 190);
      expect(now).toBeLessThanOrEqual(last + 210);
      last = now;
    }
  });
});
