import { describe, expect, it } from "@jest/globals";
import { Pending } from "../../../src/logs/pending.js";
import { ResumePoint } from "../../../src/logs/resume.js";
import type { LogLine } from "../../../src/model/logs.js";
import { ManualClock } from "../../support/manual-clock.js";
import { sourceOf } from "./scripted-sources.js";

const line = (at: number, text = String(at)): LogLine => ({ at: BigInt(at) * 1_000_000n, stream: "stdout", text });

describe("a log that is read on", () => {
  it("begins where it was asked to, before anything was read", () => {
    expect(new ResumePoint().asked).toEqual({});
    expect(new ResumePoint(7n).asked).toEqual({ since: 7n });
  });

  it("goes on behind the last line, however many have its time", () => {
    const point = new ResumePoint(7n);
    point.note([line(1), line(1000), line(1001)]);
    expect(point.asked).toEqual({ after: { at: 1_001_000_000n, lines: 1 } });
    point.note([line(1001)]);
    point.note([line(1001), line(1001)]);
    expect(point.asked).toEqual({ after: { at: 1_001_000_000n, lines: 4 } });
    point.note([]);
    point.note([line(5), line(5)]);
    expect(point.asked).toEqual({ after: { at: 5_000_000n, lines: 2 } });
  });
});

describe("lines that are pending", () => {
  it("are not taken in while too many of that log wait already", async () => {
    const clock = new ManualClock();
    const pending = new Pending(clock);
    const { signal } = new AbortController();
    const many = Array.from({ length: 20_000 }, (_, i) => line(i));
    let isIn = false;
    const first = pending.add(sourceOf("a"), many, signal).then(() => {
      isIn = true;
    });
    await pending.add(sourceOf("b"), [line(1)], signal);
    await clock.advance(1000);
    expect(isIn).toBe(false);
    expect([...pending.due()]).toHaveLength(1);
    await first;
    expect(isIn).toBe(true);
  });

  it("are given up when nobody wants them any more", async () => {
    const pending = new Pending(new ManualClock());
    const end = new AbortController();
    const many = Array.from({ length: 20_000 }, (_, i) => line(i));
    const adding = pending.add(sourceOf("a"), many, end.signal);
    end.abort(new Error("enough"));
    await expect(adding).rejects.toThrow("enough");
    await expect(pending.add(sourceOf("a"), many, end.signal)).rejects.toThrow("enough");
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
});
