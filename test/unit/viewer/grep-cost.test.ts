import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { looksOf, type Piece, waysOf } from "../../../clients/viewer/page/log-view/cost.js";
import { grepOf, looksAt, MOST_LOOKS } from "../../../clients/viewer/page/log-view/grep.js";

type Ways = readonly (readonly Piece[])[];

/** A search as browsers do it, that counts how often it looks at a character. */
function counted(ways: Ways, text: string): { found: boolean; looks: number } {
  let looks = 0;
  const isThere = (source: string, at: number): boolean => {
    looks += 1;
    return at < text.length && new RegExp(`^(?:${source})$`, "i").test(text.charAt(at));
  };
  const anyOf = (some: Ways, at: number, then: (at: number) => boolean): boolean =>
    some.some((way) => all(way, 0, at, then));
  const all = (way: readonly Piece[], index: number, at: number, then: (at: number) => boolean): boolean => {
    const piece = way[index];
    if (piece === undefined) return then(at);
    const rest = (from: number) => all(way, index + 1, from, then);
    if (piece.ways !== undefined) return anyOf(piece.ways, at, rest) || (piece.min === 0 && rest(at));
    let taken = 0;
    while (taken < piece.max && isThere(piece.source, at + taken)) taken += 1;
    for (; taken >= piece.min; taken -= 1) if (rest(at + taken)) return true;
    return false;
  };
  const found = anyOf(ways, 0, () => true);
  return { found, looks };
}

const atom = fc.constantFrom("a", "b", ".", "[ab]", "\\w", "\\d", "1", "[^a]", "\\.", "x");
const single = fc
  .tuple(atom, fc.constantFrom("", "", "*", "+", "?", "{0,3}", "{2}", "{1,}", "*?"))
  .map((parts) => parts.join(""));
const way = fc.array(single, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
const group = fc.tuple(fc.array(way, { minLength: 1, maxLength: 3 }), fc.constantFrom("", "?"));
const expression = fc
  .array(
    fc.oneof(
      way,
      group.map(([ways, often]) => `(${ways.join("|")})${often}`),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(""));
const line = fc.array(fc.constantFrom("a", "b", "1", "x", "."), { maxLength: 12 }).map((signs) => signs.join(""));

describe("what a search may cost", () => {
  it("is never less than what a backtracking search looks at, whatever the line", () => {
    fc.assert(
      fc.property(expression, line, (source, text) => {
        const ways = waysOf(source);
        const { found, looks } = counted(ways, text);
        expect(looks).toBeLessThanOrEqual(looksOf(ways, text.length));
        expect(found).toBe(new RegExp(`^(?:${source})`, "i").test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["error|warn|fatal", "GET .* 503", "took \\d+ ms.*slow", "\\d+ms .*", "a{0,20}b", "(?:a|b)?c", "5\\d\\d$"])(
    "lets /%s/ through, and counts that it ends",
    (source) => {
      expect(grepOf(`/${source}/`).problem).toBe("");
      expect(looksAt(source, 1_000)).toBeLessThanOrEqual(MOST_LOOKS);
    },
  );

  it.each([
    ".*.*.*x",
    ".*.*x",
    ".*(.*x)",
    "\\w+\\d+x",
    "a{0,200}a{0,200}a{0,200}x",
    `${"a?".repeat(40)}b`,
    `${"(a|a)".repeat(30)}b`,
    ".*\\d+ x",
    "(a*|b*)(a*|b*)x",
  ])("does not search for /%s/, which could take for ever", (source) => {
    expect(grepOf(`/${source}/`).problem).toMatch(/for ever/);
  });

  it("does not take a class that it cannot judge for another one", () => {
    const least = looksOf(waysOf("[à-ü]+\\d"), 100);
    expect(looksOf(waysOf("[\\u00e0-\\u00fc]+[\\u00e1]"), 100)).toBeGreaterThan(least);
    expect(looksOf(waysOf("[à-ü]+[á-ñ]"), 100)).toBeGreaterThan(least);
  });
});
