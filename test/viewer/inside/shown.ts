// What a person can see of an element: its texts as rectangles, and the layer that it lies in. Runs in the browser.

export interface ShownText {
  readonly text: string;
  readonly owner: Element;
  readonly layer: Element;
  readonly box: DOMRect;
}

/** True for what is there for screen readers only, and for what is not drawn at all. */
export function isHidden(element: Element): boolean {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return true;
  const style = getComputedStyle(element);
  const { width, height } = element.getBoundingClientRect();
  const isPoint = width <= 1 && height <= 1 && style.overflow !== "visible";
  return isPoint || /inset\((50|100)%/.test(style.clipPath);
}

/** What is meant to lie over other things. */
export const LAYERS =
  "dialog, [popover], [role=dialog], [role=tooltip], [role=listbox], [role=menu], details[open] > fieldset";

/** Where text of an element is drawn: what its ancestors leave of the page, and over which other things it may lie. */
interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** The nearest ancestor that is meant to lie over other things, or the page itself. */
  readonly layer: Element;
}

function frameIn(outer: Frame, element: Element): Frame {
  const { overflowX, overflowY, position } = getComputedStyle(element);
  const isLayer = position === "fixed" || position === "sticky" || element.matches(LAYERS);
  const frame = isLayer ? { ...outer, layer: element } : outer;
  if (overflowX === "visible" && overflowY === "visible") return frame;
  const box = element.getBoundingClientRect();
  return {
    layer: frame.layer,
    left: overflowX === "visible" ? frame.left : Math.max(frame.left, box.left),
    right: overflowX === "visible" ? frame.right : Math.min(frame.right, box.right),
    top: overflowY === "visible" ? frame.top : Math.max(frame.top, box.top),
    bottom: overflowY === "visible" ? frame.bottom : Math.min(frame.bottom, box.bottom),
  };
}

function frameAround(element: Element): Frame {
  const outer: Frame =
    element.parentElement === null
      ? { left: -1e6, top: -1e6, right: 1e6, bottom: 1e6, layer: document.documentElement }
      : frameAround(element.parentElement);
  return element === document.documentElement ? outer : frameIn(outer, element);
}

/** Every piece of text on one line, as far as no scrolled region has it outside of its view. */
export function shownTexts(root: Element = document.body): readonly ShownText[] {
  const found: ShownText[] = [];
  const walk = (element: Element, frame: Frame): void => {
    if (isHidden(element) || element.matches("script, style, noscript, title")) return;
    for (const child of element.childNodes) {
      if (child instanceof Element) walk(child, frameIn(frame, child));
      else if (child instanceof Text && child.data.trim() !== "") found.push(...linesOf(child, element, frame));
    }
  };
  walk(root, frameAround(root));
  return found;
}

function linesOf(node: Text, owner: Element, frame: Frame): readonly ShownText[] {
  const range = document.createRange();
  range.selectNodeContents(node);
  const text = node.data.trim().slice(0, 60);
  // What is cut off with an ellipsis is told twice: as it would be, and as it is drawn.
  const lines = new Map([...range.getClientRects()].map((rect) => [`${rect.left} ${rect.top}`, rect]));
  return [...lines.values()].flatMap((rect) => {
    const box = visiblePart(rect, frame);
    return box === undefined ? [] : [{ text, owner, layer: frame.layer, box }];
  });
}

/** Without what an ancestor cuts off. */
function visiblePart(rect: DOMRect, frame: Frame): DOMRect | undefined {
  const [left, right] = [Math.max(rect.left, frame.left), Math.min(rect.right, frame.right)];
  const [top, bottom] = [Math.max(rect.top, frame.top), Math.min(rect.bottom, frame.bottom)];
  return right - left < 1 || bottom - top < 1 ? undefined : new DOMRect(left, top, right - left, bottom - top);
}

/** A few words by which a person finds the element. */
export function nameOf(element: Element): string {
  const marks = [...element.attributes].filter(({ name }) => name.startsWith("data-") || name === "role");
  const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
  const named = marks.map(({ name, value }) => `[${name}=${value.slice(0, 30)}]`).join("");
  const classes = typeof element.className === "string" && element.className !== "" ? `.${element.className}` : "";
  return `<${element.localName}${classes.replaceAll(" ", ".")}${named}> "${text}"`;
}
