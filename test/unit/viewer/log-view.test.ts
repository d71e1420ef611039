import { describe, expect, it } from "@jest/globals";
import { stillAsked } from "../../../clients/viewer/page/log-view/asked.js";
import { grepOf, pieces } from "../../../clients/viewer/page/log-view/grep.js";
import { isAtLeast, levelOf } from "../../../clients/viewer/page/log-view/level.js";
import { LineReader, millisOf, nanosOf } from "../../../clients/viewer/page/log-view/line.js";
import { indexAt, LogRing } from "../../../clients/viewer/page/log-view/ring.js";
import type { LogLines } from "../../../clients/viewer/wire.js";

const source = (number: number, slot: number) => ({
  number,
  ns: "default",
  ref: "web/dev",
  name: `web-${slot}`,
  slot,
  rev: 1,
  host: "node-a",
});
const message = (...lines: LogLines["lines"]): LogLines => ({
  sources: [source(0, 1), source(1, 2)],
  lines,
  notes: [],
});
const texts = (ring: LogRing) => ring.entries.map((entry) => ("source" in entry ? entry.text : `-- ${entry.text}`));

describe("the ring of log lines", () => {
  it("is in the order of the containers' own times, also for what comes late", () => {
    const ring = new LogRing();
    const reader = new LineReader();
    ring.add(reader.read(message([0, "1000000", 0, "a"], [0, "3000000", 0, "c"])));
    ring.add(reader.read(message([1, "2000000", 0, "b"], [1, "900000", 0, "first"], [1, "4000000", 0, "d"])));
    expect(texts(ring)).toEqual(["first", "a", "b", "c", "d"]);
  });

  it("keeps two lines of the same time and text, and knows both again after a break", () => {
    const ring = new LogRing();
    const lines = message([0, "5", 0, "tick"], [0, "5", 0, "tick"], [1, "5", 0, "tick"]);
    expect(ring.add(new LineReader().read(lines))).toBe(3);
    expect(ring.add(new LineReader().read(lines))).toBe(0);
    expect(ring.entries).toHaveLength(3);
  });

  it("knows a container again under another number", () => {
    const ring = new LogRing();
    ring.add(new LineReader().read(message([0, "5", 0, "tick"])));
    const again = { sources: [source(7, 1)], lines: [[7, "5", 0, "tick"] as const], notes: [] };
    expect(ring.add(new LineReader().read(again))).toBe(0);
  });

  it("lets the oldest go when it is full, and does not take them in again", () => {
    const ring = new LogRing(3);
    const lines = message([0, "1", 0, "a"], [0, "2", 0, "b"], [0, "3", 0, "c"], [0, "4", 0, "d"]);
    ring.add(new LineReader().read(lines));
    expect([texts(ring), ring.dropped]).toEqual([["b", "c", "d"], 1]);
    expect(ring.add(new LineReader().read(lines))).toBe(0);
  });

  it("finds a time", () => {
    const ring = new LogRing();
    ring.add(new LineReader().read(message([0, "10", 0, "a"], [0, "200", 0, "b"], [0, "3000", 0, "c"])));
    expect([indexAt(ring.entries, "0"), indexAt(ring.entries, "200"), indexAt(ring.entries, "9999")]).toEqual([
      0, 1, 3,
    ]);
  });

  it("leaves out lines of a source that it was not told of, and times that are none", () => {
    expect(new LineReader().read(message([9, "1", 0, "x"], [0, "never", 0, "y"]))).toEqual([]);
  });

  it("counts in milliseconds what the wire counts in nanoseconds", () => {
    expect(millisOf(nanosOf(1_700_000_000_123))).toBe(1_700_000_000_123);
    expect(millisOf("5")).toBe(0);
  });
});

describe("what of a log is read", () => {
  const asked = (at: number, more: object = {}) => ({
    targets: [{ ns: "default", ref: "web/dev", slot: 0 }],
    host: "",
    at,
    ...more,
  });

  it("stays what it is when somebody points at a line that is there, so that the address can name its moment", () => {
    const now = asked(0);
    expect(stillAsked(now, asked(5_000), true)).toBe(now);
    expect(stillAsked(now, asked(5_000), false)).toEqual(asked(5_000));
    expect(stillAsked(now, asked(5_000, { host: "node-a" }), true).host).toBe("node-a");
    expect(stillAsked(undefined, asked(5_000), true)).toEqual(asked(5_000));
  });

  it("is known by the keys of its lines, as long as they are kept", () => {
    const ring = new LogRing(1);
    const [old, fresh] = new LineReader().read(message([0, "1000000", 0, "a"], [0, "3000000", 0, "c"]));
    ring.add(old === undefined ? [] : [old]);
    expect(ring.has(old?.key ?? "")).toBe(true);
    ring.add(fresh === undefined ? [] : [fresh]);
    expect([ring.has(old?.key ?? ""), ring.has(fresh?.key ?? "")]).toEqual([false, true]);
  });
});

describe("the level of a line", () => {
  it.each([
    ['{"level":"warn","msg":"x"}', "warn"],
    ['{"level":50,"msg":"x"}', "error"],
    ["time=1 level=info msg=x", "info"],
    ["2026-11-22 14:02:11 [ERROR] boom", "error"],
    ["14:02:11 WARN slow", "warn"],
    ["TypeError: x is not a function", "error"],
    ["Error: connect ECONNREFUSED db.dev:5432", "error"],
    ["debug: cache miss", "debug"],
    ["GET /error/info 200", ""],
    ["nothing of the kind", ""],
  ])("of %s is %s", (text, level) => expect(levelOf(text)).toBe(level));

  it("is that of the line before for the lines of a stack", () => {
    const lines = message([0, "1", 1, "Error: boom"], [0, "2", 1, "    at load (/app/x.js:1:1)"], [0, "3", 0, "GET /"]);
    expect(new LineReader().read(lines).map(({ level }) => level)).toEqual(["error", "error", ""]);
  });

  it("can be asked for from one upwards", () => {
    expect([isAtLeast("error", "warn"), isAtLeast("info", "warn"), isAtLeast("", "warn"), isAtLeast("", "")]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

describe("searching in lines", () => {
  it("takes plain text as it is, in any case of letters", () => {
    expect(grepOf("a.b(").find("xA.B(y")).toEqual([{ from: 1, to: 5 }]);
    expect(grepOf("a.b").find("axb")).toBeUndefined();
    expect(grepOf("").find("all")).toEqual([]);
  });

  it("takes an expression between slashes", () => {
    expect(grepOf("/5\\d\\d$/").find("GET / 503")).toEqual([{ from: 6, to: 9 }]);
    expect(grepOf("/x*/").find("abc")).toBeUndefined();
  });

  it.each([
    "/(a+)+$/",
    "/(a|a)*b/",
    "/((ab)*c){2,}/",
    "/(a)\\1/",
    "/a*b*c*d*/",
    "/(?=a)b/",
    "/(/",
    `${"x".repeat(300)}`,
  ])("says why it does not search for %s, and hides nothing", (query) => {
    const grep = grepOf(query);
    expect(grep.problem).not.toBe("");
    expect(grep.find("anything")).toEqual([]);
  });

  it("cuts a line into what was found and what was not", () => {
    expect(
      pieces("abcabc", [
        { from: 1, to: 2 },
        { from: 4, to: 6 },
      ]),
    ).toEqual([
      { text: "a", isFound: false },
      { text: "b", isFound: true },
      { text: "ca", isFound: false },
      { text: "bc", isFound: true },
    ]);
  });
});
