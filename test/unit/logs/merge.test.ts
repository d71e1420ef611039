import { describe, expect, it } from "@jest/globals";
import { merged } from "../../../src/logs/merge.js";
import type { LogLine } from "../../../src/model/logs.js";

const line = (at: number, text = String(at)): LogLine => ({ at: BigInt(at) * 1_000_000n, stream: "stdout", text });

async function* inBatches(...batches: readonly (readonly LogLine[])[]): AsyncGenerator<readonly LogLine[]> {
  yield* batches;
}

async function textsOf(runs: Parameters<typeof merged<string>>[0]): Promise<string[]> {
  const texts = [];
  for await (const lines of merged(runs)) texts.push(...lines.map(({ source, line: { text } }) => `${source}${text}`));
  return texts;
}

describe("logs that are merged", () => {
  it("come in the order of their times, however they were divided", async () => {
    const a = inBatches([line(1), line(4)], [], [line(5), line(9000)]);
    const b = inBatches([line(2)], [line(3), line(6)]);
    const texts = await textsOf([
      { source: "a", lines: a },
      { source: "b", lines: b },
      { source: "c", lines: inBatches() },
    ]);
    expect(texts).toEqual(["a1", "b2", "b3", "a4", "a5", "b6", "a9000"]);
  });

  it("come as they were where times are the same", async () => {
    const a = inBatches([line(1, "x"), line(1, "y")]);
    const b = inBatches([line(1, "z")]);
    expect(
      await textsOf([
        { source: "a", lines: a },
        { source: "b", lines: b },
      ]),
    ).toEqual(["ax", "ay", "bz"]);
  });

  it("leave each log in its own order, also where its times are not", async () => {
    const a = inBatches([line(10), line(12)], [line(11), line(90)], [line(80), line(500)]);
    const b = inBatches([line(11, "-")], [line(85, "-"), line(100, "-")]);
    const texts = await textsOf([
      { source: "a", lines: a },
      { source: "b", lines: b },
    ]);
    expect(texts).toEqual(["a10", "b-", "a12", "a11", "b-", "a90", "a80", "b-", "a500"]);
  });

  it("come as they were written where the engine's clock was set back", async () => {
    const a = inBatches([line(9000)], [line(9050), line(5000), line(5002), line(5001)], [line(5200), line(9100)]);
    const texts = await textsOf([{ source: "", lines: a }]);
    expect(texts).toEqual(["9000", "9050", "5000", "5002", "5001", "5200", "9100"]);
  });

  it.each([
    ["the clock was set back", (i: number) => [line(i * 200)]],
    ["every batch is out of order", (i: number) => [line(i * 200 + 1), line(i * 200)]],
  ])("are given out as they come also when %s", async (_, batchAt) => {
    let read = 0;
    async function* long(): AsyncGenerator<readonly LogLine[]> {
      yield [line(3_600_000)];
      for (; read < 5000; read++) yield batchAt(read);
    }
    for await (const _ of merged([{ source: 1, lines: long() }])) break;
    expect(read).toBeLessThan(1100);
  });

  it("lose and double nothing, in portions of whatever size", async () => {
    const runs = Array.from({ length: 7 }, (_, source) => ({
      source: String(source),
      lines: inBatches(
        ...Array.from({ length: 50 }, (_, batch) =>
          Array.from({ length: 13 }, (_, i) => line(batch * 1000 + i * 7 + source)),
        ),
      ),
    }));
    const times: bigint[] = [];
    for await (const lines of merged(runs)) times.push(...lines.map(({ line }) => line.at));
    expect(times).toHaveLength(7 * 50 * 13);
    expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
  });

  it("are not read on when nobody wants more", async () => {
    let closed = 0;
    async function* endless(): AsyncGenerator<readonly LogLine[]> {
      try {
        for (let at = 0; ; at += 1000) yield [line(at)];
      } finally {
        closed++;
      }
    }
    for await (const _ of merged([
      { source: 1, lines: endless() },
      { source: 2, lines: endless() },
    ]))
      break;
    expect(closed).toBe(2);
  });
});
