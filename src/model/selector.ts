// The one selector grammar: "a,b" all of; "!x" not; "a|b" either. Over group labels and over host labels.

import type { LabelSet } from "./labels.js";
import { isLabel } from "./names.js";

export type Term = { readonly label: string; readonly negated: boolean };
/** Every clause has to hold; a clause holds when one of its terms does. */
export type Selector = readonly (readonly Term[])[];

export const EVERYTHING: Selector = [];

/** Parses a selector, or names what is wrong with it. Empty text selects everything. */
export function parseSelector(text: string): { selector: Selector } | { problem: string } {
  if (text.trim() === "") return { selector: EVERYTHING };
  const clauses: Term[][] = [];
  for (const part of text.split(",")) {
    const clause: Term[] = [];
    for (const word of part.split("|")) {
      const negated = word.trim().startsWith("!");
      const label = negated ? word.trim().slice(1) : word.trim();
      if (!isLabel(label)) return { problem: `"${word.trim()}" is not a label in selector "${text}"` };
      clause.push({ label, negated });
    }
    clauses.push(clause);
  }
  return { selector: clauses };
}

export function matches(selector: Selector, labels: LabelSet): boolean {
  return selector.every((clause) => clause.some((term) => labels.includes(term.label) !== term.negated));
}

/** The clauses that do not hold, as written: the reason for a refusal. */
export function unmetClauses(selector: Selector, labels: LabelSet): string[] {
  return selector
    .filter((clause) => !clause.some((term) => labels.includes(term.label) !== term.negated))
    .map((clause) => clause.map((term) => (term.negated ? "!" : "") + term.label).join("|"));
}
