// How each state looks without colour: its word, and its mark drawn in grey. Runs in the browser.

import type { StateLook } from "./eyes.js";
import { isHidden } from "./shown.js";

const SIDE = 32;
/** Of 255: what a person sees of a difference in grey. */
const SEEN = 48;

/** Of every state on the screen the first one that is drawn. */
export function stateLooks(): readonly StateLook[] {
  const looks = new Map<string, StateLook>();
  for (const element of document.querySelectorAll("[data-state]")) {
    const state = element.getAttribute("data-state") ?? "";
    if (looks.has(state) || isHidden(element)) continue;
    const mark = element.matches(".glyph") ? element : (element.querySelector(".glyph") ?? element);
    const glyph = [...(mark.textContent ?? "").trim()][0] ?? "";
    const said = element.getAttribute("aria-label") ?? element.textContent ?? "";
    looks.set(state, { state, glyph, said: said.replace(glyph, "").trim(), dots: dotsOf(mark, glyph) });
  }
  return [...looks.values()];
}

/** The glyph as a picture of so many dots, "1" where it is drawn: on its own ground, in grey. */
function dotsOf(element: Element, glyph: string): string {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SIDE, SIDE];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) return "";
  const { color, fontFamily, fontWeight } = getComputedStyle(element);
  const ground = groundOf(element);
  pen.fillStyle = ground;
  pen.fillRect(0, 0, SIDE, SIDE);
  const [empty = 0] = greys(pen);
  pen.fillStyle = color;
  pen.font = `${fontWeight} 22px ${fontFamily}`;
  pen.textBaseline = "middle";
  pen.textAlign = "center";
  pen.fillText(glyph, SIDE / 2, SIDE / 2);
  return greys(pen)
    .map((grey) => (Math.abs(grey - empty) > SEEN ? "1" : "0"))
    .join("");
}

function groundOf(element: Element): string {
  for (let one: Element | null = element; one !== null; one = one.parentElement) {
    const { backgroundColor } = getComputedStyle(one);
    if (!/, 0\)$|^transparent$/.test(backgroundColor)) return backgroundColor;
  }
  return "white";
}

function greys(pen: CanvasRenderingContext2D): number[] {
  const { data } = pen.getImageData(0, 0, SIDE, SIDE);
  return Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = data.subarray(4 * at, 4 * at + 3);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
}
