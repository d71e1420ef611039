// Going on with a log from a known place, over an engine that counts pieces from the end.

import { describe, expect, it } from "@jest/globals";
import { linesAfter, type PieceReading } from "../../../src/docker/lines-after.js";
import type { LogFrame } from "../../../src/docker/log-frames.js";
import { positionAfter } from "../../../src/model/log-line.js";
import type { LogLine, LogPosition } from "../../../src/model/logs.js";
import { ManualClock } from "../../support/manual-clock.js";

const time = (at: number) => new Date(at).toISOString().replace("Z", "000000Z");
const frame = (at: number, text: string, stream: LogFrame["stream"] = "stdout"): LogFrame => ({
  stream,
  bytes: Buffer.from(`${time(at)} ${text}`),
});
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => frame(from + i, `${from + i}\n`));
const at = (milliseconds: number, lines = 1): LogPosition => ({ at: BigInt(milliseconds) * 1_000_000n, lines });

class Log {
  readonly asked: string[] = [];

  constructor(
    readonly pieces: LogFrame[],
    /** Written just before the log is followed, and before each later reading. */
    readonly coming: LogFrame[][] = [],
  ) {}

  read = async function* (this: Log, { pieces, follow }: PieceReading): AsyncGenerator<readonly LogFrame[]> {
    this.asked.push(`${pieces ?? "all"}${follow ? " followed" : ""}`);
    if (follow) this.pieces.push(...(this.coming.shift() ?? []));
    const read = pieces === undefined ? [...this.pieces] : this.pieces.slice(-pieces);
    for (let i = 0; i < read.length; i += 100) yield read.slice(i, i + 100);
  }.bind(this);
}

async function behind(log: Log, place: LogPosition, follow: boolean): Promise<string[]> {
  const seen: LogLine[] = [];
  for await (const lines of linesAfter(log.read, place, { follow, clock: new ManualClock() })) seen.push(...lines);
  return seen.map(({ text }) => text);
}

describe("what stands behind a place in a log", () => {
  it.each([false, true])("is everything after that line, followed: %s", async (follow) => {
    const log = new Log(numbered(0, 50));
    expect(await behind(log, at(47), follow)).toEqual(["48", "49"]);
    expect(await behind(log, at(49), follow)).toEqual([]);
  });

  it("is told by how many lines have that time", async () => {
    const log = new Log([...numbered(0, 3), frame(3, "x\n"), frame(3, "x\n"), frame(3, "x\n")]);
    expect(await behind(log, at(3, 2), false)).toEqual(["x"]);
    expect(await behind(log, at(3, 3), false)).toEqual([]);
  });

  it.each([false, true])("has what came after a clock was set back, followed: %s", async (follow) => {
    const log = new Log([...numbered(9000, 9010), ...numbered(100, 103)]);
    expect(await behind(log, at(9009), follow)).toEqual(["100", "101", "102"]);
    expect(await behind(log, at(101), follow)).toEqual(["102"]);
  });

  it.each([
    [1000, ["256", "2048"]],
    [20_000, ["256", "2048", "all"]],
  ])("is found %i lines back", async (count, asked) => {
    const log = new Log(numbered(0, count + 1));
    const seen = await behind(log, at(0), false);
    expect(seen).toHaveLength(count);
    expect(seen.at(-1)).toBe(String(count));
    expect(log.asked).toEqual(asked);
  });

  it.each([
    [50, ["256"]],
    [20_000, ["256", "2048", "all", "all"]],
  ])("is all that is there where the log does not reach back to it, %i lines", async (count, asked) => {
    const log = new Log(numbered(10, count + 10));
    expect(await behind(log, at(1), false)).toHaveLength(count);
    expect(log.asked).toEqual(asked);
  });

  it("has every line once, however many are written while it is looked for", async () => {
    const log = new Log(numbered(0, 10), [numbered(10, 5000), numbered(5000, 9000), numbered(9000, 12_000)]);
    const seen = await behind(log, at(3), true);
    expect(seen).toEqual(Array.from({ length: 11_996 }, (_, i) => String(i + 4)));
    expect(log.asked.filter((one) => one.includes("followed"))).toEqual([
      "256 followed",
      "2048 followed",
      "2048 followed",
      "2048 followed",
    ]);
  });

  it("is followed from its first line where the log is empty now", async () => {
    const log = new Log([], [numbered(20, 22)]);
    expect(await behind(log, at(3), true)).toEqual(["20", "21"]);
    expect(log.asked).toEqual(["256", "all followed"]);
  });

  it("has what was written between two readings of a log that was emptied then", async () => {
    const log = new Log(numbered(0, 4), [[]]);
    const { read } = log;
    log.read = async function* (what) {
      if (what.follow) log.pieces.splice(0, log.pieces.length, ...numbered(20, 22));
      yield* read(what);
    };
    expect(await behind(log, at(3), true)).toEqual(["20", "21"]);
  });

  it("gives out what there is of a log that was emptied between two readings, though nothing more comes", async () => {
    const log = new Log(numbered(0, 4));
    const { read } = log;
    log.read = async function* (what) {
      if (what.follow) log.pieces.splice(0, log.pieces.length, ...numbered(20, 22));
      yield* read(what);
      if (what.follow) await new Promise(() => undefined);
    };
    const clock = new ManualClock();
    const lines = linesAfter(log.read, at(3), { follow: true, clock });
    const first = lines.next();
    await clock.advance(5000);
    expect((await first).value?.map(({ text }: LogLine) => text)).toEqual(["20", "21"]);
  });

  it("waits for a place that is there and has not come yet, however long that lasts", async () => {
    const log = new Log(numbered(0, 10));
    const clock = new ManualClock();
    const { read } = log;
    log.read = async function* (what) {
      if (!what.follow) return yield* read(what);
      yield log.pieces.slice(0, 5);
      await clock.sleep(5000);
      yield [...log.pieces.slice(5), frame(10, "10\n")];
    };
    const lines = linesAfter(log.read, at(9), { follow: true, clock });
    const seen: string[] = [];
    const all = (async () => {
      for await (const some of lines) seen.push(...some.map(({ text }) => text));
    })();
    await clock.advance(6000);
    await all;
    expect(seen).toEqual(["10"]);
  });

  it("has a long line whole that was not written to its end at first", async () => {
    const piece = "x".repeat(16 * 1024);
    const log = new Log([...numbered(0, 2), frame(2, piece)], [[frame(2, "end\n"), frame(3, "3\n")]]);
    expect(await behind(log, at(1), true)).toEqual([`${piece}end`, "3"]);
    const now = new Log([...numbered(0, 2), frame(2, piece)]);
    expect(await behind(now, at(1), false)).toEqual([piece]);
  });

  it("is found where the first piece that is read is the end of that very line", async () => {
    const log = new Log([frame(1, "a".repeat(16 * 1024)), frame(1, "b\n"), ...numbered(2, 257)]);
    expect(await behind(log, at(1), false)).toHaveLength(255);
    expect(log.asked).toEqual(["256"]);
  });
});

describe("a place in a log", () => {
  it("is behind the last line", () => {
    const lines = [1n, 2n, 2n].map((at) => ({ at, stream: "stdout" as const, text: "" }));
    expect(positionAfter(undefined, lines)).toEqual({ at: 2n, lines: 2 });
    expect(positionAfter({ at: 2n, lines: 5 }, lines.slice(1))).toEqual({ at: 2n, lines: 7 });
    expect(positionAfter({ at: 2n, lines: 5 }, lines)).toEqual({ at: 2n, lines: 2 });
    expect(positionAfter(undefined, [])).toBeUndefined();
  });
});
