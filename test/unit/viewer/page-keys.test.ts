import { describe, expect, it } from "@jest/globals";
import { isSingleSign, KeyLayers } from "../../../clients/viewer/page/key-layers.js";
import { seenState } from "../../../clients/viewer/page/live/seen-state.js";
import { clockText } from "../../../clients/viewer/page/parts/time-text.js";
import { containerRow, hostRow } from "../../support/viewer-rows.js";

describe("keys that can be switched off", () => {
  it("are letters, digits and signs, and no key that is needed to move, open, choose or leave", () => {
    expect(["j", "?", ".", "[", "1", "é", "𝛼"].every(isSingleSign)).toBe(true);
    const others = ["ArrowDown", "Enter", "Escape", "Home", "End", "PageUp", " ", "Tab", "F2", ""];
    expect(others.some(isSingleSign)).toBe(false);
  });
});

describe("who takes a key", () => {
  const named = (name: string) => ({ current: { l: () => name } });
  const takers = (layers: KeyLayers) => layers.handlers("l").map((run) => run?.({} as KeyboardEvent));

  it("is a part before its screen, and the screen before the page, in whatever order they appear", () => {
    const layers = new KeyLayers();
    layers.add(named("table"), "part");
    layers.add(named("group"), "screen");
    layers.add(named("page"), "page");
    expect(takers(layers)).toEqual(["table", "group", "page"]);
    const late = layers.add(named("log"), "part");
    expect(takers(layers)).toEqual(["log", "table", "group", "page"]);
    late();
    expect(takers(layers)).toEqual(["table", "group", "page"]);
  });

  it("has only keys of its own", () => {
    const layers = new KeyLayers();
    layers.add(named("page"), "page");
    expect(layers.handlers("constructor")).toEqual([]);
  });
});

describe("how a container is as far as anybody knows", () => {
  it("is its own state while its host answers", () => {
    expect(seenState(containerRow("web/dev", 1), hostRow("node-a"))).toEqual({
      word: "ready",
      text: "ready",
      isOld: false,
    });
    expect(seenState(containerRow("web/dev", 1), undefined).word).toBe("ready");
    expect(seenState(containerRow("web/dev", 1, { phase: "stopping" }), hostRow("node-a")).word).toBe("stopping");
  });

  it("is what was seen last when its host is silent, also where it was ready", () => {
    const host = hostRow("node-a", { state: "silent", seen: 1_000 });
    const row = containerRow("web/dev", 1, { state: "ready" });
    expect(seenState(row, host)).toEqual({ word: "unknown", text: `last seen ${clockText(1_000)}`, isOld: true });
    expect(seenState(row, { ...host, state: "unknown", seen: 0 }).text).toBe("unknown");
  });
});
