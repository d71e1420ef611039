// Where each payload has to stand as text: the pages, and what is to be done on them until it is there.

import type { Visit } from "../support/browser.js";
import { look } from "../support/inside.js";
import { open, type Screen } from "../support/screens.js";
import { PAYLOADS } from "./payloads.js";
import { containerNameOf, NAMESPACE } from "./records.js";

const ALL = `ns=${NAMESPACE}&ref=all/dev`;

type Place = Screen & {
  readonly texts: readonly string[];
  /** Rows that are read while one scrolls. */
  readonly scrolled?: boolean;
  /** Where they stand, besides other places of the page. */
  readonly within?: string;
};

const place = (screen: string, query: string, texts: readonly string[], name = screen): Place => ({
  ...{ screen, name, texts },
  path: `${screen === "overview" ? "" : screen}?${query}`,
});

const PANEL = "[role=tabpanel]";
const IMAGE = PAYLOADS[0] ?? "";
const MESSAGE = PAYLOADS[4] ?? "";

export const PLACES: readonly Place[] = [
  place("overview", `ns=${NAMESPACE}`, [IMAGE]),
  { ...place("groups", `ns=${NAMESPACE}&filter=!nothing`, PAYLOADS), scrolled: true },
  place("group", ALL, PAYLOADS, "group, slots"),
  { ...place("group", `${ALL}&tab=config&left=1&right=2`, PAYLOADS, "group, config"), within: PANEL },
  { ...place("group", `${ALL}&tab=rollouts`, [MESSAGE, IMAGE], "group, rollouts"), within: PANEL },
  { ...place("group", `${ALL}&tab=events`, PAYLOADS, "group, events"), within: PANEL },
  place("rollout", `${ALL}&rev=2`, [PAYLOADS[3] ?? ""], "rollout"),
  place("container", `${ALL}&name=${containerNameOf(1)}`, PAYLOADS.slice(-20), "container, last lines"),
  { ...place("containers", `ns=${NAMESPACE}`, PAYLOADS), scrolled: true },
  { ...place("hosts", "as=table", PAYLOADS), scrolled: true },
  place("hosts", "", PAYLOADS, "hosts, picture"),
  place("events", `ns=${NAMESPACE}`, PAYLOADS),
  place("discovery", `ns=${NAMESPACE}&service=all&labels=dev`, []),
];

/** Payloads as they may be asked for by the one who sends a link. */
export const LINKS: readonly string[] = PAYLOADS.slice(0, 44).flatMap((text, index) => {
  const value = encodeURIComponent(text);
  const paths = ["groups?filter=", "group?ns=default&ref=", "discovery?ns=default&service=", "logs?ns=default&ref="];
  return [`${paths[index % paths.length]}${value}`];
});

/** @returns the payloads that are not there as text, and whatever one of them became. */
export async function lookAt(visit: Visit, url: string, where: Place): Promise<readonly string[]> {
  const { page } = visit;
  await open(visit, url, where);
  const seen = where.scrolled === true ? (await look(page, "allRows")).join("\n") : "";
  const missing = (await look(page, "missingTexts", where.texts, where.within ?? "main")).filter(
    (text) => !isIn(seen, text),
  );
  return [
    ...missing.map((text) => `${where.name}: not found as text: ${JSON.stringify(text.slice(0, 60))}`),
    ...(await became(visit)).map((text) => `${where.name}: ${text}`),
  ];
}

const squeezed = (text: string): string => text.replaceAll(/[ \t\r\n\f]+/g, " ").trim();
const isIn = (all: string, text: string): boolean => squeezed(all).includes(squeezed(text));

/** What a payload became besides text. */
export async function became({ page }: Visit): Promise<readonly string[]> {
  const found = [...(await look(page, "foreignMarkup"))].map((text) => `markup: ${text}`);
  const stung = await page.evaluate<unknown>("globalThis.stung ?? globalThis.document.querySelector('[stung]')");
  return stung === undefined || stung === null ? found : [...found, "a payload was run"];
}
