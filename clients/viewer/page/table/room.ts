// How wide the window is, in the reader's text size.

import { type ReadonlySignal, signal } from "@preact/signals";

/** Columns come and go in steps of so many. */
const STEP = 5;

function measured(): number {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  return Math.floor(innerWidth / rem / STEP) * STEP;
}

const width = signal(measured());
addEventListener("resize", () => {
  width.value = measured();
});

export const windowRem: ReadonlySignal<number> = width;
