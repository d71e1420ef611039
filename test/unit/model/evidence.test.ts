import { describe, expect, it } from "@jest/globals";
import {
  type EvidenceKey,
  KEPT_PER_GROUP,
  LINES_KEPT,
  lastAnswers,
  lastOutput,
  makingRoom,
  OUTPUT_KEPT,
} from "../../../src/model/evidence.js";
import type { LogLine } from "../../../src/model/logs.js";

const line = (text: string, at = 1): LogLine => ({ at: BigInt(at), stream: "stdout", text });
const texts = (lines: readonly LogLine[]): string[] => lastOutput(lines).map(({ text }) => text);

describe("the last output of a container", () => {
  it("is whole lines, the newest last, as far as 4 KiB go with their line ends", () => {
    const lines = Array.from({ length: 90 }, (_, i) => line(`${String(i).padStart(3, "0")}${"x".repeat(96)}`, i));
    const kept = lastOutput(lines);
    expect(kept).toEqual(lines.slice(-40));
    expect(kept.reduce((bytes, { text }) => bytes + Buffer.byteLength(text) + 1, 0)).toBeLessThanOrEqual(OUTPUT_KEPT);
  });

  it("counts bytes, not characters", () => {
    expect(texts([line("ü".repeat(2000)), line("ä".repeat(100))])).toEqual(["ä".repeat(100)]);
    expect(texts([line("€".repeat(1300)), line("a")])).toHaveLength(2);
  });

  it("is the end of a newest line that is longer than all of it, cut between characters", () => {
    const [only = "", ...others] = texts([line("before"), line(`${"🌊".repeat(2000)}end`)]);
    expect(others).toEqual([]);
    expect(only.startsWith("…🌊")).toBe(true);
    expect(only.endsWith("🌊end")).toBe(true);
    expect(Buffer.byteLength(only.slice(1))).toBeLessThanOrEqual(OUTPUT_KEPT);
    expect(Buffer.from(only).toString()).toBe(only);
  });

  it("takes no end of many empty lines", () => {
    expect(texts(Array.from({ length: 5000 }, () => line("")))).toHaveLength(LINES_KEPT);
    expect(texts([])).toEqual([]);
  });
});

describe("the last answers of health checks", () => {
  it("are the newest five, each on one line of a bounded length", () => {
    const answers = ["a", "b", "c", "d\n  e", "f", ` ${"g".repeat(1000)}`];
    const kept = lastAnswers(answers);
    expect(kept.slice(0, 4)).toEqual(["b", "c", "d e", "f"]);
    expect(kept[4]).toMatch(/^g{299}…$/);
  });
});

describe("the evidence of a group", () => {
  const key = (configRevision: number, slot: number, container: string): EvidenceKey => ({
    ...{ configRevision, slot, container },
  });
  const named = (keys: readonly EvidenceKey[]): string[] => keys.map(({ container }) => container);

  it("keeps the two newest of a slot and config revision, with the one that comes", () => {
    const kept = [key(2, 1, "c"), key(2, 2, "other slot"), key(2, 1, "b"), key(1, 1, "older revision")];
    expect(named(makingRoom(kept, key(2, 1, "d"), []))).toEqual(["b"]);
    expect(named(makingRoom(kept, key(2, 2, "d"), []))).toEqual([]);
  });

  it("keeps the twenty newest of a group", () => {
    const kept = Array.from({ length: 21 }, (_, i) => key(1, i + 1, `c${i}`));
    expect(named(makingRoom(kept, key(1, 100, "next"), []))).toEqual(["c19", "c20"]);
    expect(makingRoom(kept.slice(0, KEPT_PER_GROUP - 1), key(1, 100, "next"), [])).toEqual([]);
  });

  it("lets what is spared go last", () => {
    const kept = [key(2, 1, "c"), key(2, 1, "b")];
    expect(named(makingRoom(kept, key(2, 1, "d"), ["b"]))).toEqual(["c"]);
  });
});
