// The pace between two readings of one container.

import { describe, expect, it } from "@jest/globals";
import { paceOf } from "../../../src/model/stats.js";

const reading = (at: number, cpuSeconds: number, rx = 0, tx = 0) => ({ at, cpuSeconds, net: { rx, tx } });

describe("a pace", () => {
  it("is what was used in between, for each second", () => {
    expect(paceOf(reading(1000, 5, 100, 0), reading(3000, 6, 300, 50))).toEqual({ cpu: 0.5, net: { rx: 100, tx: 25 } });
  });

  it("is not known of a first reading, nor of two that are one", () => {
    expect(paceOf(undefined, reading(1000, 5))).toEqual({});
    expect(paceOf(reading(1000, 5), reading(1000, 6))).toEqual({});
    expect(paceOf(reading(2000, 5), reading(1000, 6))).toEqual({});
  });

  it("has no figure whose counter went back, or is missing", () => {
    expect(paceOf(reading(0, 5, 10, 10), reading(1000, 1, 20, 20))).toEqual({ net: { rx: 10, tx: 10 } });
    expect(paceOf({ at: 0 }, reading(1000, 1))).toEqual({});
  });
});
