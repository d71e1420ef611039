// Text twice as large as a person's browser may show it, and whether the page goes along. Runs in the browser.

import { shownTexts } from "./shown.js";

/** @returns what is wrong: text that stays as small as it was. */
export async function doubleText(): Promise<readonly string[]> {
  const root = document.documentElement;
  const sizes = new Map(shownTexts().map(({ owner }) => [owner, sizeOf(owner)]));
  root.style.fontSize = `${2 * sizeOf(root)}px`;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const there = [...sizes].filter(([owner]) => owner.isConnected);
  const grown = there.filter(([owner, before]) => sizeOf(owner) >= 1.9 * before);
  if (grown.length === there.length) return [];
  const [small] = there.filter(([owner, before]) => sizeOf(owner) < 1.9 * before);
  const example = (small?.[0].textContent ?? "").trim().slice(0, 40);
  return [
    `${there.length - grown.length} of ${there.length} texts do not grow with the reader's text size: "${example}"`,
  ];
}

const sizeOf = (element: Element): number => Number.parseFloat(getComputedStyle(element).fontSize);
