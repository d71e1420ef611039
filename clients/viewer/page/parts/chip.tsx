// A small word that can be clicked: a label that joins the filter, a term of it.

import type { ComponentChildren } from "preact";
import { addTerm } from "../filter/state.js";

interface ChipProps {
  readonly term: string;
  /** A row has one tab stop, which is the row. */
  readonly inRow?: boolean;
  readonly children?: ComponentChildren;
}

/** A label or another term. A click adds it to the filter, alt-click the opposite of it. */
export function Chip({ term, inRow = false, children }: ChipProps) {
  return (
    <button
      type="button"
      class="chip"
      tabIndex={inRow ? -1 : 0}
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

export function Chips({ labels, inRow = false }: { labels: readonly string[]; inRow?: boolean }) {
  if (labels.length === 0) return <span class="muted">–</span>;
  return (
    <span class="chips">
      {labels.map((label) => (
        <Chip key={label} term={label} inRow={inRow} />
      ))}
    </span>
  );
}
