// Columns keep their width while one scrolls: a row without height holds the longest text that each column has.

import { useMemo, useRef } from "preact/hooks";
import type { Column } from "./columns.js";

interface RulersProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly choice: boolean;
}

/** So many rows are measured at a time: the rest of a long list changes no more than a little. */
const MEASURED = 20_000;

export function Rulers<Row>({ columns, rows, choice }: RulersProps<Row>) {
  const longest = useLongest(columns, rows);
  const leading = Math.max(
    0,
    columns.findIndex(({ leads }) => leads),
  );
  return (
    <tbody aria-hidden="true" class="rulers">
      <tr>
        {choice ? <td class="table-filler" /> : null}
        {columns.map(({ key }, index) => (
          <td key={key} class={index === leading ? "table-filler leading" : "table-filler"}>
            <div>{longest[index]}</div>
          </td>
        ))}
      </tr>
    </tbody>
  );
}

/** Widths only grow, and each row is measured once. */
function useLongest<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  const known = useRef<{ columns: readonly Column<Row>[]; longest: string[]; measured: WeakSet<object> } | null>(null);
  return useMemo(() => {
    if (known.current?.columns !== columns)
      known.current = { columns, longest: columns.map(({ ruler }) => ruler ?? ""), measured: new WeakSet() };
    const { longest, measured } = known.current;
    let changed = false;
    for (const row of rows.slice(0, MEASURED)) {
      if (measured.has(row as object)) continue;
      measured.add(row as object);
      columns.forEach((column, index) => {
        if (column.ruler !== undefined) return;
        const text = column.text(row);
        if (text.length <= (longest[index]?.length ?? 0)) return;
        longest[index] = text;
        changed = true;
      });
    }
    if (changed) known.current = { columns, longest: [...longest], measured };
    return known.current.longest;
  }, [columns, rows]);
}
