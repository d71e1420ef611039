import { describe, expect, it } from "@jest/globals";
import { shellWord } from "../../../clients/cli/change.js";
import { selectorProblem } from "../../../clients/cli/names.js";
import { nearest } from "../../../clients/cli/nearest.js";
import { formatAge, formatDuration, formatSize, parseDuration, parseSize } from "../../../clients/cli/quantities.js";
import { shellWords } from "../../../clients/cli/shell-words.js";

describe("did you mean", () => {
  it("finds a word at two edits or a swap, and nothing further away", () => {
    expect(nearest("aply", ["apply", "plan"])).toBe("apply");
    expect(nearest("palce", ["place", "apply"])).toBe("place");
    expect(nearest("imgae", ["image"])).toBe("image");
    expect(nearest("zebra", ["apply", "plan"])).toBeUndefined();
    expect(nearest("x", ["y"])).toBeUndefined();
  });
});

describe("quantities", () => {
  it("are read with their unit and no other way", () => {
    expect([parseDuration("250ms"), parseDuration("5s"), parseDuration("5m"), parseDuration("1h")]).toEqual([
      250, 5000, 300_000, 3_600_000,
    ]);
    expect(["5", "5 s", "s", "-1s", "1.5s", "1d"].map(parseDuration)).toEqual(Array(6).fill(undefined));
    expect([parseSize("256MiB"), parseSize("1.5GiB"), parseSize("7B")]).toEqual([268_435_456, 1_610_612_736, 7]);
    expect(["256", "256MB", "256Mi", "", "MiB"].map(parseSize)).toEqual(Array(5).fill(undefined));
  });

  it("are printed short", () => {
    expect([formatSize(1_288_490_188), formatSize(536_870_912), formatSize(12)]).toEqual([
      "1.2 GiB",
      "512 MiB",
      "12 B",
    ]);
    expect([850, 9_400, 44_000, 224_000, 7_500_000].map(formatDuration)).toEqual([
      "850 ms",
      "9.4 s",
      "44 s",
      "3 m 44 s",
      "2 h 5 m",
    ]);
    expect([41_000, 180_000, 10_800_000, 999_999_999].map(formatAge)).toEqual(["41s", "3m", "3h", "11d"]);
  });
});

describe("shell words", () => {
  it("are split like a shell does", () => {
    expect(shellWords("httpd -f -p 8080")).toEqual(["httpd", "-f", "-p", "8080"]);
    expect(shellWords(`sh -c 'a b' "c \\"d\\"" e\\ f ''`)).toEqual(["sh", "-c", "a b", 'c "d"', "e f", ""]);
    expect(shellWords("  ")).toEqual([]);
  });

  it("are refused when a quote stays open", () => {
    expect([shellWords("a 'b"), shellWords('a "b'), shellWords("a \\")]).toEqual([undefined, undefined, undefined]);
  });

  it("are quoted where the shell would read them otherwise", () => {
    expect([shellWord("web/dev,frontend:3"), shellWord("a b"), shellWord("it's")]).toEqual([
      "web/dev,frontend:3",
      "'a b'",
      "'it'\\''s'",
    ]);
  });
});

describe("a selector", () => {
  it("is a list of labels, with not and either", () => {
    expect(["", "a,b", "prod,!canary", "dev|staging", "zone=eu-1"].map(selectorProblem)).toEqual(
      Array(5).fill(undefined),
    );
    for (const text of ["a,", "!", "A", "a||b", "a b"]) expect(selectorProblem(text)).toBeDefined();
  });
});
