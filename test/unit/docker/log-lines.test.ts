// How the lines of one container are read from the engine's output: tails in pieces, ends, and the engine's own errors.

import { describe, expect, it } from "@jest/globals";
import type { Engine } from "../../../src/docker/engine.js";
import { lastLines } from "../../../src/docker/last-lines.js";
import type { LogFrame } from "../../../src/docker/log-frames.js";
import { logLines } from "../../../src/docker/log-lines.js";
import type { LogLine, LogQuery } from "../../../src/model/logs.js";
import { ManualClock } from "../../support/manual-clock.js";

const PIECE = 16 * 1024;
const TIME = "2026-11-22T22:15:12.000000000Z";
const texts = (lines: readonly LogLine[]) => lines.map(({ text }) => text);

/** As the engine keeps it: in pieces, only the last of which has a line end. */
function pieces(text: string, stream: LogFrame["stream"] = "stdout"): LogFrame[] {
  const all = `${text}\n`;
  const cut = Array.from({ length: Math.ceil(all.length / PIECE) }, (_, i) => all.slice(i * PIECE, (i + 1) * PIECE));
  return cut.map((piece) => ({ stream, bytes: Buffer.from(`${TIME} ${piece}`) }));
}

function logOf(frames: readonly LogFrame[]) {
  const asked: number[] = [];
  const read = (count: number) => {
    asked.push(count);
    return Promise.resolve(frames.slice(-count));
  };
  return { asked, read };
}

describe("the last lines of a log", () => {
  const long = (name: string) => name.repeat(100_000);

  it("are whole however long they are", async () => {
    const { read } = logOf(["a", "b", "c"].flatMap((name) => pieces(long(name))));
    for (const count of [1, 2, 3, 9]) {
      const wanted = ["a", "b", "c"].slice(-count).map(long);
      expect(texts(await lastLines(read, count))).toEqual(wanted);
    }
  });

  it("are whole up to a mebibyte, and divided behind that", async () => {
    const most = 1024 * 1024;
    const { read } = logOf([most - 1, most, most + 1].flatMap((length) => pieces("x".repeat(length))));
    expect(texts(await lastLines(read, 9)).map(({ length }) => length)).toEqual([most - 1, most, most, 1]);
  });

  it("are divided where the driver leaves out the line end of one that came in pieces", async () => {
    const cut = pieces(long("a")).map(({ stream, bytes }) => {
      return { stream, bytes: bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes };
    });
    const whole = [...cut, ...pieces("b"), ...pieces(long("c")), ...pieces("d")];
    expect(texts(await lastLines(logOf(whole).read, 9))).toEqual([long("a"), "b", long("c"), "d"]);
    expect(texts(await lastLines(logOf(whole).read, 3))).toEqual(["b", long("c"), "d"]);
  });

  it("are asked for again where pieces were too few for them", async () => {
    const names = Array.from({ length: 40 }, (_, i) => String.fromCharCode(65 + i));
    const { read, asked } = logOf(names.flatMap((name) => pieces(long(name))));
    expect(texts(await lastLines(read, 30))).toEqual(names.slice(-30).map(long));
    expect(asked).toEqual([94, 376]);
  });

  it("are those of both streams, also of one that has few", async () => {
    const many = Array.from({ length: 500 }, (_, i) => pieces(`out ${i}`)).flat();
    const { read, asked } = logOf([...many.slice(0, 490), ...pieces("err", "stderr"), ...many.slice(490)]);
    const out = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `out ${from + i}`);
    expect(texts(await lastLines(read, 20))).toEqual([...out(481, 490), "err", ...out(490, 500)]);
    expect(asked).toEqual([84]);
  });

  it("are all where there are not so many", async () => {
    const { read } = logOf(pieces("only"));
    expect(texts(await lastLines(read, 100))).toEqual(["only"]);
    expect(await lastLines(logOf([]).read, 100)).toEqual([]);
  });
});

describe("what the engine says of a container", () => {
  const clock = new ManualClock();
  const framed = (type: number, text: string) => {
    const head = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const said = Buffer.concat([framed(1, `${TIME} one\n`), framed(1, `${TIME} two\n`)]);

  function engineOf(output: Buffer): { readonly engine: Engine; readonly asked: unknown[] } {
    const asked: unknown[] = [];
    const stream = async ({ query }: { query?: unknown }) => {
      asked.push(query);
      return (async function* () {
        yield output;
      })();
    };
    return { engine: { host: "local", stream } as unknown as Engine, asked };
  }

  async function read(engine: Engine, query: LogQuery): Promise<{ seen: string[]; failure: unknown }> {
    const seen: string[] = [];
    try {
      const { signal } = new AbortController();
      for await (const lines of logLines({ engine, clock }, "id", query, signal)) seen.push(...texts(lines));
      return { seen, failure: undefined };
    } catch (failure) {
      return { seen, failure };
    }
  }

  it("is said to be missing where an engine falls silent in the middle of it", async () => {
    const stream = async (_: unknown, signal: AbortSignal) =>
      (async function* () {
        yield said;
        await new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")));
        });
      })();
    const reading = read({ host: "local", stream } as unknown as Engine, { follow: false });
    await clock.advance(20_000);
    const { seen, failure } = await reading;
    expect(seen).toEqual(["one", "two"]);
    expect(failure).toMatchObject({
      reason: "HOST_UNREACHABLE",
      facts: { why: ["Docker on local: nothing came for 10 s"] },
    });
  });

  it.each([{ follow: false }, { follow: true }])("is read to its own complaint, asked as %j", async (query) => {
    const { engine } = engineOf(Buffer.concat([said, framed(3, "Error grabbing logs: invalid character\n")]));
    const { seen, failure } = await read(engine, query);
    expect(seen).toEqual(["one", "two"]);
    expect(failure).toMatchObject({
      reason: "HOST_UNREACHABLE",
      facts: { why: ["Docker on local: Error grabbing logs: invalid character"], now: "lines may be missing" },
    });
  });

  it("fails with its complaint also where only the last lines are wanted", async () => {
    const { engine } = engineOf(Buffer.concat([said, framed(3, "Error grabbing logs: gone")]));
    expect((await read(engine, { follow: false, tail: 1 })).failure).toMatchObject({ reason: "HOST_UNREACHABLE" });
  });

  it("is not cut before its end is known: where that is given, all of it is asked for", async () => {
    const { engine, asked } = engineOf(said);
    await read(engine, { follow: false, tail: 1, until: 2_000_000_000_000_000_000n });
    await read(engine, { follow: false, tail: 1 });
    expect(asked).toEqual([expect.not.objectContaining({ tail: "1" }), expect.objectContaining({ tail: "65" })]);
    expect(asked[0]).not.toHaveProperty("tail");
  });
});
