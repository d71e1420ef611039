import { describe, expect, it } from "@jest/globals";
import { Ring } from "../../../clients/viewer/gateway/ring.js";

function filled(count: number, most = { count: 5, bytes: 1_000 }): { ring: Ring; cursors: string[] } {
  const ring = new Ring("abcdef", most);
  const cursors = [ring.cursor(1_000)];
  for (let i = 1; i <= count; i++) ring.add(1_000 + i, (cursor) => Buffer.from(String(cursors.push(cursor) - 1)));
  return { ring, cursors };
}

const told = (ring: Ring, cursor: string | undefined) => {
  const resumed = ring.resume(cursor);
  return resumed.kind === "deltas" ? resumed.frames.map(String) : resumed;
};

describe("where a reader goes on", () => {
  it("is behind what it has, with nothing left out and nothing twice", () => {
    const { ring, cursors } = filled(4);
    for (let from = 0; from <= 4; from++) expect(told(ring, cursors[from])).toEqual(["1", "2", "3", "4"].slice(from));
  });

  it("is everything anew where that is not kept any more, since when being told", () => {
    const { ring, cursors } = filled(9);
    expect(told(ring, cursors[3])).toEqual({ kind: "snapshot", missedSince: 1_003 });
    expect(told(ring, cursors[4])).toEqual(["5", "6", "7", "8", "9"]);
  });

  it("is everything anew for a cursor of another gateway, or of the future", () => {
    const { ring } = filled(3);
    expect(told(ring, "zzzzzz-2-999")).toEqual({ kind: "snapshot", missedSince: 999 });
    expect(told(ring, "abcdef-4-999")).toEqual({ kind: "snapshot", missedSince: 999 });
    expect(told(ring, "abcdef-999999999999999-999")).toEqual({ kind: "snapshot", missedSince: 999 });
  });

  it.each([
    "",
    "abcdef",
    "abcdef--1-1",
    "abcdef-1",
    "abcdef-1-1-1",
    "abcdef-01-1",
    "ABCDEF-1-1",
    "a".repeat(9_999),
    "🐙",
    "1;2",
  ])("is everything for what is no cursor: %s", (cursor) => {
    expect(told(filled(3).ring, cursor)).toEqual({ kind: "snapshot", missedSince: 0 });
  });

  it("keeps no more bytes than it may, and at least the newest", () => {
    const { ring, cursors } = filled(2, { count: 100, bytes: 10 });
    ring.add(2_000, () => Buffer.alloc(50, "x"));
    expect(told(ring, cursors[2])).toEqual(["x".repeat(50)]);
    expect(told(ring, cursors[1])).toMatchObject({ kind: "snapshot" });
  });
});
