// Where each payload has to stand as text: the pages, and what is to be done on them until it is there.

import type { Visit } from "../support/browser.js";
import { look } from "../support/inside.js";
import { open, type Screen } from "../support/screens.js";
import { PAYLOADS } from "./payloads.js";
import { containerNameOf, NAMESPACE } from "./records.js";

const ALL = `ns=${NAMESPACE}&ref=all/dev`;

type Place = Screen & {
  /** By what it is: where in the page, and what has to stand there as text. */
  readonly parts: Readonly<Record<string, readonly [within: string, texts: readonly string[]]>>;
  /** Columns of its table, each with every payload in it; its rows are read while one scrolls. */
  readonly columns: readonly string[];
};

const place = (screen: string, query: string, name: string, parts: Place["parts"]): Place => ({
  ...{ screen, name, parts, columns: [] },
  path: `${screen === "overview" ? "" : screen}?${query}`,
});

/** @param keys of all columns that are shown. */
const table = (screen: string, query: string, keys: string, columns: readonly string[]): Place => ({
  ...place(screen, `${query}&cols=${keys}`, `${screen}, table`, {}),
  columns,
});

const IMAGE = PAYLOADS[0] ?? "";
const MESSAGE = PAYLOADS[4] ?? "";
const FAILURE = PAYLOADS[3] ?? "";
/** Of so many containers evidence is kept. */
const EVIDENT = PAYLOADS.slice(0, 20);

export const PLACES: readonly Place[] = [
  place("overview", `ns=${NAMESPACE}`, "overview", { image: ["main", [IMAGE]] }),
  table("groups", `ns=${NAMESPACE}&filter=!nothing`, "group,image,hosts,by,message,why", [
    ...["image", "hosts", "last by", "message", "why"],
  ]),
  place("group", ALL, "group, slots", {
    attention: [".attention-text", PAYLOADS],
    image: [".detail-head code", [IMAGE]],
    cause: [".evidence-what", EVIDENT],
    "last lines": [".evidence [data-last-lines]", PAYLOADS],
    "answers of its check": [".evidence ul.lines", PAYLOADS],
    address: ["[data-container]", PAYLOADS],
  }),
  place("group", `${ALL}&tab=config&left=1&right=2`, "group, config", {
    "names of variables and labels": ["[role=tabpanel] .diff th", PAYLOADS],
    values: ["[role=tabpanel] .diff .to", PAYLOADS],
    "names in effect": ["[role=tabpanel] .fields dt", PAYLOADS],
    "values in effect": ["[role=tabpanel] .fields dd", PAYLOADS],
  }),
  place("group", `${ALL}&tab=rollouts`, "group, rollouts", {
    who: ["[data-title=who]", [MESSAGE]],
    what: ["[data-title=what]", [IMAGE]],
    why: ["[data-title=why]", [FAILURE]],
  }),
  place("group", `${ALL}&tab=events`, "group, events", {
    actor: [".event .actor", PAYLOADS],
    text: [".event .event-text", PAYLOADS],
  }),
  place("rollout", `${ALL}&rev=2`, "rollout", { cause: ["main", [FAILURE]], who: [".detail-head", [MESSAGE]] }),
  place("container", `${ALL}&name=${containerNameOf(1)}`, "container", {
    "last lines": ["[data-last-lines]", PAYLOADS.slice(-20)],
    "names of variables": [".fields dt", PAYLOADS],
    values: [".fields dd", PAYLOADS],
  }),
  table("containers", `ns=${NAMESPACE}`, "container,host,address,image", ["host", "address", "image"]),
  table("hosts", "as=table", "host,labels,address,engine,problem", ["host", "labels", "address", "engine", "problem"]),
  place("hosts", "", "hosts, picture", { host: [".host h2", PAYLOADS], labels: [".host .chips", PAYLOADS] }),
  place("events", `ns=${NAMESPACE}`, "events", {
    actor: [".event .actor", PAYLOADS],
    text: [".event .event-text", PAYLOADS],
  }),
  place("discovery", `ns=${NAMESPACE}&service=all&labels=dev`, "discovery", {}),
];

/** Payloads as they may be asked for by the one who sends a link. */
export const LINKS: readonly string[] = PAYLOADS.slice(0, 44).flatMap((text, index) => {
  const value = encodeURIComponent(text);
  const paths = ["groups?filter=", "group?ns=default&ref=", "discovery?ns=default&service=", "logs?ns=default&ref="];
  return [`${paths[index % paths.length]}${value}`];
});

const PATIENCE_MS = 10_000;

/** @returns the payloads that are not there as text, and whatever one of them became. */
export async function lookAt(visit: Visit, url: string, where: Place): Promise<readonly string[]> {
  const { page } = visit;
  await open(visit, url, where);
  const faults: string[] = [];
  const missing = (part: string, texts: readonly string[]): void =>
    void faults.push(
      ...texts.map((text) => `${where.name}, ${part}: not found as text: ${JSON.stringify(text.slice(0, 60))}`),
    );
  for (const [part, [within, texts]] of Object.entries(where.parts)) {
    // Some parts of a page are read when it is there.
    await page.waitForSelector(within, { state: "attached", timeout: PATIENCE_MS }).catch(() => undefined);
    missing(part, await look(page, "missingTexts", texts, within));
  }
  const fields = where.columns.length === 0 ? {} : await look(page, "allFields");
  for (const column of where.columns)
    missing(
      column,
      PAYLOADS.filter((text) => !isIn(fields[column] ?? "", text)),
    );
  return [...faults, ...(await became(visit)).map((text) => `${where.name}: ${text}`)];
}

/** As they are drawn: runs of blanks as one, a control character perhaps as the picture that Unicode has for it. */
const squeezed = (text: string): string => text.replaceAll(/[ \t\r\n\f]+/g, " ").trim();
const pictured = (text: string): string =>
  [...text]
    .map((c) => (c < " " || c === "\x7f" ? String.fromCodePoint(c === "\x7f" ? 0x2421 : 0x2400 + c.charCodeAt(0)) : c))
    .join("");
const isIn = (all: string, text: string): boolean =>
  squeezed(all).includes(squeezed(text)) || squeezed(all).includes(squeezed(pictured(text)));

/** What a payload became besides text. */
export async function became({ page }: Visit): Promise<readonly string[]> {
  const found = [...(await look(page, "foreignMarkup"))].map((text) => `markup: ${text}`);
  const stung = await page.evaluate<unknown>("globalThis.stung ?? globalThis.document.querySelector('[stung]')");
  return stung === undefined || stung === null ? found : [...found, "a payload was run"];
}
