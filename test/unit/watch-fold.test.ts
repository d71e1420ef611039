// What a client makes of a snapshot that comes in parts.

import { describe, expect, it } from "@jest/globals";
import { Freshness } from "../../clients/freshness.js";
import { WatchResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { Fold } from "../../clients/watch-fold.js";

const endpoint = (name: string) => ({ container: { group: { service: "web" }, name } });

function message(more: object): WatchResponse {
  return WatchResponse.fromPartial(more as never);
}

const snapshot = (...names: string[]) => ({
  $case: "snapshot",
  value: { endpoints: names.map(endpoint), matchingGroups: 1, nearMisses: ["near"] },
});
const delta = (...names: string[]) => ({ $case: "delta", value: { put: names.map(endpoint), matchingGroups: 1 } });
const namesOf = (fold: Fold) => fold.state().endpoints.map(({ container }) => container?.name);

describe("a snapshot in parts", () => {
  it("replaces what was known when the last part has come, and not before", () => {
    const fold = new Fold(new Freshness());
    expect(fold.take(message({ cursor: "c1", revision: 1n, content: snapshot("old"), watchId: "w" }))).toBe(true);
    expect(fold.take(message({ revision: 2n, content: snapshot("a"), more: true }))).toBe(false);
    expect(fold.take(message({ revision: 2n, content: delta("b"), more: true }))).toBe(false);
    expect([namesOf(fold), fold.cursor, fold.isPartial]).toEqual([["old"], "c1", true]);
    expect(fold.take(message({ cursor: "c2", revision: 2n, content: delta("c") }))).toBe(true);
    expect([namesOf(fold), fold.cursor, fold.isPartial]).toEqual([["a", "b", "c"], "c2", false]);
    expect(fold.state()).toMatchObject({ revision: 2n, nearMisses: ["near"] });
    expect(fold.take(message({ cursor: "c3", revision: 3n, content: delta("d") }))).toBe(true);
    expect(namesOf(fold)).toEqual(["a", "b", "c", "d"]);
  });

  it("that broke off is forgotten when another stream begins", () => {
    const fold = new Fold(new Freshness());
    fold.take(message({ cursor: "c1", revision: 1n, content: snapshot("old"), watchId: "w" }));
    fold.take(message({ revision: 2n, content: snapshot("a"), more: true }));
    fold.take(message({ cursor: "c3", revision: 3n, content: delta("b"), watchId: "x" }));
    expect([namesOf(fold), fold.cursor]).toEqual([["b", "old"], "c3"]);
  });
});
