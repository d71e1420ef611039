import { describe, expect, it } from "@jest/globals";
import { RolloutBook } from "../../../clients/viewer/gateway/rollout-book.js";

describe("what is remembered of rollouts", () => {
  it("is given up of the group that was not used for the longest time", () => {
    const book = new RolloutBook();
    for (let i = 0; i < 2_000; i++) book.noteImage(`g-${i}`, 1, "web:1");
    expect(book.knowsImage("g-0", 1)).toBe(true);
    book.noteImage("another", 1, "web:1");
    expect(["g-0", "g-1", "another"].map((group) => book.knowsImage(group, 1))).toEqual([true, false, true]);
  });

  it("is nothing of a group that is gone", () => {
    const book = new RolloutBook();
    book.noteImage("g", 1, "web:1");
    book.forget("g");
    expect(book.knowsImage("g", 1)).toBe(false);
  });
});
