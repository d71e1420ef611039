// A small word that can be clicked: a label that joins the filter, a term of it.

import type { ComponentChildren } from "preact";
import { addTerm } from "../filter/state.js";

/** A label or another term. A click adds it to the filter, alt-click the opposite of it. */
export function Chip({ term, children }: { term: string; children?: ComponentChildren }) {
  return (
    <button
      type="button"
      class="chip"
      tabIndex={-1}
      title={`filter by ${term}; with alt: without it`}
      onClick={(event) => {
        event.stopPropagation();
        addTerm(term, event.altKey);
      }}
    >
      {children ?? term}
    </button>
  );
}

export function Chips({ labels }: { labels: readonly string[] }) {
  if (labels.length === 0) return <span class="muted">–</span>;
  return (
    <span class="chips">
      {labels.map((label) => (
        <Chip key={label} term={label} />
      ))}
    </span>
  );
}
