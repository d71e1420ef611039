// What a column of a table is, and sorting by it. Pure.

import type { ComponentChildren } from "preact";

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** In words: marks what has changed, gives the column its width, and is shown where there is no `cell`. */
  readonly text: (row: Row) => string;
  readonly cell?: (row: Row) => ComponentChildren;
  /** As wide as anything in it gets, where that is not its text. */
  readonly ruler?: string;
  /** Its text says nothing of its order: it cannot be sorted by. */
  readonly unsorted?: boolean;
  /** What it is sorted by instead of its text. */
  readonly by?: (row: Row) => string | number;
  /** What it says is the link to where its row leads; the first column otherwise. */
  readonly leads?: boolean;
  /** Figures stand at the end of their column. */
  readonly end?: boolean;
  /** Its title is only read out. */
  readonly bare?: boolean;
  /** Shown only when it is picked. */
  readonly extra?: boolean;
  /** Shown in windows of so many rem and more, and where it is picked. */
  readonly room?: number;
  /** Takes what is left of the width: its text is cut off there, and stands on its tip. Wants a `ruler` for its least width. */
  readonly rest?: boolean;
  /** Its changes are not marked: ages. */
  readonly quiet?: boolean;
}

export type Compare<Row> = (a: Row, b: Row) => number;

export const isSortable = ({ unsorted, bare }: Pick<Column<never>, "unsorted" | "bare">): boolean => !unsorted && !bare;

/** `sort` is the key of a column, "-key" for the other way round, "" for `otherwise`, which also settles what is equal. */
export function comparing<Row>(columns: readonly Column<Row>[], sort: string, otherwise: Compare<Row>): Compare<Row> {
  const down = sort.startsWith("-");
  const column = columns.find(({ key }) => key === (down ? sort.slice(1) : sort));
  if (column === undefined || !isSortable(column)) return otherwise;
  const by = column.by ?? column.text;
  const sign = down ? -1 : 1;
  return (a, b) => {
    const [left, right] = [by(a), by(b)];
    if (left < right) return -sign;
    if (left > right) return sign;
    return otherwise(a, b);
  };
}

/** By the next column that can be sorted by, each of them up and down; behind the last as it was. */
export function sortBehind<Row>(columns: readonly Column<Row>[], sort: string): string {
  const sortable = columns.filter(isSortable);
  const at = sortable.findIndex(({ key }) => sort === key || sort === `-${key}`);
  const key = sortable[at]?.key;
  return key !== undefined && sort === key ? nextSort(sort, key) : (sortable[at + 1]?.key ?? "");
}

/** Up, then down, then as it was. */
export function nextSort(sort: string, key: string): string {
  if (sort === key) return `-${key}`;
  return sort === `-${key}` ? "" : key;
}

/** The columns that `picked` ("name,host") names; when it names none, those for which a window of so many rem has room. */
export function shownColumns<Row>(
  columns: readonly Column<Row>[],
  picked: string,
  rem: number,
): readonly Column<Row>[] {
  const keys = new Set(picked.split(","));
  const chosen = columns.filter(({ key }) => keys.has(key));
  return chosen.length > 0 ? chosen : columns.filter(({ extra, room = 0 }) => !extra && room <= rem);
}

/** How many rows would come, go or move if `shown` became `next`. */
export function countMoves(shown: readonly string[], next: readonly string[]): number {
  const places = new Map(next.map((id, at) => [id, at]));
  let gone = 0;
  let moved = 0;
  let last = -1;
  for (const id of shown) {
    const place = places.get(id);
    if (place === undefined) gone += 1;
    else {
      if (place < last) moved += 1;
      last = place;
    }
  }
  return gone + moved + (next.length - (shown.length - gone));
}
