// What is searched for in log lines: plain text, or /an expression/. Pure. A search comes from the URL, so from anybody: an
// expression that could take for ever on one line is refused.

import { looksOf, waysOf } from "./cost.js";

export interface Found {
  readonly from: number;
  readonly to: number;
}

export interface Grep {
  /** Why it cannot be searched for; "" when it can. */
  readonly problem: string;
  /** Everywhere it is in the text, in order; undefined: nowhere. Nothing asked: found, with no place. */
  find(text: string): readonly Found[] | undefined;
}

const LONGEST = 200;
const LOOKED_AT = 4_000;
const MOST_FOUND = 100;
/** Of a line with an expression that takes longer the longer the line is. */
const LOOKED_AT_DEARLY = 1_000;
/** So often a character is looked at on one line, at most. */
export const MOST_LOOKS = 64_000_000;

export function grepOf(query: string): Grep {
  if (query === "") return { problem: "", find: () => [] };
  if (query.length > LONGEST) return refused(`at most ${LONGEST} characters can be searched for`);
  const inner = /^\/(.+)\/$/.exec(query)?.[1];
  if (inner === undefined) return searching(new RegExp(escaped(query), "gi"), LOOKED_AT);
  const problem = problemOf(inner);
  if (problem !== "") return refused(problem);
  const length = [LOOKED_AT, LOOKED_AT_DEARLY].find((one) => looksAt(inner, one) <= MOST_LOOKS);
  if (length === undefined)
    return refused("this could take for ever on one line: take a repeat (* + ? {…}) or an alternative away");
  return searching(new RegExp(inner, "gi"), length);
}

/** How often, at most, a character of a line of that length is looked at before it is known that nothing is in it. */
export const looksAt = (source: string, length: number): number => length * looksOf(waysOf(source), length);

function refused(problem: string): Grep {
  return { problem, find: () => [] };
}

function searching(expression: RegExp, length: number): Grep {
  return {
    problem: "",
    find: (text) => {
      const found: Found[] = [];
      for (const match of text.slice(0, length).matchAll(expression)) {
        if (match[0] !== "") found.push({ from: match.index, to: match.index + match[0].length });
        if (found.length === MOST_FOUND) break;
      }
      return found.length === 0 ? undefined : found;
    },
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** "" when it is an expression that ends in time. */
function problemOf(source: string): string {
  try {
    new RegExp(source);
  } catch {
    return "this is not a regular expression; without the slashes it is searched for as text";
  }
  const bare = source.replaceAll(/\\./g, "x").replaceAll(/\[[^\]]*\]/g, "x");
  if (/\\[1-9k]/.test(source) || /\(\?[=!<]/.test(bare)) return "references and look-around are not searched for here";
  if (/\)[*+{]/.test(bare)) return "a group in brackets cannot be repeated here: it could take for ever on one line";
  return /\(\?[^:]/.test(bare) ? "of groups that begin with (? only (?: is searched for here" : "";
}

/** The text cut into pieces, each found or not. */
export function pieces(text: string, found: readonly Found[]): { readonly text: string; readonly isFound: boolean }[] {
  const cut: { text: string; isFound: boolean }[] = [];
  let at = 0;
  for (const { from, to } of found) {
    if (from > at) cut.push({ text: text.slice(at, from), isFound: false });
    cut.push({ text: text.slice(from, to), isFound: true });
    at = to;
  }
  if (at < text.length) cut.push({ text: text.slice(at), isFound: false });
  return cut;
}
