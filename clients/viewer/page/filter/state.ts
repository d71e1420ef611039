// The filter of this page: its text is in the address. A text that is no filter changes nothing but what is said of it.

import { computed, signal } from "@preact/signals";
import { termFor, withTerm } from "../../../filter/edit.js";
import { filterBy } from "../../../filter/match.js";
import { parseFilter } from "../../../filter/parse.js";
import type { Filter, Parsed } from "../../../filter/term.js";
import { navigate, queryText, route, setQuery } from "../view.js";
import { href, isFilteredScreen } from "../view-url.js";

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

/** Adds a term, or its opposite; where nothing is filtered, it leads to the list of groups. */
export function addTerm(term: string, negated: boolean): void {
  const filter = withTerm(filterText.value, negated ? `!${term}` : term);
  if (isFilteredScreen(route.peek())) setQuery({ filter }, { push: true });
  else navigate(href("groups", { ns: namespace.value, filter }));
}

export const addField = (field: string, value: string, negated = false): void =>
  addTerm(termFor(field, value), negated);
