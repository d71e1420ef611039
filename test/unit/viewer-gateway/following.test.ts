import { describe, expect, it } from "@jest/globals";
import { Following } from "../../../clients/viewer/gateway/following.js";

function scene() {
  const at = { time: 1_000 };
  const following = new Following({ steady: () => at.time, wall: () => 1_000_000 + at.time });
  return { at, following };
}

describe("the watch of the containers", () => {
  it("is lost when it was broken for some seconds in which a server was there to mend it", () => {
    const { at, following } = scene();
    following.heard();
    at.time = 10_000;
    following.broke(false, "gone");
    at.time = 13_500;
    expect([following.isLost(12_000), following.isLost(0)]).toEqual([false, true]);
    expect([following.upTo, following.why]).toEqual([1_010_000, "gone"]);
    following.broke(false, "too many");
    expect([following.upTo, following.why, following.isLost(0)]).toEqual([1_010_000, "too many", true]);
    following.heard();
    expect([following.upTo, following.why, following.isLost(0)]).toEqual([Number.POSITIVE_INFINITY, "", false]);
  });

  it("that fell silent was last true when it was heard last", () => {
    const { at, following } = scene();
    at.time = 2_000;
    following.heard();
    at.time = 22_000;
    expect(following.broke(true, "no sign of life")).toBe(1_002_000);
    expect(following.upTo).toBe(1_002_000);
  });
});
