// Long lines on a terminal: broken between words, and set in below where their text begins. Nothing is cut.

import { textWidth } from "./table.js";

/** Between the parts of a line; after the last one its text begins. */
const GAP = "   ";
const SET_IN = 4;

/** In fewer columns nobody could read what is broken. */
const NARROWEST = 20;

/** The line as it fits into so many columns; a word that is longer than a row, and a very narrow row, is the terminal's. */
export function wrapped(line: string, columns: number): string[] {
  if (columns < NARROWEST || textWidth(line) <= columns) return [line];
  const margin = " ".repeat(hangOf(line, columns));
  const rows: string[] = [];
  let row = "";
  for (const part of line.match(/ *[^ ]+/g) ?? []) {
    const next = row + part;
    if (row.trim() !== "" && textWidth(next) > columns) {
      rows.push(row);
      row = margin + part.trimStart();
    } else row = next;
  }
  return [...rows, row];
}

/** Under the text where that leaves it room, else a little further in than the line. */
function hangOf(line: string, columns: number): number {
  const gap = line.trimStart().lastIndexOf(GAP);
  const margin = line.length - line.trimStart().length;
  const text = gap < 0 ? 0 : textWidth(line.slice(0, margin + gap + GAP.length));
  return text > 0 && text <= columns / 2 ? text : margin + SET_IN;
}
