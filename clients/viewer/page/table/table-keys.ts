// The keys of a table: rows, opening, choosing, logs, the command line, sorting anew.

import type { RefObject } from "preact";
import type { KeyMap } from "../key-layers.js";
import { copyText } from "../parts/copy.js";
import { navigate } from "../view.js";
import { sortBehind } from "./columns.js";
import type { TableProps } from "./props.js";
import type { Sight } from "./sight.js";

export interface TableKeysOf<Row> {
  readonly props: TableProps<Row>;
  readonly region: RefObject<HTMLDivElement | null>;
  readonly ids: readonly string[];
  /** The row that has the tab stop. */
  readonly at: number;
  readonly rowOf: (id: string) => Row | undefined;
  readonly setActive: (id: string) => void;
  readonly resort: () => void;
  readonly sight: Sight;
}

const PAGE = 20;

export function tableKeys<Row>(of: TableKeysOf<Row>): KeyMap {
  const { props, ids, at } = of;
  const row = () => of.rowOf(ids[at] ?? "");
  const isInside = () => of.region.current?.contains(document.activeElement) ?? false;
  const go = (to: number) => focusRow(of, Math.max(0, Math.min(ids.length - 1, to)));
  /** From outside, the first press takes the row that has the tab stop. */
  const step = (by: number) => go(isInside() ? at + by : at);
  /** These mean something else where the table is not. */
  const inside = (run: () => unknown) => () => (isInside() ? run() : false);
  return {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: (event) => (isOnWidget(event) ? false : step(1)),
    ArrowUp: (event) => (isOnWidget(event) ? false : step(-1)),
    PageDown: inside(() => go(at + PAGE)),
    PageUp: inside(() => go(at - PAGE)),
    Home: inside(() => go(0)),
    End: inside(() => go(ids.length - 1)),
    Enter: (event) => (isOnWidget(event) || !isInside() ? false : withRow(row(), props.href, navigate)),
    o: inside(() => withRow(row(), props.href, navigate)),
    " ": (event) => (isOnWidget(event) || !isInside() || props.onChoose === undefined ? false : choose(of)),
    l: () => (isInside() ? withRow(row(), props.logs, navigate) : false),
    y: () => (isInside() ? withRow(row(), props.command, (line) => void copyText(line)) : false),
    "*": inside(() => pinRow(row(), props)),
    s: inside(() => sortByNext(props)),
    ".": () => of.resort(),
  };
}

function withRow<Row>(
  row: Row | undefined,
  text: ((row: Row) => string) | undefined,
  run: (text: string) => void,
): boolean {
  if (row === undefined || text === undefined) return false;
  run(text(row));
  return true;
}

function pinRow<Row>(row: Row | undefined, { pin }: TableProps<Row>): boolean {
  if (row === undefined || pin === undefined) return false;
  pin(row);
  return true;
}

function choose<Row>({ props, ids, at }: TableKeysOf<Row>): void {
  const id = ids[at];
  if (id !== undefined) props.onChoose?.(id);
}

/** A row far away is drawn first. */
export function focusRow<Row>({ ids, setActive, sight, region }: TableKeysOf<Row>, to: number): boolean {
  const id = ids[to];
  if (id === undefined) return false;
  setActive(id);
  sight.reveal(to);
  requestAnimationFrame(() => rowElement(region.current, id)?.focus({ preventScroll: true }));
  return true;
}

const rowElement = (region: HTMLElement | null, id: string): HTMLElement | null =>
  region?.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(id)}"]`) ?? null;

function sortByNext<Row>({ columns, sort = "", onSort }: TableProps<Row>): boolean {
  if (onSort === undefined) return false;
  onSort(sortBehind(columns, sort));
  return true;
}

/** A button or a tab uses these keys itself. */
const isOnWidget = (event: KeyboardEvent): boolean =>
  event.target instanceof Element &&
  event.target.closest("button, input, summary, [role=tab], [role=listbox]") !== null;
