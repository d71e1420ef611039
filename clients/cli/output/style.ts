// Colour and glyphs: decoration on a terminal. The word is always there too.

import type { Globals } from "../globals.js";
import type { Out } from "../io.js";

type Colour = "green" | "cyan" | "yellow" | "red" | "grey" | "bold";

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  green: [32, 39],
  cyan: [36, 39],
  yellow: [33, 39],
  red: [31, 39],
  grey: [90, 39],
  bold: [1, 22],
};

const STATES: Readonly<Record<string, readonly [string, Colour]>> = {
  steady: ["✓", "green"],
  ready: ["✓", "green"],
  starting: ["◐", "cyan"],
  rolling: ["◐", "cyan"],
  running: ["◐", "cyan"],
  waiting: ["◌", "grey"],
  done: ["✓", "green"],
  paused: ["‖", "yellow"],
  "rolling back": ["◐", "yellow"],
  "rolled back": ["✗", "red"],
  "rollback failed": ["✗", "red"],
  aborted: ["✗", "yellow"],
  superseded: ["↓", "grey"],
  removing: ["↓", "cyan"],
  draining: ["↓", "cyan"],
  degraded: ["▲", "yellow"],
  unhealthy: ["▲", "yellow"],
  stale: ["▲", "yellow"],
  failing: ["✗", "red"],
  failed: ["✗", "red"],
  stopped: ["✗", "red"],
  lost: ["?", "yellow"],
  silent: ["?", "yellow"],
  unknown: ["?", "yellow"],
};

export interface Style {
  paint(colour: Colour, text: string): string;
  /** A state word, with glyph and colour on a terminal. */
  state(word: string): string;
}

/** Decided per stream: stdout may be a pipe while stderr is a terminal. */
export function styleFor(out: Out, { color }: Pick<Globals, "color">): Style {
  const coloured = color === "always" || (color === "auto" && out.isTTY);
  const paint = (colour: Colour, text: string) =>
    coloured ? `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m` : text;
  const state = (word: string) => {
    const known = STATES[word];
    if (known === undefined) return word;
    return out.isTTY ? paint(known[1], `${known[0]} ${word}`) : word;
  };
  return { paint, state };
}
