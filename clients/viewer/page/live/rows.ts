// Rows by id, changed in place, with indexes, and their last changes for whoever keeps a list of them. Knows no screen.

import { type ReadonlySignal, signal } from "@preact/signals";

export interface RowsChange<Row> {
  /** Everything that was known before is forgotten; `put` is all that is there now. */
  readonly reset: boolean;
  readonly put: readonly Row[];
  readonly gone: readonly string[];
}

type Indexes<Row> = Readonly<Record<string, (row: Row) => string>>;

/** A list that nobody looked at for longer is sorted anew. */
const KEPT_CHANGES = 16;

export class Rows<Row> {
  readonly #idOf: (row: Row) => string;
  readonly #indexes: Indexes<Row>;
  readonly #byId = new Map<string, Row>();
  readonly #byIndex = new Map<string, Map<string, Set<string>>>();
  readonly #log: RowsChange<Row>[] = [];
  readonly #version = signal(0);

  constructor(idOf: (row: Row) => string, indexes: Indexes<Row> = {}) {
    this.#idOf = idOf;
    this.#indexes = indexes;
    for (const name of Object.keys(indexes)) this.#byIndex.set(name, new Map());
  }

  /** Goes up with each change of any row. A component that reads it is drawn anew at each of them. */
  get version(): ReadonlySignal<number> {
    return this.#version;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Row | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Row> {
    return this.#byId.values();
  }

  /** The rows whose index `name` is `key`, in the order in which they came. */
  of(name: string, key: string): Row[] {
    const rows: Row[] = [];
    for (const id of this.#byIndex.get(name)?.get(key) ?? []) {
      const row = this.#byId.get(id);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** Whether one of them does. */
  some(name: string, key: string, does: (row: Row) => boolean): boolean {
    for (const id of this.#byIndex.get(name)?.get(key) ?? []) {
      const row = this.#byId.get(id);
      if (row !== undefined && does(row)) return true;
    }
    return false;
  }

  replace(rows: readonly Row[]): void {
    this.#byId.clear();
    for (const index of this.#byIndex.values()) index.clear();
    for (const row of rows) this.#put(row);
    this.#tell({ reset: true, put: rows, gone: [] });
  }

  change(put: readonly Row[], gone: readonly string[]): void {
    if (put.length === 0 && gone.length === 0) return;
    for (const id of gone) this.#forget(id);
    for (const row of put) this.#put(row);
    this.#tell({ reset: false, put, gone });
  }

  /** What changed behind that version, oldest first; undefined where that is not kept any more. */
  changesSince(version: number): readonly RowsChange<Row>[] | undefined {
    const count = this.#version.peek() - version;
    if (count <= 0) return [];
    return count > this.#log.length ? undefined : this.#log.slice(-count);
  }

  #put(row: Row): void {
    const id = this.#idOf(row);
    this.#forget(id, row);
    this.#byId.set(id, row);
    for (const [name, key] of Object.entries(this.#indexes)) {
      const index = this.#byIndex.get(name);
      const ids = index?.get(key(row));
      if (ids === undefined) index?.set(key(row), new Set([id]));
      else ids.add(id);
    }
  }

  /** Takes a row out of the indexes, but for those where its successor stands at the same place. */
  #forget(id: string, successor?: Row): void {
    const row = this.#byId.get(id);
    if (row === undefined) return;
    for (const [name, keyOf] of Object.entries(this.#indexes)) {
      const key = keyOf(row);
      if (successor !== undefined && keyOf(successor) === key) continue;
      const index = this.#byIndex.get(name);
      const ids = index?.get(key);
      ids?.delete(id);
      if (ids?.size === 0) index?.delete(key);
    }
    if (successor === undefined) this.#byId.delete(id);
  }

  #tell(change: RowsChange<Row>): void {
    if (change.reset) this.#log.length = 0;
    this.#log.push(change);
    if (this.#log.length > KEPT_CHANGES) this.#log.shift();
    this.#version.value += 1;
  }
}
