// What a terminal understands besides text.

import { textWidth } from "./table.js";

/** The cursor goes to the top, and everything is gone. */
export const CLEAR = "\u001b[H\u001b[2J";

/** The cursor goes up so many rows, to their beginning, and everything from there on is gone. */
export function eraseRows(rows: number): string {
  return rows === 0 ? "" : `\u001b[${rows}A\r\u001b[J`;
}

/** Rows that the lines take on a terminal of this width. */
export function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
}
