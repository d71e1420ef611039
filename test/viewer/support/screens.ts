// The screens of the page as addresses, and opening one until everything on it is there.

import type { Request } from "playwright-core";
import { CUT, type Visit } from "./browser.js";
import { untilPage } from "./wait.js";

export type Screen = {
  readonly name: string;
  /** With its query, without the first slash. */
  readonly path: string;
  /** What it calls itself. */
  readonly screen: string;
};

const of = (screen: string, name: string, query = ""): Screen => ({
  name,
  screen,
  path: `${screen === "overview" ? "" : screen}${query === "" ? "" : `?${query}`}`,
});

const MOVING = "ns=default&ref=web/frontend,prod";
const FAILING = "ns=default&ref=web/dev";
const FAILED = "ns=default&ref=billing/dev";

/** What a person opens first. */
export const MAIN_SCREENS: readonly Screen[] = [
  of("overview", "overview"),
  of("groups", "groups"),
  of("group", "group-slots", MOVING),
  of("rollout", "rollout", MOVING),
  of("rollout", "rollout-failed", `${FAILED}&rev=41`),
  of("containers", "containers"),
  of("container", "container", `${FAILING}&name=web.dev.1.3-k3f9x2`),
  of("hosts", "hosts-picture"),
  of("hosts", "hosts-table", "as=table"),
  of("rollouts", "rollouts"),
  of("logs", "logs", MOVING),
  of("events", "events"),
  of("discovery", "discovery", "ns=default&service=web&labels=prod&port=http"),
];

const MORE: readonly Screen[] = [
  ...["rollouts", "config", "logs", "events", "endpoints"].map((tab) =>
    of("group", `group-${tab}`, `${MOVING}&tab=${tab}`),
  ),
  of("group", "group-failing", FAILING),
  of("group", "group-failing-rollouts", `${FAILED}&tab=rollouts`),
  of("group", "group-registered", "ns=default&ref=payments/external"),
  of("group", "group-draining", "ns=default&ref=gateway/prod"),
  of("rollout", "rollout-paused", "ns=default&ref=billing/prod,zone=eu-1"),
  of("rollout", "rollout-rolling-back", "ns=default&ref=search/prod"),
  of("container", "container-ready", `${MOVING}&name=web.frontend.prod.2.3-k3f9x2`),
  of("groups", "groups-filtered", "filter=prod+!canary"),
  of("groups", "groups-filtered-away", "filter=state:failing+prod+dev"),
  of("groups", "groups-bad-filter", "filter=state:"),
  of("groups", "groups-first-run", "ns=empty"),
  of("group", "group-unknown", "ns=default&ref=nobody/here"),
  of("discovery", "discovery-nothing", "ns=default&service=web&labels=nope"),
  of("discovery", "discovery-empty"),
];

export const ALL_SCREENS: readonly Screen[] = [...MAIN_SCREENS, ...MORE];

const PATIENCE_MS = 20_000;

const PARTS_OF_PAGE: readonly string[] = ["document", "script", "stylesheet"];
const MOST_TRIES = 5;

/** Goes there, and returns when nothing on the screen is being read any more. A page that was cut in two is loaded again, as a person would. */
export async function open({ page }: Visit, url: string, { path, screen }: Screen): Promise<void> {
  for (let tries = 1; (await isCut(page, url + path)) && tries < MOST_TRIES; ) tries++;
  await settled({ page }, screen);
}

/** Goes there. True: a part of the page did not come. */
async function isCut(page: Visit["page"], address: string): Promise<boolean> {
  let cut = false;
  const note = (request: Request) => {
    cut ||= request.failure()?.errorText.includes(CUT) === true && PARTS_OF_PAGE.includes(request.resourceType());
  };
  page.on("requestfailed", note);
  try {
    await page.goto(address, { waitUntil: "domcontentloaded" });
  } catch (error) {
    if (!String(error).includes(CUT)) throw error;
    cut = true;
  } finally {
    page.off("requestfailed", note);
  }
  return cut;
}

/** The screen is there, the fleet is known, and nothing is being read. */
export async function settled({ page }: Pick<Visit, "page">, screen: string): Promise<void> {
  const isThere = `document.querySelector('[data-screen="${screen}"]') !== null
    && document.querySelector('[data-link="reading"]') === null
    && document.querySelector('main [aria-busy="true"]') === null`;
  await untilPage(page, `the screen ${screen} at rest`, isThere, PATIENCE_MS);
  await page.evaluate("testEyes.painted()");
}
