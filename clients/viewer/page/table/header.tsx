// The header row of a table; a click on a title sorts by it.

import { type Column, isSortable } from "./columns.js";

interface HeaderProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly sort: string;
  readonly choice: boolean;
  readonly onSort?: (key: string) => void;
}

export function Header<Row>({ columns, sort, choice, onSort }: HeaderProps<Row>) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {choice ? (
          <th scope="col" class="choice">
            <span class="unseen">chosen</span>
          </th>
        ) : null}
        {columns.map((column) => (
          <Title key={column.key} column={column} sort={sort} onSort={onSort} />
        ))}
      </tr>
    </thead>
  );
}

const ARROWS = { ascending: "↑", descending: "↓" };

interface TitleProps<Row> {
  readonly column: Column<Row>;
  readonly sort: string;
  readonly onSort: ((key: string) => void) | undefined;
}

function Title<Row>({ column, sort, onSort }: TitleProps<Row>) {
  const { key, title, end, bare } = column;
  const sorted = sortedBy(sort, key);
  const side = end ? "end" : undefined;
  if (onSort === undefined || !isSortable(column))
    return (
      <th scope="col" class={side}>
        {bare ? <span class="unseen">{title}</span> : title}
      </th>
    );
  return (
    <th scope="col" class={side} aria-sort={sorted}>
      <button type="button" onClick={() => onSort(key)}>
        {title}
        <span class="arrow" aria-hidden="true">
          {sorted === undefined ? "" : ARROWS[sorted]}
        </span>
      </button>
    </th>
  );
}

function sortedBy(sort: string, key: string): "ascending" | "descending" | undefined {
  if (sort === key) return "ascending";
  return sort === `-${key}` ? "descending" : undefined;
}
