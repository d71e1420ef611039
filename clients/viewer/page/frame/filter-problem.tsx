// What is wrong with the filter, and where. The rows stay as they were.

import { filterProblem, filterText } from "../filter/state.js";

/** So much of the text is shown around the place. */
const AROUND = 24;

export function FilterProblem() {
  const problem = filterProblem.value;
  if (problem === undefined) return null;
  const text = filterText.value;
  const { at, length } = problem;
  return (
    <p class="filter-problem" id="filter-problem" role="status">
      <span class="bad" aria-hidden="true">
        ✗
      </span>{" "}
      {problem.problem}
      <code>
        {at > AROUND ? "…" : ""}
        {text.slice(Math.max(0, at - AROUND), at)}
        <mark>{text.slice(at, at + Math.min(length, AROUND)) || " "}</mark>
        {text.slice(at + length, at + length + AROUND)}
      </code>
      <span class="muted">the rows are still those of the last good filter</span>
    </p>
  );
}
