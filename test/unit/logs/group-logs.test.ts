import { getMaxListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { createGroupLogs } from "../../../src/logs/group-logs.js";
import { TheseusError } from "../../../src/model/errors.js";
import type { GroupLogsQuery, LogLine, LogPart } from "../../../src/model/logs.js";
import { ManualClock } from "../../support/manual-clock.js";
import { ScriptedSources, sourceOf } from "./scripted-sources.js";

const line = (at: number, text = String(at)): LogLine => ({ at: BigInt(at) * 1_000_000n, stream: "stdout", text });
const away = new TheseusError("HOST_UNREACHABLE", { what: "no answer", why: ["the engine sleeps"] });

let clock: ManualClock;
let sources: ScriptedSources;
let end: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  sources = new ScriptedSources();
  end = new AbortController();
});

afterEach(() => end.abort(new Error("the test is over")));

function told(part: LogPart): string[] {
  if (part.kind === "found") return [];
  if (part.kind === "lines") return part.lines.map(({ source, line }) => `${source.id} ${line.text}`);
  return [part.kind === "missing" ? `${part.source.id} missing: ${part.why}` : `${part.source.id} ${part.kind}`];
}

function read(query: Partial<GroupLogsQuery>): { readonly seen: string[]; readonly over: Promise<void> } {
  const seen: string[] = [];
  const logs = createGroupLogs(sources, clock).read({ picks: [], host: "", follow: false, ...query }, end.signal);
  const over = (async () => {
    for await (const part of logs) seen.push(...told(part));
  })();
  over.catch(() => undefined);
  return { seen, over };
}

describe("logs of groups", () => {
  it("are all lines of all containers, and end", async () => {
    sources.show(sourceOf("a"), sourceOf("b", "exited"));
    sources.write("a", line(1), line(4));
    sources.write("b", line(2), line(3));
    const { seen, over } = read({});
    await over;
    expect(seen).toEqual(["a 1", "b 2", "b 3", "a 4"]);
  });

  it("count the tail over all lines together", async () => {
    sources.show(sourceOf("a"), sourceOf("b"));
    sources.write("a", line(1), line(2), line(3));
    sources.write("b", line(4), line(5));
    const { seen, over } = read({ tail: 3 });
    await over;
    expect(seen).toEqual(["a 3", "b 4", "b 5"]);
    const none = read({ tail: 0 });
    await none.over;
    expect(none.seen).toEqual([]);
  });

  it("say whose lines could not be had, and give those of the others", async () => {
    sources.show(sourceOf("a"), sourceOf("b"));
    sources.write("a", line(1));
    sources.fail("b", away);
    const { seen, over } = read({});
    await over;
    expect(seen).toEqual(["a 1", "b missing: the engine sleeps"]);
  });
});

describe("logs that are followed", () => {
  it("go on after what was there, in the order of the times, with nothing lost or doubled", async () => {
    sources.show(sourceOf("a"), sourceOf("b"));
    sources.write("a", line(1), line(2));
    const { seen } = read({ follow: true });
    await clock.advance(1);
    expect(seen).toEqual(["a 1", "a 2"]);
    sources.write("b", line(1004));
    await clock.advance(10);
    sources.write("a", line(1003));
    await clock.advance(300);
    expect(seen).toEqual(["a 1", "a 2", "a 1003", "b 1004"]);
  });

  it("take in containers that are made later, from their first line, and say so", async () => {
    sources.show(sourceOf("a"));
    sources.write("a", line(1), line(2));
    const { seen } = read({ follow: true, tail: 0 });
    await clock.advance(1);
    sources.write("b", line(5, "first"));
    sources.show(sourceOf("a"), sourceOf("b"));
    await clock.advance(1000);
    expect(seen).toEqual(["b joined", "b first"]);
  });

  it("give the last lines of a container that ends, and say when it is gone", async () => {
    sources.show(sourceOf("a"));
    const { seen } = read({ follow: true });
    await clock.advance(1);
    sources.write("a", line(9, "bye"));
    sources.end("a");
    sources.show();
    await clock.advance(2000);
    expect(seen).toEqual(["a bye", "a ended"]);
  });

  it("go on with a container that its engine starts again, and read no line twice", async () => {
    sources.show(sourceOf("a"));
    const { seen } = read({ follow: true });
    await clock.advance(1);
    sources.write("a", line(9, "bye"));
    sources.end("a");
    await clock.advance(1000);
    sources.end("a", false);
    sources.write("a", line(2000, "again"));
    await clock.advance(6000);
    expect(seen).toEqual(["a bye", "a again"]);
  });

  it("wait for an engine that is away, and say it once", async () => {
    sources.show(sourceOf("a"));
    const { seen } = read({ follow: true });
    await clock.advance(1);
    sources.fail("a", away);
    await clock.advance(10_000);
    sources.fail("a", undefined);
    sources.write("a", line(1, "back"));
    sources.show(sourceOf("a"));
    await clock.advance(10_000);
    expect(seen).toEqual(["a missing: the engine sleeps", "a back"]);
  });

  it.each([
    [0, []],
    [1, ["a 4"]],
    [2, ["a 3", "a 4"]],
    [9, ["a 1", "a 2", "a 3", "a 4"]],
  ])("show nothing that a tail of %i has cut off, and lose nothing later", async (tail, shown) => {
    sources.show(sourceOf("a"));
    sources.write("a", line(1), line(2), line(3), line(4));
    const { seen } = read({ follow: true, tail });
    await clock.advance(1000);
    expect(seen).toEqual(shown);
    sources.write("a", line(4, "the same moment"), line(3, "late"), line(5));
    await clock.advance(1000);
    expect(seen).toEqual([...shown, "a the same moment", "a late", "a 5"]);
  });

  it("give of a container that could not be read at first what it writes later, where a tail was asked for", async () => {
    const now = clock.now();
    sources.show(sourceOf("a"));
    sources.write("a", line(now - 60_000, "old"));
    sources.fail("a", away);
    const { seen } = read({ follow: true, tail: 5 });
    await clock.advance(1000);
    sources.write("a", line(now + 1000, "new"));
    sources.fail("a", undefined);
    await clock.advance(5000);
    expect(new Set(seen)).toEqual(new Set(["a missing: the engine sleeps", "a new"]));
  });

  it.each([
    ["a stretch of time", (now: number) => ({ since: BigInt(now - 10_000) * 1_000_000n })],
    ["the last lines", () => ({ tail: 1 })],
  ])("lose nothing that is written after a clock was set back, where %s was asked for", async (_, asked) => {
    const now = clock.now();
    sources.show(sourceOf("a"));
    sources.write("a", line(now - 60_000, "old"));
    const { seen } = read({ follow: true, ...asked(now) });
    await clock.advance(1000);
    seen.length = 0;
    sources.write("a", line(now - 3_600_000, "an hour earlier"));
    await clock.advance(1000);
    sources.end("a");
    await clock.advance(1000);
    sources.end("a", false);
    sources.write("a", line(now - 3_599_000, "after a restart"));
    await clock.advance(6000);
    expect(seen).toEqual(["a an hour earlier", "a after a restart"]);
  });

  it("go on behind the places where who asks stood, and take in others from their beginning", async () => {
    sources.show(sourceOf("a"), sourceOf("b"), sourceOf("c"));
    sources.write("a", line(9000), line(10, "set back"), line(10, "set back again"), line(11));
    sources.write("b", line(3), line(4));
    sources.write("c", line(5));
    const places = [
      { name: "web.a", host: "local", at: 10_000_000n, lines: 1 },
      { name: "web.b", host: "local", at: 4_000_000n, lines: 1 },
      { name: "web.c", host: "another", at: 5_000_000n, lines: 1 },
    ];
    const { seen } = read({ follow: true, places });
    await clock.advance(1000);
    expect(seen).toEqual(["c 5", "a set back again", "a 11"]);
    sources.write("b", line(1, "set back too"));
    await clock.advance(1000);
    expect(seen.slice(3)).toEqual(["b set back too"]);
  });

  it("have all behind the places, also where the clock of who asks is ahead", async () => {
    const now = clock.now();
    sources.show(sourceOf("a"), sourceOf("b"));
    sources.write("a", line(now - 2000, "received"), line(now - 1000, "missed"));
    const places = [{ name: "web.a", host: "local", at: BigInt(now - 2000) * 1_000_000n, lines: 1 }];
    const { seen } = read({ follow: true, places, since: BigInt(now + 60_000) * 1_000_000n });
    await clock.advance(1000);
    sources.write("a", line(now + 1000, "new"));
    sources.write("b", line(now + 1000, "too early"));
    await clock.advance(1000);
    expect(seen).toEqual(["a missed", "a new"]);
  });

  it("go on behind the place of a container that its engine shows only later", async () => {
    sources.show();
    sources.write("a", line(1, "received"), line(2, "missed"));
    const places = [{ name: "web.a", host: "local", at: 1_000_000n, lines: 1 }];
    const { seen } = read({ follow: true, places });
    await clock.advance(1000);
    sources.show(sourceOf("a"));
    await clock.advance(1000);
    expect(seen).toEqual(["a joined", "a missed"]);
  });

  it("begin when they are asked to, also in time to come", async () => {
    const now = clock.now();
    sources.show(sourceOf("a"));
    sources.write("a", line(now - 1000, "old"));
    const { seen } = read({ follow: true, since: BigInt(now + 60_000) * 1_000_000n });
    await clock.advance(1000);
    sources.write("a", line(now + 1000, "too early"), line(now + 60_000, "now"));
    await clock.advance(1000);
    expect(seen).toEqual(["a now"]);
  });

  it("have what a container wrote that has started and ended between two looks", async () => {
    sources.show(sourceOf("a", "created"));
    sources.end("a");
    const { seen } = read({ follow: true });
    await clock.advance(1000);
    sources.write("a", line(1, "crash"));
    sources.show(sourceOf("a", "exited", 1));
    await clock.advance(1000);
    sources.write("a", line(2, "crash again"));
    sources.show(sourceOf("a", "exited", 2));
    await clock.advance(10_000);
    expect(seen).toEqual(["a crash", "a crash again"]);
    const before = sources.readings.length;
    sources.show(sourceOf("a", "exited", 2));
    await clock.advance(10_000);
    expect(sources.readings).toHaveLength(before);
  });

  it("outlive a list that fails because nobody answers, and no other", async () => {
    sources.show(sourceOf("a"));
    const { seen, over } = read({ follow: true });
    await clock.advance(1);
    sources.failListing(away);
    await clock.advance(1000);
    sources.write("a", line(1));
    await clock.advance(1000);
    expect(seen).toEqual(["a 1"]);
    sources.failListing(new RangeError("a bug"));
    const ended = expect(over).rejects.toThrow("a bug");
    await clock.advance(10_000);
    sources.failListing(new RangeError("a bug"));
    await clock.advance(10_000);
    await ended;
  });

  it("leave nothing with the signal of who reads for each line and each list, and take any number of containers", async () => {
    const joined = jest.spyOn(AbortSignal, "any");
    const lines = jest.spyOn(sources, "lines");
    sources.show(sourceOf("a"));
    const { seen } = read({ follow: true });
    await clock.advance(1);
    for (let i = 1; i <= 20; i++) {
      sources.write("a", line(i));
      sources.show(sourceOf("a"));
      await clock.advance(1000);
    }
    expect(seen).toHaveLength(20);
    expect(joined.mock.calls.length).toBeLessThan(3);
    expect(getMaxListeners(lines.mock.lastCall?.[2] as AbortSignal)).toBe(Number.POSITIVE_INFINITY);
    joined.mockRestore();
  });

  it("leave nothing behind when nobody reads any more", async () => {
    sources.show(sourceOf("a"));
    const { over } = read({ follow: true });
    await clock.advance(1);
    end.abort(new Error("enough"));
    await clock.advance(1000);
    await over.catch(() => undefined);
    const before = sources.readings.length;
    sources.show(sourceOf("a"), sourceOf("b"));
    await clock.advance(10_000);
    expect(sources.readings).toHaveLength(before);
  });
});
