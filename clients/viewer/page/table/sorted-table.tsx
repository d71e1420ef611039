// A table that sorts its rows itself and keeps its sort in the address: for lists that are short or change seldom.

import { useMemo } from "preact/hooks";
import { queryText, setQuery } from "../view.js";
import { type Compare, comparing } from "./columns.js";
import type { TableProps } from "./props.js";
import { Table } from "./table.js";

type SortedTableProps<Row> = Omit<TableProps<Row>, "sort" | "onSort"> & {
  /** The order where none was chosen; the rows' own when it is not given. */
  readonly compare?: Compare<Row>;
  /** Name in the address; give one where a screen has more than one such table. */
  readonly sortName?: string;
};

const asGiven = () => 0;

export function SortedTable<Row>({ compare = asGiven, sortName = "sort", ...props }: SortedTableProps<Row>) {
  const sort = queryText(sortName).value;
  const { rows, columns } = props;
  const sorted = useMemo(() => [...rows].sort(comparing(columns, sort, compare)), [rows, columns, sort, compare]);
  return <Table {...props} rows={sorted} sort={sort} onSort={(next) => setQuery({ [sortName]: next })} />;
}
