// One row. It is drawn anew only when its own data, place or marks change; a changed cell gets a mark that fades.

import { Component, type ComponentChildren } from "preact";
import { link } from "../view.js";
import type { Column } from "./columns.js";

export interface RowProps<Row> {
  readonly row: Row;
  readonly id: string;
  readonly at: number;
  readonly columns: readonly Column<Row>[];
  readonly active: boolean;
  /** Undefined where rows cannot be chosen. */
  readonly chosen: boolean | undefined;
  readonly stale: boolean;
  /** It is not there any more, and the order is frozen. */
  readonly gone: boolean;
  readonly href: string;
  readonly choose: (id: string) => void;
}

const COMPARED = ["row", "at", "columns", "active", "chosen", "stale", "gone", "href"] as const;

export class TableRow<Row> extends Component<RowProps<Row>> {
  #texts: readonly string[] = [];
  #marks: readonly string[] = [];
  #columns: readonly Column<Row>[] = [];
  #row: Row | undefined;

  override shouldComponentUpdate(next: RowProps<Row>, state: unknown): boolean {
    // A signal that a cell reads has changed: what it says now is no change of the row.
    if (state !== this.state) this.#row = undefined;
    return state !== this.state || COMPARED.some((name) => next[name] !== this.props[name]);
  }

  render(): ComponentChildren {
    const { row, id, at, columns, active, chosen, stale, gone, href, choose } = this.props;
    this.#compare(row, columns);
    const leading = Math.max(
      0,
      columns.findIndex(({ leads }) => leads),
    );
    return (
      <tr
        aria-rowindex={at + 2}
        aria-selected={chosen}
        class={gone ? "gone" : stale ? "stale" : undefined}
        data-row={id}
        tabIndex={active ? 0 : -1}
      >
        {chosen === undefined ? null : (
          <td class="choice">
            <input
              type="checkbox"
              tabIndex={-1}
              checked={chosen}
              aria-label={`choose ${columns[0]?.text(row) ?? id}`}
              onClick={() => choose(id)}
            />
          </td>
        )}
        {columns.map((column, index) => (
          <td
            key={column.key}
            class={classOf(column, index === leading)}
            title={column.rest ? column.text(row) : undefined}
            data-mark={this.#marks[index] || undefined}
          >
            {content(column, row, index === leading ? href : "")}
          </td>
        ))}
      </tr>
    );
  }

  /** Two names for the same mark, by turns, so that the next change starts it anew. */
  #compare(row: Row, columns: readonly Column<Row>[]): void {
    if (this.#row === row && this.#columns === columns) return;
    const texts = columns.map((column) => (column.quiet ? "" : column.text(row)));
    const same = this.#columns === columns && this.#row !== undefined;
    this.#marks = texts.map((text, index) => {
      const before = this.#marks[index] ?? "";
      if (!same) return "";
      if (text === this.#texts[index]) return before;
      return before === "a" ? "b" : "a";
    });
    this.#texts = texts;
    this.#columns = columns;
    this.#row = row;
  }
}

function classOf<Row>({ end, rest }: Column<Row>, isLeading: boolean): string | undefined {
  if (isLeading) return "leading";
  if (rest) return "rest";
  return end ? "end" : undefined;
}

function content<Row>(column: Column<Row>, row: Row, href: string): ComponentChildren {
  const shown = column.cell === undefined ? column.text(row) : column.cell(row);
  if (href === "") return shown;
  return (
    <a tabIndex={-1} title={column.text(row)} {...link(href)}>
      {shown}
    </a>
  );
}
