import { describe, expect, it } from "@jest/globals";
import { laneSince, tracksOf } from "../../../clients/viewer/page/lanes/strips.js";
import { levelsOf, placeOn, ticksOf } from "../../../clients/viewer/page/plot/axis.js";
import type { Lane } from "../../../clients/viewer/wire.js";

describe("an axis of time", () => {
  it("places times on the width, and at the edges what is outside", () => {
    const place = placeOn({ from: 1000, to: 2000 }, 100);
    expect([0, 1000, 1250, 2000, 9000].map(place)).toEqual([0, 0, 25, 100, 100]);
  });

  it("has a place for everything in a span without length", () => {
    expect(placeOn({ from: 5, to: 5 }, 100)(5)).toBe(100);
  });

  it("marks round moments, never more than asked", () => {
    const from = Date.UTC(2026, 10, 22, 14, 2, 10);
    const ticks = ticksOf({ from, to: from + 60_000 }, 4);
    expect(ticks.map((at) => new Date(at).toISOString().slice(11, 19))).toEqual([
      "14:02:15",
      "14:02:30",
      "14:02:45",
      "14:03:00",
    ]);
    for (const length of [1, 900, 7_000, 3.6e6, 9e8, 4e12])
      expect(ticksOf({ from, to: from + length }, 6).length).toBeLessThanOrEqual(6);
  });

  it("marks whole numbers upwards, never more than asked", () => {
    expect(levelsOf(6, 4)).toEqual([0, 2, 4, 6]);
    expect(levelsOf(1, 4)).toEqual([0, 1]);
    for (const top of [0, 1, 3, 7, 40, 999, 12_345]) expect(levelsOf(top, 5).length).toBeLessThanOrEqual(5);
  });
});

describe("the lane of a slot", () => {
  const container = (generation: number, steps: readonly [string, number, number][]): Lane["containers"][number] => ({
    name: `c${generation}`,
    generation,
    rev: 40 + generation,
    host: "node-a",
    steps: steps.map(([what, from, to]) => ({ what, from, to })),
  });
  const lane = (...containers: Lane["containers"][number][]): Lane => ({
    slot: 1,
    state: "ready",
    text: "",
    containers,
  });
  const span = { from: 0, to: 100 };

  it("puts containers that follow each other on one track, and those that overlap on two", () => {
    const after = tracksOf(lane(container(1, [["ready", 0, 40]]), container(2, [["starting", 40, 0]])), span, 100, 100);
    expect([after.rows, after.tracks.map(({ row }) => row)]).toEqual([1, [0, 0]]);
    const beside = tracksOf(
      lane(container(1, [["ready", 0, 60]]), container(2, [["starting", 40, 0]])),
      span,
      100,
      100,
    );
    expect([beside.rows, beside.tracks.map(({ row }) => row)]).toEqual([2, [0, 1]]);
  });

  it("draws what goes on until now, and what took no time a pixel wide", () => {
    const { tracks } = tracksOf(
      lane(
        container(1, [
          ["pull", 10, 10],
          ["start", 10, 0],
        ]),
      ),
      span,
      100,
      30,
    );
    expect(tracks[0]?.strips.map(({ x, width }) => [x, width])).toEqual([
      [10, 1],
      [10, 20],
    ]);
  });

  it("can leave out what was before a moment, and cut what went on through it", () => {
    const whole = lane(
      container(1, [["ready", 0, 40]]),
      container(2, [
        ["starting", 30, 60],
        ["ready", 60, 0],
      ]),
    );
    expect(laneSince(whole, 50).containers.map(({ generation, steps }) => [generation, steps])).toEqual([
      [
        2,
        [
          { what: "starting", from: 50, to: 60 },
          { what: "ready", from: 60, to: 0 },
        ],
      ],
    ]);
  });

  it("leaves out what ended before the time that is shown", () => {
    const { rows, tracks } = tracksOf(lane(container(1, [["ready", 1, 5]])), { from: 10, to: 20 }, 100, 20);
    expect([rows, tracks]).toEqual([1, []]);
  });
});
