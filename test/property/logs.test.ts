// Merging logs, whatever comes when: nothing lost or doubled, each log in its own order, and by time where lines come
// in time.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { linesAfter, type PieceReading } from "../../src/docker/lines-after.js";
import type { LogFrame } from "../../src/docker/log-frames.js";
import { merged } from "../../src/logs/merge.js";
import { Reorder } from "../../src/logs/reorder.js";
import { positionAfter } from "../../src/model/log-line.js";
import type { LogLine, LogSource, SourceLine } from "../../src/model/logs.js";
import { ManualClock } from "../support/manual-clock.js";
import { sourceOf } from "../unit/logs/scripted-sources.js";

const sources = ["a", "b", "c"].map((id) => sourceOf(id));
const line = (at: number, text: string): LogLine => ({ at: BigInt(at) * 1_000_000n, stream: "stdout", text });
const textsOf = (all: readonly SourceLine[], { id }: LogSource) =>
  all.filter(({ source }) => source.id === id).map(({ line: { text } }) => text);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

/** Lines of one log, with times that go on by that much or step back. */
const logs = fc.array(fc.array(fc.integer({ min: -3000, max: 500 }), { maxLength: 60 }), {
  minLength: 1,
  maxLength: 3,
});

function linesOf(steps: readonly number[]): LogLine[] {
  let at = 100_000;
  return steps.map((step, i) => {
    at += step;
    return line(at, String(i));
  });
}

async function* inBatches(lines: readonly LogLine[], size: number): AsyncGenerator<readonly LogLine[]> {
  for (let i = 0; i < lines.length; i += size) yield lines.slice(i, i + size);
}

describe("logs that are merged", () => {
  it("keep each log as it is, and take the earliest of the next lines", async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.integer({ min: 1, max: 9 }), async (all, size) => {
        const left = all.map((steps) => linesOf(steps));
        const runs = left.map((lines, i) => ({ source: i, lines: inBatches([...lines], size) }));
        for await (const portion of merged(runs)) {
          for (const { source, line } of portion) {
            const next = left.flatMap(([first]) => (first === undefined ? [] : [first.at]));
            expect(next.every((at) => at >= line.at)).toBe(true);
            expect(left[source]?.shift()).toBe(line);
          }
        }
        expect(left.flat()).toEqual([]);
      }),
    );
  });
});

type Step = { readonly log: number; readonly count: number; readonly late: number; readonly pause: number };
const steps = (late: number) =>
  fc.array(
    fc.record({
      log: fc.nat(2),
      count: fc.integer({ min: 1, max: 4 }),
      late: fc.nat(late),
      pause: fc.nat(200),
    }) satisfies fc.Arbitrary<Step>,
    { maxLength: 80 },
  );

/** Lines come that much after they were written; what is due is taken after each step, or at the end only. */
function heldBack(all: readonly Step[], takes: boolean): { given: SourceLine[]; counts: number[] } {
  const reorder = new Reorder();
  const counts = [0, 0, 0];
  const newest = [0, 0, 0];
  const given: SourceLine[] = [];
  let now = 10_000;
  for (const { log, count, late, pause } of all) {
    now += pause;
    const lines = Array.from({ length: count }, (_, i) => {
      // A log is in order by itself.
      newest[log] = Math.max(newest[log] ?? 0, now - late + i);
      return line(newest[log] ?? 0, String((counts[log] ?? 0) + i));
    });
    counts[log] = (counts[log] ?? 0) + count;
    reorder.add(sources[log] ?? sourceOf("a"), lines, now);
    if (takes) given.push(...reorder.due(now));
  }
  for (let turns = 0; reorder.dueAt() !== undefined && turns < 100; turns++) {
    now += 250;
    given.push(...reorder.due(now));
  }
  return { given, counts };
}

describe("lines that are held back", () => {
  it.each([true, false])("all come, those of each container in its order, taken at once: %s", (takes) => {
    fc.assert(
      fc.property(steps(5000), (all) => {
        const { given, counts } = heldBack(all, takes);
        for (const [i, source] of sources.entries()) expect(textsOf(given, source)).toEqual(numbers(counts[i] ?? 0));
      }),
    );
  });

  it("are in the order of time where none comes later than the others wait", () => {
    fc.assert(
      fc.property(steps(240), (all) => {
        const { given } = heldBack(all, true);
        const times = given.map(({ line }) => line.at);
        expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : Number(a > b))));
      }),
    );
  });
});

describe("a log that is gone on with", () => {
  const frame = ({ at, text }: LogLine): LogFrame => ({
    stream: "stdout",
    bytes: Buffer.from(`${new Date(Number(at / 1_000_000n)).toISOString()} ${text}\n`),
  });

  it("gives exactly what is behind the place, whatever clocks did and however much is written meanwhile", async () => {
    const written = fc.array(fc.integer({ min: -3000, max: 500 }), { minLength: 1, maxLength: 1500 });
    await fc.assert(
      fc.asyncProperty(written, fc.nat(1500), fc.array(fc.nat(700), { maxLength: 4 }), async (steps, from, growth) => {
        // Engines count in nanoseconds, so that a time comes once, or several times in a row.
        const seen = new Set<bigint>();
        const lines = linesOf(steps).filter(({ at }) => !seen.has(at) && seen.add(at));
        const known = lines.slice(0, 1 + (from % lines.length));
        let there = known.length;
        const grow = () => {
          there = Math.min(lines.length, there + (growth.shift() ?? lines.length));
        };
        const read = async function* ({ pieces, follow }: PieceReading) {
          if (follow) grow();
          const frames = lines.slice(0, there).map(frame);
          yield pieces === undefined ? frames : frames.slice(-pieces);
        };
        const place = positionAfter(undefined, known) ?? { at: 0n, lines: 1 };
        const given: string[] = [];
        for await (const some of linesAfter(read, place, { follow: true, clock: new ManualClock() }))
          given.push(...some.map(({ text }) => text));
        expect(given).toEqual(lines.slice(known.length, there).map(({ text }) => text));
      }),
    );
  });
});
