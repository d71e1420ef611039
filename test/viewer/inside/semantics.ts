// What a screen reader is told of the page besides its texts: regions, headings, tables, pictures, what is said aloud. Runs in
// the browser.

import { isHidden, nameOf } from "./shown.js";

/** As many of each are on every screen. */
const ONCE: readonly (readonly [what: string, selector: string])[] = [
  ["banner", "body header"],
  ["navigation", "nav[aria-label]"],
  ["search", "search, [role=search]"],
  ["main region", "main"],
  ["footer", "body footer"],
  ["heading of the screen", "main h1"],
  ["region for what is said politely", "[aria-live=polite]:not([role=log])"],
  ["region for what is said at once", "[aria-live=assertive]"],
];

export function unspoken(): readonly string[] {
  const counts = ONCE.flatMap(([what, selector]) => {
    const count = document.querySelectorAll(selector).length;
    return count === 1 ? [] : [`there are ${count} of: ${what}`];
  });
  return [...counts, ...tables(), ...pictures(), ...restless()];
}

const SAID_ALOUD = "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]";

/** What counts on by itself would be said again each second. */
function restless(): readonly string[] {
  const said = [...document.querySelectorAll(SAID_ALOUD)].filter((one) => one.querySelector("time") !== null);
  return said.map((one) => `${nameOf(one)} is said aloud, and has a time in it that counts on`);
}

function tables(): readonly string[] {
  return [...document.querySelectorAll("main table")].flatMap((table) => {
    const title = table.getAttribute("aria-label") ?? table.querySelector("caption")?.textContent ?? "";
    const around = table.closest("section[aria-label], section[aria-labelledby]");
    const faults = title.trim() === "" && around === null ? [`${nameOf(table)} is not said to be anything`] : [];
    const bare = [...table.querySelectorAll("thead th")].filter((th) => th.getAttribute("scope") !== "col");
    if (bare.length > 0) faults.push(`${nameOf(table)} has titles that are of no column`);
    if (table.matches("[role=grid]")) faults.push(...rowsOf(table));
    return faults;
  });
}

/** A list of which only a part is in the page says how long it is, and where each row stands. */
function rowsOf(table: Element): readonly string[] {
  const rows = [...table.querySelectorAll("tr[data-row]")];
  const places = rows.map((row) => Number(row.getAttribute("aria-rowindex")));
  const isInOrder = places.every((place, at) => place > (places[at - 1] ?? 1));
  const told = Number(table.getAttribute("aria-rowcount"));
  return isInOrder && told > rows.length ? [] : [`${nameOf(table)} does not say which of its rows are there`];
}

function pictures(): readonly string[] {
  const drawn = [...document.querySelectorAll("main svg, main [role=img]")].filter((one) => !isHidden(one));
  const silent = drawn.filter(
    (one) => one.closest("[aria-hidden=true]") === null && (one.getAttribute("aria-label") ?? "").trim() === "",
  );
  return silent.map((one) => `${nameOf(one)} is a picture without words`);
}
