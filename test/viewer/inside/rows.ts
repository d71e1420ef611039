// The rows of a table of which only those in view are in the page: all of them, read while it is scrolled. And the moment
// when a text was first there. Runs in the browser.

const ROWS = "[data-row]";

const MOST_PASSES = 4;

/** One line a row, sorted; ages differ from look to look and are left out. A table that says how many it has is read until they are all there. */
export async function allRows(): Promise<readonly string[]> {
  const found = await readAll(wordsOf);
  return [...found].map(([id, words]) => `${id}: ${words}`).sort();
}

/** By the title of a column, all that stands in its cells or on their tips; rows are parted by line breaks. */
export async function allFields(): Promise<Readonly<Record<string, string>>> {
  const fields: Record<string, string> = {};
  const titles = [...document.querySelectorAll(`table:has(${ROWS}) thead th`)].map((th) =>
    (th.textContent ?? "").trim(),
  );
  for (const cells of (await readAll(cellsOf)).values())
    for (const [at, title] of titles.entries()) fields[title] = `${fields[title] ?? ""}\n${cells[at] ?? ""}`;
  return fields;
}

async function readAll<Read>(read: (row: Element) => Read): Promise<Map<string, Read>> {
  const found = new Map<string, Read>();
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    await readThrough((row) => found.set(row.getAttribute("data-row") ?? "", read(row)));
    const told = Number(document.querySelector(`[aria-rowcount]:has(${ROWS})`)?.getAttribute("aria-rowcount") ?? 0);
    // The titles are a row too.
    if (found.size >= told - 1) break;
  }
  return found;
}

function cellsOf(row: Element): readonly string[] {
  return [...row.children].map((cell) => {
    const tips = [cell, ...cell.querySelectorAll("[title]")].map((one) => one.getAttribute("title") ?? "");
    return [cell.textContent ?? "", ...tips].join("\n");
  });
}

async function readThrough(take: (row: Element) => unknown): Promise<void> {
  const region = scrolled();
  region.scrollTop = 0;
  for (let last = -1; region.scrollTop !== last; region.scrollTop += Math.max(100, 0.7 * region.clientHeight)) {
    last = region.scrollTop;
    await painted();
    await painted();
    for (const row of document.querySelectorAll(ROWS)) take(row);
  }
  region.scrollTop = 0;
}

/** The nearest thing around the rows that scrolls. */
function scrolled(): Element {
  let one: Element | null = document.querySelector(ROWS);
  for (; one !== null; one = one.parentElement) {
    const { overflowY } = getComputedStyle(one);
    if ((overflowY === "auto" || overflowY === "scroll") && one.scrollHeight > one.clientHeight) return one;
  }
  return document.scrollingElement ?? document.documentElement;
}

function wordsOf(row: Element): string {
  const copy = row.cloneNode(true) as Element;
  for (const age of copy.querySelectorAll("time, [data-age]")) age.remove();
  return [...copy.querySelectorAll("*")]
    .filter((element) => element.childElementCount === 0)
    .map((element) => (element.textContent ?? "").trim())
    .filter((text) => text !== "")
    .join(" ");
}

export const painted = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

const seen = new Map<string, number>();

/** From now on notes when each of these texts is first drawn in a row. */
export function lookFor(texts: readonly string[]): void {
  const wanted = new Set(texts);
  const look = (): void => {
    if (wanted.size === 0) return;
    for (const row of document.querySelectorAll(ROWS)) {
      const text = row.textContent ?? "";
      for (const one of wanted) if (text.includes(one) && wanted.delete(one)) seen.set(one, Date.now());
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  look();
}

/** When the texts were first seen, in milliseconds since 1970. */
export const firstSeen = (): Readonly<Record<string, number>> => Object.fromEntries(seen);
