// Which columns a table shows; kept in the address.

import { useMemo, useRef } from "preact/hooks";
import { queryText, setQuery } from "../view.js";
import { type Column, shownColumns } from "./columns.js";
import { windowRem } from "./room.js";

/** The columns that the address names, or those that there is room for. The same array until that changes. */
export function usePicked<Row>(columns: readonly Column<Row>[]): readonly Column<Row>[] {
  const picked = queryText("cols").value;
  const rem = windowRem.value;
  return useMemo(() => shownColumns(columns, picked, rem), [columns, picked, rem]);
}

export function ColumnPicker<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  const shown = usePicked(columns);
  const toggle = (key: string) => {
    const keys = columns
      .filter((column) => (column.key === key ? !shown.includes(column) : shown.includes(column)))
      .map((column) => column.key);
    setQuery({ cols: keys.join(",") });
  };
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (details.current !== null) details.current.open = false;
  };
  return (
    <details
      class="picker"
      ref={details}
      onFocusOut={({ relatedTarget, currentTarget }) => {
        if (relatedTarget instanceof Node && !currentTarget.contains(relatedTarget)) close();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !event.currentTarget.open) return;
        event.preventDefault();
        close();
        event.currentTarget.querySelector("summary")?.focus();
      }}
    >
      <summary>columns</summary>
      <fieldset>
        <legend class="unseen">columns</legend>
        {columns.map((column) => (
          <label key={column.key}>
            <input
              type="checkbox"
              checked={shown.includes(column)}
              disabled={shown.length === 1 && shown.includes(column)}
              onChange={() => toggle(column.key)}
            />
            {column.title}
          </label>
        ))}
        <button type="button" class="small" onClick={() => setQuery({ cols: "" })}>
          as usual
        </button>
      </fieldset>
    </details>
  );
}
