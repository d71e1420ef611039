import { describe, expect, it } from "@jest/globals";
import { shapeOf } from "../../../clients/viewer/page/capacity/shape.js";
import { belowPromise, lowestOf, stretchesOf, unseenOf } from "../../../clients/viewer/page/capacity/stretches.js";

const point = (time: number, old: number, fresh: number) => ({ time, old, new: fresh });

describe("the capacity of a rollout", () => {
  it("holds a figure until the next one, and the newest until the moment that is known", () => {
    const seen = { points: [point(0, 6, 0), point(10, 5, 0), point(15, 5, 1)], from: 0, until: 40 };
    expect(stretchesOf(seen)).toEqual([
      { from: 0, to: 10, old: 6, new: 0 },
      { from: 10, to: 15, old: 5, new: 0 },
      { from: 15, to: 40, old: 5, new: 1 },
    ]);
  });

  it("says nothing of the time before anybody looked", () => {
    const stretches = stretchesOf({ points: [point(0, 6, 0), point(10, 5, 0)], from: 5, until: 20 });
    expect(stretches[0]).toEqual({ from: 5, to: 10, old: 6, new: 0 });
    expect(unseenOf({ from: 0, to: 30 }, stretches)).toEqual([
      { from: 0, to: 5 },
      { from: 20, to: 30 },
    ]);
  });

  it("says nothing of the time in between when nobody could look", () => {
    const stretches = stretchesOf({ points: [point(0, 6, 0)], from: 0, until: 20, blind: [{ from: 5, to: 8 }] });
    expect(stretches).toEqual([
      { from: 0, to: 5, old: 6, new: 0 },
      { from: 8, to: 20, old: 6, new: 0 },
    ]);
  });

  it("puts points in order, lets the later one of a moment count, and leaves out what is no figure", () => {
    const points = [point(10, 5, 1), point(0, 6, 0), point(10, 4, 1), point(Number.NaN, 1, 1), point(12, -1, 0)];
    expect(stretchesOf({ points, from: 0, until: 20 })).toEqual([
      { from: 0, to: 10, old: 6, new: 0 },
      { from: 10, to: 20, old: 4, new: 1 },
    ]);
  });

  it("does not call it below the promise while there have never been that many, unless they become fewer", () => {
    const points = [point(0, 0, 0), point(10, 0, 3), point(20, 0, 2), point(30, 0, 6), point(40, 0, 4)];
    const stretches = stretchesOf({ points, from: 0, until: 50 });
    expect(belowPromise(stretches, 5).map(({ from }) => from)).toEqual([20, 40]);
  });

  it("finds the lowest and what is below the promise", () => {
    const stretches = stretchesOf({ points: [point(0, 6, 0), point(10, 4, 0), point(11, 5, 0)], from: 0, until: 20 });
    expect(lowestOf(stretches)).toEqual({ from: 10, to: 11, old: 4, new: 0 });
    expect(belowPromise(stretches, 5)).toEqual([{ from: 10, to: 11, old: 4, new: 0 }]);
    expect(lowestOf([])).toBeUndefined();
  });
});

describe("the picture of the capacity", () => {
  const stretches = stretchesOf({ points: [point(0, 6, 0), point(50, 3, 1)], from: 0, until: 100 });
  const asked = { span: { from: 0, to: 100 }, stretches, promised: 5, wanted: 6 };
  const box = { width: 200, height: 60 };

  it("has only level and upright edges, at the moments of change", () => {
    const shape = shapeOf(asked, box);
    expect(shape.edge).toBe("M0 0H100L100 20H200");
    expect(shape.old).toBe("M0 0H100L100 30H200L200 60H100L100 60H0Z");
    expect(shape.new).toBe("M0 0H100L100 20H200L200 30H100L100 0H0Z");
  });

  it("reaches up to whatever is highest, so that nothing stands outside", () => {
    const more = stretchesOf({ points: [point(0, 6, 3)], from: 0, until: 100 });
    const shape = shapeOf({ ...asked, stretches: more }, box);
    expect(shape.top).toBe(9);
    expect(shape.y(9)).toBe(0);
  });

  it("shows a dip below the promise even when it is shorter than a pixel", () => {
    const dip = stretchesOf({
      points: [point(0, 6, 0), point(5000, 4, 0), point(5001, 6, 0)],
      from: 0,
      until: 100_000,
    });
    const shape = shapeOf({ ...asked, span: { from: 0, to: 100_000 }, stretches: dip }, box);
    expect(shape.below).toEqual([{ x: 10, width: 2 }]);
  });

  it("breaks off where nothing was seen", () => {
    const parts = stretchesOf({ points: [point(0, 6, 0)], from: 0, until: 100, blind: [{ from: 25, to: 50 }] });
    const shape = shapeOf({ ...asked, stretches: parts }, box);
    expect(shape.unseen).toEqual([{ x: 50, width: 50 }]);
    expect(shape.edge).toBe("M0 0H50M100 0H200");
  });
});
