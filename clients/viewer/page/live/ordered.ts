// Rows in an order that is kept, not made anew: a change moves the rows that changed. Pure.

import type { Rows, RowsChange } from "./rows.js";

/** So large a part of the list is sooner sorted anew. */
const MANY = 0.05;

export class OrderedRows<Row> {
  readonly #rows: Rows<Row>;
  readonly #idOf: (row: Row) => string;
  readonly #compare: (a: Row, b: Row) => number;
  /** As they stand in the list; their places are found by what they were. */
  readonly #placed = new Map<string, Row>();
  #list: Row[] = [];
  #version = -1;

  /** `compare` looks at the two rows alone, and no two rows are equal. */
  constructor(rows: Rows<Row>, idOf: (row: Row) => string, compare: (a: Row, b: Row) => number) {
    this.#rows = rows;
    this.#idOf = idOf;
    this.#compare = compare;
  }

  /** All rows as they are now, in order. The array is this list's own: it changes with the next call. */
  list(): readonly Row[] {
    const changes = this.#version === -1 ? undefined : this.#rows.changesSince(this.#version);
    this.#version = this.#rows.version.peek();
    if (changes === undefined || this.#areMany(changes)) this.#sort();
    else for (const change of changes) this.#apply(change);
    return this.#list;
  }

  #areMany(changes: readonly RowsChange<Row>[]): boolean {
    const count = changes.reduce((sum, { put, gone }) => sum + put.length + gone.length, 0);
    return changes.some(({ reset }) => reset) || count > this.#list.length * MANY + 8;
  }

  #sort(): void {
    this.#list = [...this.#rows.all()].sort(this.#compare);
    this.#placed.clear();
    for (const row of this.#list) this.#placed.set(this.#idOf(row), row);
  }

  #apply({ put, gone }: RowsChange<Row>): void {
    for (const id of gone) this.#take(id);
    for (const row of put) {
      const id = this.#idOf(row);
      this.#take(id);
      this.#list.splice(this.#placeOf(row), 0, row);
      this.#placed.set(id, row);
    }
  }

  #take(id: string): void {
    const row = this.#placed.get(id);
    if (row === undefined) return;
    this.#placed.delete(id);
    const place = this.#placeOf(row);
    const found = this.#list[place] === row ? place : this.#list.indexOf(row);
    if (found !== -1) this.#list.splice(found, 1);
  }

  /** The first place whose row is not before this one. */
  #placeOf(row: Row): number {
    let [low, high] = [0, this.#list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#list[middle];
      if (other !== undefined && this.#compare(other, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
