import { describe, expect, it } from "@jest/globals";
import { Pending } from "../../../src/logs/pending.js";
import { Reorder } from "../../../src/logs/reorder.js";
import { ResumePoint } from "../../../src/logs/resume.js";
import type { LogLine, SourceLine } from "../../../src/model/logs.js";
import { ManualClock } from "../../support/manual-clock.js";
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

  it("leaves out what stands before the first line that was seen, where the log was cut", () => {
    const point = new ResumePoint(undefined, true);
    for (const seen of [line(1001), line(1002)]) point.note(seen);
    const fresh = point.fresh();
    const again = [line(1000), line(1001, "cut off too"), line(1001), line(1002), line(1001, "late"), line(1003)];
    expect(texts(fresh(again))).toEqual(["late", "1003"]);
  });

  it("goes on with newer lines where those that were seen are gone from a log that was cut", () => {
    const point = new ResumePoint(undefined, true);
    point.note(line(1000));
    expect(texts(point.fresh()([line(950), line(1001), line(999, "late")]))).toEqual(["1001", "late"]);
  });

  it("begins anew where the engine's clock was set back", () => {
    const point = new ResumePoint(undefined);
    point.note(line(60_000));
    const fresh = point.fresh();
    expect(texts(fresh([line(100, "of before")]))).toEqual([]);
    expect(texts(fresh([line(60_000), line(5000), line(5001)]))).toEqual(["5000", "5001"]);
    expect(point.since).toBe(4_901_000_000n);
    expect(texts(point.fresh()([line(5000), line(5001), line(5002)]))).toEqual(["5002"]);
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

  it("can be very many", () => {
    const reorder = new Reorder();
    const many = Array.from({ length: 200_000 }, (_, i) => held(i));
    reorder.add(many, 1000);
    reorder.add([held(0)], 1100);
    expect(reorder.dueAt()).toBe(1250);
    expect(reorder.due(1250)).toHaveLength(200_001);
  });

  it("are not taken in while too many wait already", async () => {
    const clock = new ManualClock();
    const pending = new Pending(clock);
    const { signal } = new AbortController();
    const many = Array.from({ length: 10_000 }, (_, i) => line(i));
    await pending.add(sourceOf("a"), many, signal);
    let isIn = false;
    const second = pending.add(sourceOf("a"), [line(1)], signal).then(() => {
      isIn = true;
    });
    await clock.advance(1000);
    expect(isIn).toBe(false);
    expect([...pending.due()]).toHaveLength(1);
    await clock.advance(1000);
    await second;
    expect(isIn).toBe(true);
  });

  it("come before the word that their container is gone", async () => {
    const clock = new ManualClock();
    const pending = new Pending(clock);
    await pending.add(sourceOf("a"), [line(1)], new AbortController().signal);
    pending.ended(sourceOf("b"));
    pending.ended(sourceOf("a"));
    expect([...pending.due()]).toEqual([{ kind: "ended", source: sourceOf("b") }]);
    await clock.advance(250);
    expect([...pending.due()].map(({ kind }) => kind)).toEqual(["lines", "ended"]);
  });

  it("do not take later ones along", () => {
    const reorder = new Reorder();
    reorder.add([held(5)], 1000);
    reorder.add([held(9)], 1200);
    expect(reorder.due(1300).map(({ line }) => line.text)).toEqual(["5"]);
    expect(reorder.size).toBe(1);
  });
});
