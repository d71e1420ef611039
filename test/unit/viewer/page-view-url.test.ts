import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  address,
  changedQuery,
  groupHref,
  href,
  isFilteredScreen,
  keptQuery,
  parseView,
  upHref,
} from "../../../clients/viewer/page/view-url.js";

describe("the address of a view", () => {
  it("names a route and what it was told", () => {
    expect(parseView("/")).toEqual({ route: "overview", path: "/", query: {} });
    expect(parseView("/group?ns=shop&ref=web%2Ffrontend,prod&tab=config")).toEqual({
      route: "group",
      path: "/group",
      query: { ns: "shop", ref: "web/frontend,prod", tab: "config" },
    });
    expect(parseView("/groups/").route).toBe("groups");
  });

  it("knows no other path, whatever it is called", () => {
    for (const path of ["/nothing", "/groups/more", "/constructor", "/__proto__", "//", "/Groups"])
      expect(parseView(path).route).toBe("unknown");
  });

  it("is readable where a URL allows it", () => {
    expect(groupHref({ ns: "shop", ref: "web/frontend,prod" })).toBe("/group?ns=shop&ref=web/frontend,prod");
    expect(href("groups", { filter: "state:failing prod", ns: "" })).toBe("/groups?filter=state:failing+prod");
    expect(href("overview")).toBe("/");
  });

  it("gives back every query that was put into it", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(text, text, { noNullPrototype: true }), (query) => {
        expect(Object.entries(parseView(address("/groups", query)).query).sort()).toEqual(Object.entries(query).sort());
      }),
    );
  });

  it("takes every text for some view and throws at none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
        expect(typeof parseView(text).route).toBe("string");
      }),
    );
    expect(parseView(`/groups?filter=${"a".repeat(1_000_000)}`).route).toBe("groups");
  });

  it("goes up to a list as it was left, and to another one with its filter and namespace", () => {
    const here = parseView("/group?ns=shop&ref=web/prod&tab=logs");
    const groups = parseView("/groups?filter=prod&sort=-age&cols=group");
    expect(upHref("groups", groups, here)).toBe("/groups?filter=prod&sort=-age&cols=group");
    expect(upHref("groups", parseView("/?ns=shop&filter=prod"), here)).toBe("/groups?ns=shop&filter=prod");
    expect(upHref("groups", undefined, here)).toBe("/groups?ns=shop");
    expect(["/groups", "/hosts", "/group", "/logs"].map((path) => isFilteredScreen(parseView(path).route))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("keeps filter and namespace from list to list, and changes single names", () => {
    const query = { ns: "shop", filter: "prod", sort: "-age" };
    expect(keptQuery(query)).toEqual({ ns: "shop", filter: "prod" });
    expect(changedQuery(query, { filter: "", sort: "name", rev: 3 })).toEqual({ ns: "shop", sort: "name", rev: "3" });
    expect(Object.keys(changedQuery({}, { ["__proto__"]: "x" }))).toEqual(["__proto__"]);
  });
});
