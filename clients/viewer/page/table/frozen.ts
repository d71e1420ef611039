// Rows do not run away: the order stays while somebody points at a table or is in it. Cells still change.

import { countMoves } from "./columns.js";

export interface Order {
  readonly ids: readonly string[];
  /** How many rows would come, go or move. */
  readonly changes: number;
}

/** Holds the order that is shown. A new `key` (another filter, another sort: somebody's own wish) takes the new order. */
export class FrozenOrder<Row> {
  #key = "";
  #shown: readonly string[] = [];
  /** As they were when the order was taken: a row that has gone since is still shown. */
  #taken: ReadonlyMap<string, Row> = new Map();
  #now: ReadonlyMap<string, Row> = new Map();

  /** `next`: the rows in their order. */
  order(next: ReadonlyMap<string, Row>, key: string, frozen: boolean): Order {
    const same = this.#now === next && key === this.#key;
    this.#now = next;
    if (!frozen || key !== this.#key || this.#shown.length === 0) {
      if (!same || this.#taken !== next) this.#shown = [...next.keys()];
      this.#key = key;
      this.#taken = next;
      return { ids: this.#shown, changes: 0 };
    }
    return { ids: this.#shown, changes: this.#taken === next ? 0 : countMoves(this.#shown, [...next.keys()]) };
  }

  row(id: string): Row | undefined {
    return this.#now.get(id) ?? this.#taken.get(id);
  }

  /** The next order is taken as it comes. */
  thaw(): void {
    this.#shown = [];
    this.#taken = new Map();
  }
}
