import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { dismiss, notices, notify, polite, sayPolitely } from "../../../clients/viewer/page/live/notices.js";

describe("what the page says", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    for (const { id } of notices.value) dismiss(id);
    jest.useRealTimers();
  });

  it("is another text when the same is said twice, since a region that stays the same is silent", () => {
    const said = ["3 of 6", "3 of 6", "3 of 6", "", ""].map((text) => {
      sayPolitely(text);
      return polite.value;
    });
    expect(said.map((text) => text.trim())).toEqual(["3 of 6", "3 of 6", "3 of 6", "", ""]);
    expect(said[1]).not.toBe(said[0]);
    expect(said[2]).not.toBe(said[1]);
  });

  it("is not pushed out by passing notices where it stays until somebody closes it", () => {
    notify("server was updated, reload", { stays: true });
    for (let count = 1; count <= 6; count += 1) notify(`copied ${count}`);
    expect(notices.value.map(({ text }) => text)).toEqual([
      "server was updated, reload",
      "copied 4",
      "copied 5",
      "copied 6",
    ]);
    jest.runAllTimers();
    expect(notices.value.map(({ text }) => text)).toEqual(["server was updated, reload"]);
  });
});
