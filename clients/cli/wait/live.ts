// Frames on a terminal: one section for each group, drawn anew in place at most ten times a second. The last one stays.

import type { Globals } from "../globals.js";
import type { Out } from "../io.js";
import { eraseRows, rowsOf } from "../output/screen.js";
import { type Style, styleFor } from "../output/style.js";
import { frameOf, headline } from "./frame.js";
import type { View } from "./view.js";

const PACE = 100;
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

interface Section {
  readonly view: View;
  readonly lostSince: number | undefined;
}

export class Live {
  readonly #out: Out;
  readonly #style: Style;
  readonly #sections = new Map<string, Section>();
  #drawn: readonly string[] = [];
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(out: Out, globals: Pick<Globals, "color">) {
    this.#out = out;
    this.#style = styleFor(out, globals);
  }

  show(view: View, now: number): void {
    this.#sections.set(`${view.namespace} ${view.name}`, { view, lostSince: undefined });
    this.#draw(now);
  }

  lost(name: string, now: number): void {
    for (const [key, { view, lostSince }] of this.#sections)
      if (view.name === name) this.#sections.set(key, { view, lostSince: lostSince ?? now });
    this.#draw(now);
  }

  /** Draws what came since the last frame. */
  end(now: number): void {
    this.#drawnAt = Number.NEGATIVE_INFINITY;
    this.#draw(now, true);
  }

  #draw(now: number, isLast = false): void {
    if (now - this.#drawnAt < PACE) return;
    const lines = this.#lines(now, isLast);
    const columns = this.#out.columns || USUAL_COLUMNS;
    const text = lines.map((line) => `${line}\n`).join("");
    // In one piece, so that nothing flickers.
    this.#out.write(eraseRows(rowsOf(this.#drawn, columns)) + text);
    this.#drawn = lines;
    this.#drawnAt = now;
  }

  /** What does not fit on the screen cannot be drawn anew: then each group has one line. */
  #lines(now: number, isLast: boolean): readonly string[] {
    const sections = [...this.#sections.values()];
    const columns = this.#out.columns || USUAL_COLUMNS;
    const shown = (lostSince?: number) => ({ now, style: this.#style, lostSince, columns });
    const whole = sections.flatMap(({ view, lostSince }) => frameOf(view, shown(lostSince)));
    const room = (this.#out.rows || USUAL_ROWS) - 1;
    if (isLast || rowsOf(whole, columns) <= room) return whole;
    const heads = sections.map(({ view, lostSince }) => headline(view, shown(lostSince)));
    if (rowsOf(heads, columns) <= room) return heads;
    return [...heads.slice(0, Math.max(0, room - 1)), `and ${heads.length - Math.max(0, room - 1)} more`];
  }
}
