// The terms of the filter, one by one: switched off and on again, or dropped.

import { toggledClause, withoutClause } from "../../../filter/edit.js";
import { containerCounts, groupsHere, shownGroups } from "../filter/lists.js";
import { useSettled } from "../filter/settled.js";
import { activeFilter, filterProblem, filterText } from "../filter/state.js";
import { link, route, setQuery } from "../view.js";
import { isFilteredScreen } from "../view-url.js";
import { screenHref } from "./navigation.js";

export function FilterChips() {
  const filter = activeFilter.value;
  const counts = useSettled(containerCounts);
  if (filter.length === 0 || filterProblem.value !== undefined) return null;
  const text = filterText.value;
  if (!isFilteredScreen(route.value))
    return (
      <p class="terms muted">
        the filter acts on lists, not on this page: <a {...link(screenHref("groups"))}>groups that pass it</a>
      </p>
    );
  return (
    <section class="terms" aria-label="terms of the filter">
      {filter.map((clause) => (
        <span key={clause.at} class={`term${clause.isOff ? " off" : ""}`}>
          <button
            type="button"
            aria-pressed={!clause.isOff}
            title={clause.isOff ? "switch on" : "switch off, without dropping it"}
            onClick={() => setQuery({ filter: toggledClause(text, clause) })}
          >
            {clause.isOff ? clause.text.slice(1) : clause.text}
          </button>
          <button
            type="button"
            aria-label={`drop ${clause.text}`}
            onClick={() => setQuery({ filter: withoutClause(text, clause) })}
          >
            ×
          </button>
        </span>
      ))}
      <span class="muted">
        {ofAll(shownGroups.value.length, groupsHere.value.length)} groups
        {counts === undefined ? "" : `, ${ofAll(counts.shown, counts.here)} containers`}
      </span>
      <button type="button" class="small" onClick={() => setQuery({ filter: "" })}>
        drop all
      </button>
    </section>
  );
}

const ofAll = (shown: number, here: number): string => `${shown.toLocaleString("en")} of ${here.toLocaleString("en")}`;
