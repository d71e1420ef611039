// Changes a filter as text, so that what a person wrote stays as it was written. Pure.

import { parseFilter } from "./parse.js";
import type { Clause } from "./term.js";

/** The text without this clause of it. */
export function withoutClause(text: string, { at, text: clause }: Clause): string {
  const before = text.slice(0, at).replace(/[\s,]+$/, "");
  const after = text.slice(at + clause.length).replace(/^[\s,]+/, "");
  return [before, after].filter((part) => part !== "").join(" ");
}

/** Switches a clause off, or on again. */
export function toggledClause(text: string, { at, text: clause, isOff }: Clause): string {
  const now = isOff ? clause.replace(/^~/, "") : `~${clause}`;
  return text.slice(0, at) + now + text.slice(at + clause.length);
}

/**
 * Adds a term. It replaces its opposite, and one that is there already is not written twice; a text that is no filter
 * gives way to the term.
 */
export function withTerm(text: string, term: string): string {
  const parsed = parseFilter(text);
  if (!("filter" in parsed)) return term;
  const opposite = term.startsWith("!") ? term.slice(1) : `!${term}`;
  const same = parsed.filter.find((clause) => clause.text === term);
  if (same !== undefined) return text;
  const other = parsed.filter.find(({ text: written }) => [opposite, `~${term}`, `~${opposite}`].includes(written));
  if (other === undefined) return [text.trim().replace(/,+$/, ""), term].filter((part) => part !== "").join(" ");
  return text.slice(0, other.at) + term + text.slice(other.at + other.text.length);
}

/** A term for a value, between quotes where the value needs them. */
export function termFor(field: string, value: string): string {
  return /^[^\s,|"\\]+$/.test(value) ? `${field}:${value}` : `${field}:"${value.replaceAll(/["\\]/g, "\\$&")}"`;
}
