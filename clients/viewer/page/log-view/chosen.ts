// Which entries of a log are shown, by level and search, and where in them the search is found. Pure.

import { type Found, grepOf } from "./grep.js";
import { isAtLeast, type Level } from "./level.js";
import { type Entry, isMarker } from "./line.js";

export interface Chooser {
  /** Why the search is none; "" when it is one. */
  readonly problem: string;
  /** Markers stay where they are. */
  choose(entries: readonly Entry[]): readonly Entry[];
  found(entry: Entry): readonly Found[];
}

/** Looks at each entry once, however often it is asked. */
export function chooserOf(grep: string, level: Level | ""): Chooser {
  const search = grepOf(grep);
  const isAll = level === "" && (grep === "" || search.problem !== "");
  const known = new WeakMap<Entry, readonly Found[] | false>();
  const look = (entry: Entry): readonly Found[] | false => {
    if (isMarker(entry)) return [];
    return isAtLeast(entry.level, level) ? (search.find(entry.text) ?? false) : false;
  };
  const lookOnce = (entry: Entry): readonly Found[] | false => {
    const before = known.get(entry);
    if (before !== undefined) return before;
    const result = look(entry);
    known.set(entry, result);
    return result;
  };
  return {
    problem: search.problem,
    choose: (entries) => (isAll ? entries : entries.filter((entry) => lookOnce(entry) !== false)),
    found: (entry) => lookOnce(entry) || [],
  };
}
