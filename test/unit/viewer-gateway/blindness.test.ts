import { describe, expect, it } from "@jest/globals";
import { Blindness } from "../../../clients/viewer/gateway/blindness.js";

describe("when nothing was heard", () => {
  it("is from the last certain word to the next one", () => {
    const blind = new Blindness();
    expect(blind.after(0, 100)).toEqual([]);
    blind.lost("watch", 10);
    blind.lost("watch", 15);
    expect(blind.after(0, 20)).toEqual([{ from: 10, to: 20 }]);
    blind.found("watch", 30);
    blind.found("watch", 40);
    expect(blind.after(0, 100)).toEqual([{ from: 10, to: 30 }]);
    expect(blind.after(25, 100)).toEqual([{ from: 25, to: 30 }]);
    expect(blind.after(30, 100)).toEqual([]);
  });

  it("is one stretch where several causes overlap", () => {
    const blind = new Blindness();
    blind.lost("watch", 10);
    blind.lost("truth", 5);
    blind.found("watch", 20);
    expect(blind.after(0, 50)).toEqual([{ from: 5, to: 50 }]);
    blind.found("truth", 60);
    blind.lost("watch", 80);
    blind.found("watch", 90);
    expect(blind.after(0, 100)).toEqual([
      { from: 5, to: 60 },
      { from: 80, to: 90 },
    ]);
  });

  it("is kept of a bounded number of stretches", () => {
    const blind = new Blindness();
    for (let i = 0; i < 1_000; i++) {
      blind.lost("watch", 10 * i);
      blind.found("watch", 10 * i + 1);
    }
    expect(blind.after(0, 20_000)).toHaveLength(200);
  });
});
