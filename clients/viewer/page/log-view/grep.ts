// What is searched for in log lines: plain text, or /an expression/. Pure. A search comes from the URL, so from anybody: an
// expression that could take for ever on one line is refused.

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
const MOST_REPEATS = 3;

export function grepOf(query: string): Grep {
  if (query === "") return { problem: "", find: () => [] };
  if (query.length > LONGEST) return refused(`at most ${LONGEST} characters can be searched for`);
  const inner = /^\/(.+)\/$/.exec(query)?.[1];
  if (inner === undefined) return searching(new RegExp(escaped(query), "gi"));
  const problem = problemOf(inner);
  return problem === "" ? searching(new RegExp(inner, "gi")) : refused(problem);
}

function refused(problem: string): Grep {
  return { problem, find: () => [] };
}

function searching(expression: RegExp): Grep {
  return {
    problem: "",
    find: (text) => {
      const found: Found[] = [];
      for (const match of text.slice(0, LOOKED_AT).matchAll(expression)) {
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
  const repeats = bare.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0;
  return repeats > MOST_REPEATS ? `at most ${MOST_REPEATS} repeats: more could take for ever on one line` : "";
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
