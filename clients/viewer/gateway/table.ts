// Rows of one kind by their ids, each with its JSON as it is sent, and which of them changed since that was last asked.

export interface TableChanges {
  /** As JSON. */
  readonly put: readonly string[];
  readonly gone: readonly string[];
}

export class Table<Row> {
  readonly #idOf: (row: Row) => string;
  readonly #rows = new Map<string, Row>();
  readonly #texts = new Map<string, string>();
  readonly #put = new Set<string>();
  readonly #gone = new Set<string>();

  constructor(idOf: (row: Row) => string) {
    this.#idOf = idOf;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  rows(): IterableIterator<Row> {
    return this.#rows.values();
  }

  /** False: it was there as it is. */
  set(row: Row): boolean {
    const id = this.#idOf(row);
    const text = JSON.stringify(row);
    if (this.#texts.get(id) === text) return false;
    this.#rows.set(id, row);
    this.#texts.set(id, text);
    this.#put.add(id);
    this.#gone.delete(id);
    return true;
  }

  /** False: it was not there. */
  delete(id: string): boolean {
    if (!this.#rows.delete(id)) return false;
    this.#texts.delete(id);
    this.#put.delete(id);
    this.#gone.add(id);
    return true;
  }

  /** Afterwards there are these and no others, but for those that `keeps`. */
  replaceAll(rows: Iterable<Row>, keeps: (row: Row) => boolean = () => false): void {
    const ids = new Set<string>();
    for (const row of rows) {
      ids.add(this.#idOf(row));
      this.set(row);
    }
    for (const [id, row] of this.#rows) if (!ids.has(id) && !keeps(row)) this.delete(id);
  }

  get hasChanges(): boolean {
    return this.#put.size + this.#gone.size > 0;
  }

  /** Since it was last asked. */
  takeChanges(): TableChanges {
    const put = [...this.#put].flatMap((id) => this.#texts.get(id) ?? []);
    const gone = [...this.#gone];
    this.#put.clear();
    this.#gone.clear();
    return { put, gone };
  }

  /** All rows as one JSON list. */
  json(): string {
    return `[${[...this.#texts.values()].join(",")}]`;
  }
}
