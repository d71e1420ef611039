// Proof `viewer-look`: every screen in its place, legible, told without colour, within the rules of WCAG, and one whole
// task by keyboard alone. Computed from what the browser has laid out; it takes no word of the page's.

import { createServer, type Server } from "node:http";
import type { Proof, Report, Size } from "../../proof/proof.js";
import type { StateLook } from "../inside/eyes.js";
import { paperFeeds } from "../seeded/feeds.js";
import { onSeededHouse, type SeededHouse } from "../seeded/house.js";
import { onVisit, type Visit } from "../support/browser.js";
import { look } from "../support/inside.js";
import { OVERLAYS, type Overlay, UNDER } from "../support/overlays.js";
import { ALL_SCREENS, MAIN_SCREENS, open, type Screen } from "../support/screens.js";
import { alikeStates } from "./greyscale.js";
import { EVERY_WAY, judge } from "./judge.js";
import { taskByKeyboard } from "./keyboard.js";
import { keysHold } from "./keys.js";

/** As a list is read that does not fit on the screen. */
const CONTAINERS: Readonly<Record<Size, number>> = { small: 300, full: 10_000 };
const FEWEST_STATES = 15;

async function check(size: Size): Promise<Report> {
  return await onSeededHouse(CONTAINERS[size], async (house) => {
    const screens = await everyScreen(house, size);
    const task = await onVisit(house.url, {}, (visit) => taskByKeyboard(visit, house.url));
    const keys = await onVisit(house.url, {}, (visit) => keysHold(visit, house.url));
    return {
      cases: screens.cases + 2,
      violations: [...screens.violations, ...[...task, ...keys].map((one) => `by keyboard: ${one}`)],
    };
  });
}

/** A screen, or what opens over one. */
type Sight = { readonly screen: Screen; readonly name: string; readonly show?: Overlay["show"] };
const asSight = (screen: Screen): Sight => ({ screen, name: screen.name });
const EVERY_SIGHT: readonly Sight[] = [
  ...ALL_SCREENS.map(asSight),
  ...OVERLAYS.map((overlay) => ({ ...overlay, screen: UNDER })),
];

async function everyScreen({ url }: SeededHouse, size: Size): Promise<Report> {
  const sights = size === "full" ? EVERY_SIGHT : MAIN_SCREENS.map(asSight);
  const looks = new Map<string, StateLook>();
  const pairs = new Map<string, boolean>();
  let cases = 0;
  const violations = await onVisit(url, { feeds: paperFeeds(Date.now()) }, async (visit) => {
    const found: string[] = [];
    for (const [turn, { screen, name, show }] of sights.entries()) {
      await open(visit, url, screen);
      await show?.(visit.page);
      await note(visit, looks, pairs);
      // The rules take seconds: for every change each screen is judged in one of the themes.
      const rulesIn = turn % 2 === 0 ? ("light" as const) : ("dark" as const);
      const judged = await judge(visit, size === "full" ? EVERY_WAY : { ...EVERY_WAY, height: 500, rulesIn });
      cases += judged.cases;
      found.push(...judged.faults.map((fault) => `${name}, ${fault}`));
    }
    return found;
  });
  console.error(
    `viewer-look: ${sights.length} sights in ${cases} looks, ${looks.size} states: ${[...looks.keys()].join(" ")}`,
  );
  const few = looks.size < FEWEST_STATES ? [`only ${looks.size} states were seen`] : [];
  return {
    cases,
    violations: [...violations, ...few, ...uncompared(pairs, size), ...alikeStates([...looks.values()])],
  };
}

/** Each state as it looks where it is met first, and whether each pair was met. */
async function note({ page }: Visit, looks: Map<string, StateLook>, pairs: Map<string, boolean>): Promise<void> {
  for (const one of await look(page, "stateLooks")) if (!looks.has(one.state)) looks.set(one.state, one);
  for (const { name, isSeen } of await look(page, "contrastPairs")) pairs.set(name, isSeen || pairs.get(name) === true);
}

/** Is on the screen only where something opens over it. */
const IN_OVERLAYS = "[role=option]";

/** A pair that was never there says nothing of how its two look. */
const uncompared = (pairs: ReadonlyMap<string, boolean>, size: Size): readonly string[] =>
  [...pairs]
    .filter(([name, isSeen]) => !isSeen && (size === "full" || !name.startsWith(IN_OVERLAYS)))
    .map(([name]) => `in high contrast: ${name} was on no screen`);

const PLANTED = `<!doctype html><html lang="en"><head><title>planted</title></head><body><main><h1>Planted</h1>
<div style="width:90px;overflow:hidden;white-space:nowrap">this text is cut off on the right</div>
<div style="width:90px;white-space:nowrap;background:#eee">this one sticks out of its box</div>
<div style="position:relative;height:3em"><b style="position:absolute">one text here</b>
<i style="position:absolute;left:1em">another over it</i></div>
<p style="font-size:12px">as small as ever</p><p style="color:#ccc">too faint to read</p><img src="/none.png">
<nav class="screens"><a href="/" aria-current="page" style="background:#def">here</a> <a href="/">there</a></nav>
<span data-state="ready"><span class="glyph" style="color:green">●</span></span>
<span data-state="failed"><span class="glyph" style="color:red">●</span></span></main></body></html>`;

/** What each part of the check has to find in the planted page. */
const SIGNS = [
  /is cut off/,
  /wider than its box/,
  /overlap/,
  /do not grow/,
  /color-contrast/,
  /image-alt/,
  /marks that look alike/,
  /in high contrast/,
  /heard/,
  /no word/,
];

async function control(): Promise<Report> {
  const server = await served(PLANTED);
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  try {
    const found: string[] = [];
    await onVisit(url, {}, async (visit) => {
      await visit.page.goto(url);
      found.push(...alikeStates(await look(visit.page, "stateLooks")));
      found.push(...(await judge(visit, { ...EVERY_WAY, themes: ["light"], widths: [1280] })).faults);
      return [];
    });
    const missed = SIGNS.filter((sign) => !found.some((fault) => sign.test(fault)));
    for (const sign of missed) console.error(`viewer-look, control: nothing was found for ${sign}`);
    return { cases: SIGNS.length, violations: missed.length > 0 ? [] : found };
  } finally {
    server.close();
  }
}

function served(html: string): Promise<Server> {
  const server = createServer(({ url }, answer) => {
    answer.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(url === "/" ? html : "");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

export const viewerLook: Proof = { name: "viewer-look", check, control };
