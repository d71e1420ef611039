// Lines of running containers, held until they can be given out in order.

import { describe, expect, it } from "@jest/globals";
import { Reorder } from "../../../src/logs/reorder.js";
import type { LogLine, SourceLine } from "../../../src/model/logs.js";
import { sourceOf } from "./scripted-sources.js";

const line = (at: number, text = String(at)): LogLine => ({ at: BigInt(at) * 1_000_000n, stream: "stdout", text });
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(from + i));
const [a, b] = [sourceOf("a"), sourceOf("b")];
const told = (due: readonly SourceLine[]) => due.map(({ source, line }) => `${source.id}${line.text}`);

describe("lines of running containers", () => {
  it("wait a quarter of a second for earlier ones", () => {
    const reorder = new Reorder();
    reorder.add(a, [line(5)], 1000);
    reorder.add(b, [line(3)], 1200);
    expect(reorder.dueAt()).toBe(1250);
    expect(told(reorder.due(1249))).toEqual([]);
    expect(told(reorder.due(1450))).toEqual(["b3", "a5"]);
    expect(reorder.dueAt()).toBeUndefined();
  });

  it("do not take later ones along", () => {
    const reorder = new Reorder();
    reorder.add(a, [line(5)], 1000);
    reorder.add(a, [line(9)], 1200);
    expect(told(reorder.due(1300))).toEqual(["a5"]);
    expect(reorder.dueAt()).toBe(1450);
  });

  it("of one container stay in its order, whatever their times are", () => {
    const reorder = new Reorder();
    reorder.add(a, [line(5000), line(4990), line(60), line(50)], 1000);
    reorder.add(b, [line(55), line(4995)], 1001);
    reorder.add(a, [line(70)], 1100);
    expect(told(reorder.due(2000))).toEqual(["b55", "b4995", "a5000", "a4990", "a60", "a50", "a70"]);
  });

  it("can be very many", () => {
    const reorder = new Reorder();
    reorder.add(a, lines(0, 200_000), 1000);
    reorder.add(b, [line(0)], 1100);
    expect(reorder.due(1350)).toHaveLength(200_001);
  });

  it("wait for a log that has just been heard and of which nothing is held", () => {
    const reorder = new Reorder();
    reorder.add(b, [line(5000)], 1000);
    reorder.expect(a, 1100);
    expect(told(reorder.due(1250))).toEqual([]);
    expect(reorder.dueAt()).toBe(1350);
    reorder.add(a, lines(10, 12), 1300);
    expect(told(reorder.due(1300))).toEqual(["a10", "a11"]);
    reorder.add(a, lines(12, 14), 1500);
    expect(told(reorder.due(1500))).toEqual(["a12", "a13"]);
    expect(told(reorder.due(1750))).toEqual(["b5000"]);
  });

  it("do not wait for ever for a log that is always behind", () => {
    const reorder = new Reorder();
    reorder.add(b, [line(5000)], 1000);
    let given = 0;
    for (let now = 1000; given === 0; now += 50) {
      reorder.add(a, [line(now / 50)], now);
      if (told(reorder.due(now)).includes("b5000")) given = now;
    }
    expect(given).toBeLessThanOrEqual(2300);
  });

  it("are given out at once where no more fits in, and then wait for what had to stay outside", () => {
    const reorder = new Reorder();
    reorder.add(b, [line(50_000)], 1000);
    reorder.add(a, lines(0, 10_000), 1000);
    expect(reorder.isFull(b)).toBe(false);
    expect(reorder.isFull(a)).toBe(true);
    // Nobody has read for long.
    expect(reorder.due(60_000)).toHaveLength(10_000);
    expect(reorder.roomy(60_000)).toEqual([a]);
    expect(told(reorder.due(60_000))).toEqual([]);
    reorder.add(a, lines(10_000, 10_002), 60_010);
    expect(told(reorder.due(60_010))).toEqual(["a10000", "a10001"]);
    expect(told(reorder.due(60_260))).toEqual(["b50000"]);
  });

  it("count by their length too", () => {
    const reorder = new Reorder();
    reorder.add(a, [line(1, "x".repeat(8 * 1024 * 1024))], 1000);
    expect(reorder.isFull(a)).toBe(true);
    expect(reorder.due(1000)).toHaveLength(1);
    expect(reorder.isFull(a)).toBe(false);
  });
});
