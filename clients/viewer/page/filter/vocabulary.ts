// Words that a filter can be completed with, and how many groups or containers each would find. Pure.

import { termFor } from "../../../filter/edit.js";
import type { ContainerRow, GroupRow } from "../../wire.js";
import { tagOf } from "../live/images.js";

export interface Suggestion {
  readonly term: string;
  readonly count: number;
  /** What is counted. */
  readonly what: "groups" | "containers";
}

/** Every term that finds something, with how much. */
export function vocabulary(groups: readonly GroupRow[], containers: Iterable<ContainerRow>): Suggestion[] {
  const found = new Map<string, { count: number; what: "groups" | "containers" }>();
  const add = (term: string, what: "groups" | "containers") => {
    const known = found.get(term);
    if (known === undefined) found.set(term, { count: 1, what });
    else known.count += 1;
  };
  for (const row of groups) {
    for (const label of row.labels) add(label, "groups");
    add(termFor("svc", row.service), "groups");
    add(termFor("state", row.state), "groups");
    if (row.rollout !== null && row.rollout.state !== row.state) add(termFor("state", row.rollout.state), "groups");
    if (row.image !== "") add(termFor("image", tagOf(row.image)), "groups");
    add(termFor("ns", row.ns), "groups");
  }
  for (const { host, state } of containers) {
    if (host !== "") add(termFor("host", host), "containers");
    add(termFor("state", state), "containers");
  }
  return [...found].map(([term, { count, what }]) => ({ term, count, what }));
}

/** The word that is being typed at `caret`, and where it begins; its `!` or `~` and earlier alternatives are not of it. */
export function wordAt(text: string, caret: number): { readonly word: string; readonly from: number } {
  let from = caret;
  while (from > 0 && !/[\s,|!~]/.test(text[from - 1] ?? "")) from -= 1;
  return { word: text.slice(from, caret), from };
}

/** The best few for a word: those that begin with it, then values that do; what finds most comes first. */
export function suggest(all: readonly Suggestion[], word: string, most: number): Suggestion[] {
  const small = word.toLowerCase();
  const likeness = ({ term }: Suggestion): number => {
    if (term.startsWith(small)) return 0;
    const value = term.slice(term.indexOf(":") + 1);
    if (value.startsWith(small)) return 1;
    return small.length > 1 && value.includes(small) ? 2 : 3;
  };
  return all
    .map((one) => ({ one, how: likeness(one) }))
    .filter(({ one, how }) => how < 3 && one.term !== small)
    .sort((a, b) => a.how - b.how || b.one.count - a.one.count || (a.one.term < b.one.term ? -1 : 1))
    .slice(0, most)
    .map(({ one }) => one);
}
