import { describe, expect, it } from "@jest/globals";
import { Freshness } from "../../../clients/freshness.js";

const SERVER = Date.UTC(2026, 0, 1);
const at = (milliseconds: number) => new Date(SERVER + milliseconds);

function fresh(): { readonly freshness: Freshness; readonly turn: (milliseconds: number) => void } {
  let now = 5_000;
  const turn = (milliseconds: number) => {
    now += milliseconds;
  };
  return { freshness: new Freshness(() => now), turn };
}

describe("the age of what is known", () => {
  it("is counted by the own clock, however the servers' clocks are set", () => {
    const { freshness, turn } = fresh();
    expect(freshness.age()).toBeUndefined();
    freshness.told(at(0));
    expect(freshness.age()).toBe(0);
    turn(700);
    expect(freshness.age()).toBe(700);
  });

  it("grows while the servers name the same time again, and ends with another one or a change", () => {
    const { freshness, turn } = fresh();
    freshness.told(at(0));
    for (let count = 0; count < 3; count += 1) {
      turn(15_000);
      freshness.told(at(0));
    }
    expect(freshness.age()).toBe(45_000);
    freshness.told(at(40_000));
    expect(freshness.age()).toBe(0);
    turn(3_000);
    freshness.changed();
    expect(freshness.age()).toBe(0);
  });

  it("ends when a server's clock is set back, too", () => {
    const { freshness, turn } = fresh();
    freshness.told(at(0));
    turn(15_000);
    freshness.told(at(-3_600_000));
    expect(freshness.age()).toBe(0);
  });

  it("goes on over a new stream that knows nothing newer", () => {
    const { freshness, turn } = fresh();
    freshness.told(at(0));
    turn(10_000);
    freshness.begin();
    freshness.told(at(0));
    expect(freshness.age()).toBe(10_000);
    freshness.begin();
    freshness.told(at(-60_000));
    expect(freshness.age()).toBe(10_000);
    turn(15_000);
    freshness.told(at(-45_000));
    expect(freshness.age()).toBe(0);
  });

  it("has beside it the time of the server that was heard last", () => {
    const { freshness, turn } = fresh();
    freshness.told(at(0));
    turn(400);
    freshness.changed();
    turn(100);
    expect(freshness.serverTime()).toEqual(at(500));
  });
});
