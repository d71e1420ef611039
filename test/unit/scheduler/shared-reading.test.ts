import { describe, expect, it } from "@jest/globals";
import { SharedReading } from "../../../src/scheduler/shared-reading.js";
import { ManualClock } from "../../support/manual-clock.js";

function bench(takes = 100) {
  const clock = new ManualClock();
  const state = { count: 0, fails: false };
  const reading = new SharedReading(
    async () => {
      const number = ++state.count;
      await clock.sleep(takes);
      if (state.fails) throw new Error("unread");
      return number;
    },
    clock,
    1000,
  );
  const values: number[] = [];
  const ask = (): void => {
    reading.get().then(
      ({ value }) => values.push(value),
      () => values.push(-1),
    );
  };
  return { clock, reading, state, values, ask };
}

describe("a shared reading", () => {
  it("is one for all who ask while nothing changes", async () => {
    const { clock, ask, values } = bench();
    ask();
    await clock.advance(50);
    ask();
    await clock.advance(500);
    ask();
    await clock.advance(0);
    expect(values).toEqual([1, 1, 1]);
  });

  it("is never one that was begun before the last change", async () => {
    const { clock, reading, ask, values, state } = bench();
    ask();
    await clock.advance(50);
    reading.touch();
    ask();
    ask();
    await clock.advance(300);
    expect(values).toEqual([1, 2, 2]);
    expect(state.count).toBe(2);
  });

  it("is read again when it is old", async () => {
    const { clock, ask, values } = bench();
    ask();
    await clock.advance(1500);
    ask();
    await clock.advance(200);
    expect(values).toEqual([1, 2]);
  });

  it("is read again after a failure", async () => {
    const { clock, ask, values, state } = bench();
    state.fails = true;
    ask();
    await clock.advance(200);
    state.fails = false;
    ask();
    await clock.advance(200);
    expect(values).toEqual([-1, 2]);
  });

  it("is read by one at a time", async () => {
    const { clock, reading, ask, state } = bench();
    for (let i = 0; i < 10; i++) {
      reading.touch();
      ask();
    }
    expect(state.count).toBe(1);
    await clock.advance(1000);
    expect(state.count).toBe(2);
  });
});
