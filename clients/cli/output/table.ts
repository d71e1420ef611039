// Aligned columns and tab-separated lines. Pure text; knows nothing of Theseus.

export interface Column<Item> {
  /** For --columns and --sort. */
  readonly id: string;
  readonly title: string;
  readonly value: (item: Item) => string;
  /** Only with -o wide, and in tsv. */
  readonly wide?: boolean;
  readonly right?: boolean;
  /** What --sort compares, where the text is not it. */
  readonly order?: (item: Item) => number | bigint | string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes have no width.
const COLOUR = /\u001b\[\d+m/g;

/** Columns are separated by two spaces; the last one is not padded; nothing is cut. */
export function renderTable<Item>(columns: readonly Column<Item>[], items: readonly Item[]): string {
  const rows = items.map((item) => columns.map((column) => column.value(item)));
  const widths = columns.map((column, i) =>
    Math.max(column.title.length, ...rows.map((row) => textWidth(row[i] ?? ""))),
  );
  const line = (cells: readonly string[]) => cells.map((cell, i) => pad(cell, widths[i] ?? 0, columns[i])).join("  ");
  const lines = [line(columns.map(({ title }) => title)), ...rows.map(line)];
  return lines.map((text) => `${text.trimEnd()}\n`).join("");
}

/** One line per item and no heading; tabs and line ends inside a value become spaces. */
export function renderTsv<Item>(columns: readonly Column<Item>[], items: readonly Item[]): string {
  const cell = (text: string) => text.replace(COLOUR, "").replaceAll(/[\t\r\n]+/g, " ");
  return items.map((item) => `${columns.map(({ value }) => cell(value(item))).join("\t")}\n`).join("");
}

/** Stable; "-id" is descending. */
export function sortItems<Item>(items: readonly Item[], column: Column<Item>, descending: boolean): Item[] {
  const order = column.order ?? column.value;
  const sign = descending ? -1 : 1;
  return [...items].sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    if (left === right) return 0;
    return left < right ? -sign : sign;
  });
}

function pad<Item>(cell: string, size: number, column: Column<Item> | undefined): string {
  const space = " ".repeat(Math.max(0, size - textWidth(cell)));
  return column?.right ? space + cell : cell + space;
}

/** Characters that are seen. */
export function textWidth(cell: string): number {
  return [...cell.replace(COLOUR, "")].length;
}
