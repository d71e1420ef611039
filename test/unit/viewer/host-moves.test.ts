import { describe, expect, it } from "@jest/globals";
import { movesByHost, movesOf, movesText } from "../../../clients/viewer/page/hosts/moves.js";
import type { ContainerRow } from "../../../clients/viewer/wire.js";

const row = (slot: number, generation: number, host: string, more: Partial<ContainerRow> = {}): ContainerRow => ({
  ...{ id: `default web/prod ${slot}.${generation}`, group: "default web/prod", ns: "default", ref: "web/prod" },
  ...{ name: `${slot}.${generation}`, slot, generation, rev: generation, state: "ready", phase: "running" },
  ...{ origin: "managed", host, address: "10.0.0.1", port: 80, since: 1, problem: "" },
  ...more,
});

describe("what goes from host to host", () => {
  it("is a slot whose successor is on another host", () => {
    const moves = movesOf([row(1, 1, "node-a", { state: "draining" }), row(1, 2, "node-b", { state: "starting" })]);
    expect(moves.map(({ from, to }) => [from.host, to.host])).toEqual([["node-a", "node-b"]]);
  });

  it("is from the oldest to the newest, in whatever order they are told", () => {
    const rows = [row(1, 2, "node-b"), row(1, 3, "node-c"), row(1, 1, "node-a")];
    expect(movesOf(rows).map(({ from, to }) => `${from.host} ${to.host}`)).toEqual(["node-a node-c"]);
  });

  it("is nothing that stays, that is over, that is alone, or that nobody manages", () => {
    const stays = [row(1, 1, "node-a"), row(1, 2, "node-a")];
    const over = [row(2, 1, "node-a", { state: "failed" }), row(2, 2, "node-b")];
    const alone = [row(3, 1, "node-a", { state: "draining" })];
    const foreign = [row(0, 0, "node-a"), row(0, 0, "node-b")];
    expect(movesOf([...stays, ...over, ...alone, ...foreign])).toEqual([]);
  });

  it("does not take the same slot of another group for it", () => {
    expect(movesOf([row(1, 1, "node-a"), row(1, 2, "node-b", { group: "default api/prod" })])).toEqual([]);
  });

  it("is said for both hosts, the most frequent first", () => {
    const pairs = ["node-c", "node-b", "node-c"].flatMap((to, at) => [
      row(at + 1, 1, "node-a"),
      row(at + 1, 2, to, { state: "starting" }),
    ]);
    const byHost = movesByHost(movesOf(pairs));
    expect(movesText(byHost.get("node-a"))).toBe("2 → node-c, 1 → node-b");
    expect(movesText(byHost.get("node-c"))).toBe("2 ← node-a");
    expect(movesText(byHost.get("node-d"))).toBe("");
  });
});
