// A table for ten rows or ten thousand: rows in sight only, a header that stays, one tab stop, an order that stands still
// while somebody is in it.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { hasJustActed, useKeys } from "../keys.js";
import { nextSort } from "./columns.js";
import { FrozenOrder } from "./frozen.js";
import { Header } from "./header.js";
import type { TableProps } from "./props.js";
import { rememberedRow, rememberRow } from "./remembered.js";
import { TableRow } from "./row.js";
import { Rulers } from "./rulers.js";
import { useSight } from "./sight.js";
import { focusRow, type TableKeysOf, tableKeys } from "./table-keys.js";
import { tabStopOf } from "./window.js";

export function Table<Row>(props: TableProps<Row>) {
  const { label, rows, id, columns, sort = "", onSort, href, chosen, onChoose, isStale, fill } = props;
  const width = columns.length + (chosen ? 1 : 0);
  const region = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(() => rememberedRow(label));
  const [inside, setInside] = useState(false);
  const [frozen] = useState(() => new FrozenOrder<Row>());
  const byId = useMemo(() => new Map(rows.map((row) => [id(row), row])), [rows]);
  const { ids, changes } = frozen.order(byId, `${sort} ${props.wish ?? ""}`, inside);
  const sight = useSight(region, ids.length);
  const [, takeOrder] = useState(0);
  /** Takes the order of this moment; who is inside finds that one held still from now on. */
  const resort = () => {
    frozen.thaw();
    takeOrder((times) => times + 1);
  };
  const at = Math.max(0, ids.indexOf(active));
  const keys: TableKeysOf<Row> = { props, region, ids, at, rowOf: (one) => frozen.row(one), setActive, resort, sight };
  useKeys(tableKeys(keys));
  useEffect(() => {
    if (at > 0) sight.reveal(at);
    // Somebody goes back up by keyboard: the focus is where it was.
    if (hasJustActed("Escape")) focusRow(keys, at);
  }, []);
  return (
    <div
      class={`table-place${fill ? " fill" : ""}`}
      onPointerEnter={() => setInside(true)}
      onPointerLeave={(event) => setInside(event.currentTarget.contains(document.activeElement))}
      onFocusIn={() => setInside(true)}
      onFocusOut={(event) => {
        const to = event.relatedTarget as Node | null;
        if (!event.currentTarget.contains(to) && !event.currentTarget.matches(":hover")) setInside(false);
      }}
    >
      {changes === 0 ? null : (
        <button
          type="button"
          class="moves"
          onClick={({ detail }) => {
            resort();
            // By keyboard: the button goes, and the focus must not go with it.
            if (detail === 0) focusRow(keys, at);
          }}
        >
          {changes} {changes === 1 ? "change" : "changes"}, press <kbd>.</kbd> to re-sort
        </button>
      )}
      <div
        class="table-region"
        ref={region}
        tabIndex={ids.length === 0 ? 0 : -1}
        onScroll={sight.follow}
        onFocusIn={(event) => {
          const row = (event.target as Element).closest<HTMLElement>("tr[data-row]");
          if (row?.dataset["row"] === undefined) return;
          setActive(row.dataset["row"]);
          rememberRow(label, row.dataset["row"]);
        }}
      >
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its rows can be reached and chosen
          role="grid"
          aria-label={label}
          aria-rowcount={ids.length + 1}
          aria-colcount={width}
          aria-multiselectable={chosen === undefined ? undefined : true}
        >
          <Header
            columns={columns}
            sort={sort}
            choice={chosen !== undefined}
            {...(onSort === undefined ? {} : { onSort: (key: string) => onSort(nextSort(sort, key)) })}
          />
          <Rulers columns={columns} rows={rows} choice={chosen !== undefined} />
          <Space rows={sight.from} across={width} />
          <tbody>
            {ids.slice(sight.from, sight.to).map((one, index) => {
              const row = frozen.row(one);
              return row === undefined ? null : (
                <TableRow
                  key={one}
                  id={one}
                  row={row}
                  at={sight.from + index}
                  columns={columns}
                  active={sight.from + index === tabStopOf(at, sight)}
                  chosen={chosen?.has(one)}
                  stale={isStale?.(row) ?? false}
                  gone={changes > 0 && !byId.has(one)}
                  href={href?.(row) ?? ""}
                  choose={(which) => onChoose?.(which)}
                />
              );
            })}
          </tbody>
          <Space rows={ids.length - sight.to} across={width} />
        </table>
      </div>
    </div>
  );
}

/** The height of rows that are not drawn; no column is wider for it. */
function Space({ rows, across }: { rows: number; across: number }) {
  if (rows <= 0) return null;
  return (
    <tbody aria-hidden="true" class="space">
      <tr>
        <td class="table-filler" colSpan={across} style={{ height: `calc(${rows} * var(--row))` }} />
      </tr>
    </tbody>
  );
}
