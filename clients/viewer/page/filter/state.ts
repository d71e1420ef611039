// The filter of this page: its text is in the address. A text that is no filter changes nothing but what is said of it.

import { computed, signal } from "@preact/signals";
import { termFor, withTerm } from "../../../filter/edit.js";
import { filterBy } from "../../../filter/match.js";
import { parseFilter } from "../../../filter/parse.js";
import type { Filter, Parsed } from "../../../filter/term.js";
import { queryText, setQuery } from "../view.js";

export const filterText = queryText("filter");
/** "" for all namespaces. */
export const namespace = queryText("ns");
/** The person is in the box: a last term may be half written. */
export const isTyping = signal(false);

const parsed = computed<Parsed>(() => parseFilter(filterText.value, { isOpen: isTyping.value }));

/** What is wrong with the text; undefined for a good one. */
export const filterProblem = computed(() => ("filter" in parsed.value ? undefined : parsed.value));

let lastGood: Filter = [];
/** The filter as it is written, or the last one that could be read. */
export const activeFilter = computed<Filter>(() => {
  if ("filter" in parsed.value) lastGood = parsed.value.filter;
  return lastGood;
});
export const passes = computed(() => filterBy(activeFilter.value));
export const isFiltered = computed(() => activeFilter.value.some(({ isOff }) => !isOff));

/** Adds a term, or its opposite. */
export function addTerm(term: string, negated: boolean): void {
  setQuery({ filter: withTerm(filterText.value, negated ? `!${term}` : term) }, { push: true });
}

export const addField = (field: string, value: string, negated = false): void =>
  addTerm(termFor(field, value), negated);
