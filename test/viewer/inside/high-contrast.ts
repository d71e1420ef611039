// What is chosen, and what may not be so now, where the browser has taken the page's colours, gradients and shadows away. Runs
// in the browser.

import type { PairSeen } from "./eyes.js";
import { nameOf } from "./shown.js";

/** Each pair says two different things. */
const PAIRS: readonly (readonly [one: string, other: string])[] = [
  [".screens a[aria-current]", ".screens a:not([aria-current])"],
  ["[role=tab][aria-selected=true]", "[role=tab][aria-selected=false]"],
  [".switch button[aria-pressed=true]", ".switch button[aria-pressed=false]"],
  ["[role=option][aria-selected=true]", "[role=option][aria-selected=false]"],
  ["tr.stale[data-row] > td", "tr[data-row]:not(.stale) > td"],
  [".host.stale", ".host:not(.stale)"],
  [".cards li.stale", ".cards li:not(.stale)"],
];

/** Of every pair whether both of it are on the screen, which is to say whether it was compared. */
export function contrastPairs(): readonly PairSeen[] {
  return PAIRS.map(([one, other]) => ({
    name: one,
    isSeen: document.querySelector(one) !== null && document.querySelector(other) !== null,
  }));
}

/** @returns those that look alike: by their borders, outlines, weight, lines and marks. */
export function alikeInContrast(): readonly string[] {
  return PAIRS.flatMap(([one, other]) => {
    const [first, second] = [document.querySelector(one), document.querySelector(other)];
    if (first === null || second === null || lookOf(first) !== lookOf(second)) return [];
    return [`${nameOf(first)} and ${nameOf(second)} look alike`];
  });
}

const SHAPES = [
  ...["border-bottom-style", "border-bottom-width", "border-bottom-color", "border-left-style"],
  ...["outline-style", "outline-width", "font-weight", "text-decoration-line"],
];

function lookOf(element: Element): string {
  const style = getComputedStyle(element);
  const shapes = SHAPES.map((name) => style.getPropertyValue(name));
  return [...shapes, getComputedStyle(element, "::before").content].join(" ");
}
