import { describe, expect, it } from "@jest/globals";
import { Reorder } from "../../../src/logs/reorder.js";
import { ResumePoint } from "../../../src/logs/resume.js";
import type { LogLine, SourceLine } from "../../../src/model/logs.js";
import { sourceOf } from "./scripted-sources.js";

const line = (at: number, text = String(at)): LogLine => ({ at: BigInt(at) * 1_000_000n, stream: "stdout", text });
const texts = (lines: readonly LogLine[]) => lines.map(({ text }) => text);

describe("a log that is read on", () => {
  it("begins where it was asked to, before anything was read", () => {
    expect(new ResumePoint(undefined).since).toBeUndefined();
    expect(new ResumePoint(7n).since).toBe(7n);
  });

  it("reads a moment again and leaves out what was seen, however often the same line was written", () => {
    const point = new ResumePoint(undefined);
    for (const seen of [line(1), line(1000), line(1000), line(1001)]) point.note(seen);
    expect(point.since).toBe(901_000_000n);
    const fresh = point.fresh();
    const again = [line(950, "late"), line(1000), line(1000), line(1000), line(1001), line(1002)];
    expect(texts(fresh(again))).toEqual(["late", "1000", "1002"]);
    expect(texts(fresh([line(1003)]))).toEqual(["1003"]);
  });

  it("remembers no more than that moment", () => {
    const point = new ResumePoint(undefined);
    for (let at = 0; at < 100_000; at++) point.note(line(at));
    expect(texts(point.fresh()([line(99_950), line(100_000)]))).toEqual(["100000"]);
  });
});

describe("lines of running containers", () => {
  const held = (at: number): SourceLine => ({ source: sourceOf("a"), line: line(at) });

  it("wait a quarter of a second for earlier ones", () => {
    const reorder = new Reorder();
    reorder.add([held(5)], 1000);
    reorder.add([held(3)], 1200);
    expect(reorder.dueAt()).toBe(1250);
    expect(reorder.due(1249)).toEqual([]);
    expect(reorder.due(1250).map(({ line }) => line.text)).toEqual(["3", "5"]);
    expect(reorder.dueAt()).toBeUndefined();
  });

  it("do not take later ones along", () => {
    const reorder = new Reorder();
    reorder.add([held(5)], 1000);
    reorder.add([held(9)], 1200);
    expect(reorder.due(1300).map(({ line }) => line.text)).toEqual(["5"]);
    expect(reorder.size).toBe(1);
  });
});
