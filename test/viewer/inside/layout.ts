// Whether everything is in its place: nothing wider than its box, no text over another, none cut off. By computation from
// the rectangles that the browser has laid out. Runs in the browser.

import { isHidden, LAYERS, nameOf, type ShownText, shownTexts } from "./shown.js";

/** Rounding of the browser, in pixels. */
const SLACK = 1.5;
/** Lines set close together touch with their empty parts. */
const TOUCHING = 0.3;
const MOST_TOLD = 8;

/** What is wrong, in words; empty when nothing is. */
export function layoutFaults(): readonly string[] {
  const texts = shownTexts();
  const faults = [...pageTooWide(), ...tooWide(), ...overlapping(texts), ...covered(texts)];
  const rest = faults.length - MOST_TOLD;
  return rest > 0 ? [...faults.slice(0, MOST_TOLD), `and ${rest} more`] : faults;
}

function pageTooWide(): readonly string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth > clientWidth + SLACK ? [`the page is ${scrollWidth} wide in a window of ${clientWidth}`] : [];
}

/** Of every element: that its content is not wider than itself, unless it scrolls or says the whole text elsewhere. */
function tooWide(): readonly string[] {
  const boxes = [...document.body.querySelectorAll("*")].filter((element) => element instanceof HTMLElement);
  const wide = boxes.filter((box) => box.clientWidth > 0 && box.scrollWidth > box.clientWidth + SLACK);
  return wide.flatMap((box) => {
    if (isHidden(box) || mayBeNarrow(box)) return [];
    const what = getComputedStyle(box).overflowX === "visible" ? "is wider than its box" : "is cut off";
    return [`${nameOf(box)} ${what}: ${box.scrollWidth} in ${box.clientWidth}`];
  });
}

function mayBeNarrow(box: HTMLElement): boolean {
  const { overflowX, textOverflow, display } = getComputedStyle(box);
  if (overflowX === "auto" || overflowX === "scroll" || display === "inline") return true;
  if (box.matches("input, select, textarea")) return true;
  return overflowX === "visible" ? !hasSticking(box) : textOverflow === "ellipsis" && saysAll(box);
}

/** What is shortened on purpose has its whole text where pointer and screen reader find it. */
function saysAll(element: HTMLElement): boolean {
  const text = (element.textContent ?? "").trim();
  const bearer = element.closest("[title], [aria-label]");
  const title = `${bearer?.getAttribute("title") ?? ""} ${bearer?.getAttribute("aria-label") ?? ""}`;
  return title.includes(text) || text.split(/\s+/).every((word) => title.includes(word));
}

/** Something that is drawn lies outside; hidden things and those meant to lie elsewhere do not count. */
function hasSticking(element: HTMLElement): boolean {
  const { right } = element.getBoundingClientRect();
  return shownTexts(element).some(({ box, owner }) => {
    const { position } = getComputedStyle(owner);
    return position !== "absolute" && position !== "fixed" && box.right > right + SLACK;
  });
}

function overlapping(shown: readonly ShownText[]): readonly string[] {
  const texts = [...shown].sort((one, other) => one.box.top - other.box.top);
  const faults: string[] = [];
  for (const [index, one] of texts.entries()) {
    for (let next = index + 1; next < texts.length; next++) {
      const other = texts[next];
      if (other === undefined || other.box.top >= one.box.bottom) break;
      if (isOver(one, other)) faults.push(`"${one.text}" and "${other.text}" overlap in ${nameOf(one.owner)}`);
    }
  }
  return faults;
}

function isOver(one: ShownText, other: ShownText): boolean {
  if (one.layer !== other.layer) return false;
  const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
  const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
  return across > SLACK && down > TOUCHING * Math.min(one.box.height, other.box.height);
}

const LEAST_SEEN = 4;

/** Text under something else of the same layer. */
function covered(texts: readonly ShownText[]): readonly string[] {
  return texts.flatMap((text) => {
    const { box, owner, layer } = text;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return [];
    // What is scrolled away but for its edge.
    if (box.height < LEAST_SEEN) return [];
    const top = document.elementsFromPoint(x, y).find((one) => getComputedStyle(one).pointerEvents !== "none");
    if (top === undefined || top.contains(owner) || owner.contains(top)) return [];
    if (!isOpaque(top) || layerIs(top, layer) === false) return [];
    return [`"${text.text}" is covered by ${nameOf(top)}`];
  });
}

const isOpaque = (element: Element): boolean => !/, 0\)$|^transparent$/.test(getComputedStyle(element).backgroundColor);

function layerIs(element: Element, layer: Element): boolean {
  for (let one: Element | null = element; one !== null; one = one.parentElement) {
    if (one === layer) return true;
    if (["fixed", "sticky"].includes(getComputedStyle(one).position)) return false;
    if (one.matches(LAYERS)) return false;
  }
  return true;
}
