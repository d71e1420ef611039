// The states of the page as they are written down: what is there while one lasts, and what is not.

import type { Page } from "playwright-core";
import { untilPage } from "../support/wait.js";
import { saw } from "./seen.js";

const CLOCK = "\\d\\d:\\d\\d:\\d\\d";
const AGE = "\\(\\d[^)]*\\)";

export type State = {
  readonly name: string;
  /** What the truth bar calls it. */
  readonly link: string;
  /** Words of the bar over the page; absent: there is no bar. */
  readonly bar?: RegExp;
};

export const DISCONNECTED: State = {
  name: "disconnected",
  link: "disconnected",
  bar: new RegExp(
    `Not connected since ${CLOCK} ${AGE}\\. This is the last known state\\. (Next try in \\d+ s|Trying now)`,
  ),
};

export const SERVER_AWAY: State = {
  name: "server away",
  link: "server-away",
  bar: new RegExp(`Not connected since ${CLOCK} ${AGE}\\. This is the last known state\\.`),
};

export const STORE_AWAY: State = {
  name: "store away",
  link: "store-away",
  bar: new RegExp(
    `Theseus answers but cannot read its store \\(etcd\\) since ${CLOCK}\\. ` +
      "Running containers are not affected\\. Changes are refused\\.",
  ),
};

export const RECONNECTING: State = { name: "reconnecting", link: "reconnecting" };
export const LIVE: State = { name: "live", link: "live" };

type Seen = {
  readonly link: string;
  readonly bar: string;
  /** Of the bar what a screen reader is told. */
  readonly said: string;
  readonly title: string;
  readonly hatched: boolean;
  readonly totals: string;
  readonly showing: string;
};

const READ = `(() => {
  const main = document.querySelector("main");
  const style = getComputedStyle(main);
  const over = [getComputedStyle(main, "::before"), getComputedStyle(main, "::after"), style];
  return {
    link: document.querySelector("[data-link]")?.dataset.link ?? "",
    bar: document.querySelector(".link-bar")?.innerText.replace(/\\s+/g, " ").trim() ?? "",
    said: document.querySelector(".link-bar [role=alert]")?.innerText ?? "",
    title: document.title,
    hatched: over.some(({ backgroundImage }) => backgroundImage.includes("gradient")) && main.matches(".hatched"),
    totals: document.querySelector("footer .totals")?.innerText.replace(/\\s+/g, " ") ?? "",
    showing: document.querySelector("[data-link]")?.innerText ?? "",
  };
})()`;

const SOON_MS = 20_000;

/** Waits until the page says that it is so, and looks whether all of it is as written. @returns what is not. */
export async function stateShown(page: Page, state: State, withinMs = SOON_MS): Promise<readonly string[]> {
  const is = `document.querySelector('[data-link="${state.link}"]') !== null`;
  try {
    await untilPage(page, state.name, is, withinMs);
  } catch {
    const { link, bar } = await page.evaluate<Seen>(READ);
    return [`${state.name} is not shown within ${withinMs / 1000} s; the page says ${link}: ${bar}`];
  }
  await page.evaluate("testEyes.painted()");
  const faults = faultsOf(await page.evaluate<Seen>(READ), state);
  if (faults.length === 0) saw(state.name);
  return faults;
}

function faultsOf(seen: Seen, { name, bar, link }: State): readonly string[] {
  const faults: string[] = [];
  const say = (text: string): void => void faults.push(`${name}: ${text}`);
  if (bar === undefined && seen.bar !== "") say(`there is a bar: ${seen.bar}`);
  if (bar !== undefined && !bar.test(seen.bar)) say(`the bar says "${seen.bar}"`);
  const isStale = bar !== undefined;
  faults.push(...(isStale ? saidFaults(seen, name) : []));
  if (seen.hatched !== isStale) say(isStale ? "nothing is hatched" : "the page is hatched");
  if (seen.title.startsWith("(!)") !== isStale) say(`the title is "${seen.title}"`);
  if (isStale && !/unknown/.test(seen.totals)) say(`the totals still claim "${seen.totals}"`);
  if (link !== "live" && !/showing \d\d:\d\d:\d\d/.test(seen.showing)) say(`the truth bar says "${seen.showing}"`);
  if (link === "live" && !/live · rev \d+ · \d\d:\d\d:\d\d/.test(seen.showing))
    say(`the truth bar says "${seen.showing}"`);
  return faults;
}

const RESTLESS = new RegExp(`${AGE}|Next try`);

/** Said once, and not again with each second that is counted. */
const saidFaults = ({ said }: Seen, name: string): readonly string[] =>
  said === "" || RESTLESS.test(said) ? [`${name}: aloud is said "${said}"`] : [];
