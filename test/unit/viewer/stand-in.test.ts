import { describe, expect, it } from "@jest/globals";
import { type ListFacts, standIn } from "../../../clients/viewer/page/parts/stand-in.js";

const EMPTY: ListFacts = { loaded: true, here: 0, shown: 0, isFiltered: false, isUnread: false };

describe("what stands in the place of a list", () => {
  it("is the list, as soon as it has a row", () => {
    expect(standIn({ ...EMPTY, here: 3, shown: 1, isFiltered: true })).toBe("list");
  });

  it("says that it is being read before anything has come", () => {
    expect(standIn({ ...EMPTY, loaded: false, isUnread: true })).toBe("reading");
  });

  it("names the filter that hides all", () => {
    expect(standIn({ ...EMPTY, here: 3, isFiltered: true })).toBe("hidden");
  });

  it("says how to begin where nothing was ever made", () => {
    expect(standIn(EMPTY)).toBe("first-run");
    expect(standIn({ ...EMPTY, isFiltered: true })).toBe("first-run");
  });

  it("does not say that there is nothing where nothing could be read", () => {
    expect(standIn({ ...EMPTY, isUnread: true })).toBe("unread");
  });
});
