// Proof `viewer-hostile`: whatever stands in a text is shown as text and nothing else, wherever it stands; and nobody but
// the viewer's own page, asked for by its own name, gets anything from it.

import { createServer, type Server } from "node:http";
import type { Proof, Report, Size } from "../../proof/proof.js";
import { onSeededHouse } from "../seeded/house.js";
import { onVisit, type Visit } from "../support/browser.js";
import { look } from "../support/inside.js";
import { open } from "../support/screens.js";
import { foreignHosts, servedForeigners } from "./foreign-hosts.js";
import { hostileLines } from "./log-lines.js";
import { oddAnswers, oddPages } from "./odd-requests.js";
import { stolen } from "./other-origin.js";
import { became, LINKS, lookAt, PLACES } from "./pages.js";
import { PAYLOADS } from "./payloads.js";
import { hostileOps } from "./records.js";

const CONTAINERS = 200;
const LINKS_OF: Readonly<Record<Size, number>> = { small: 4, full: LINKS.length };
const [FEWEST_PAYLOADS, FEWEST_HOSTS] = [50, 30];

async function check(size: Size): Promise<Report> {
  const records = hostileOps(Date.now());
  return await onSeededHouse(
    CONTAINERS,
    async ({ url }) => {
      const port = Number(new URL(url).port);
      const shown = await onVisit(url, { height: 1000 }, (visit) => everywhere(visit, url, LINKS_OF[size]));
      const hosts = await servedForeigners(port);
      const foreign = await stolen(url);
      const odd = await oddAnswers(url);
      const lines = await hostileLines();
      const texts = PLACES.reduce((sum, one) => sum + textsIn(one), PAYLOADS.length);
      console.error(
        `viewer-hostile: ${PAYLOADS.length} payloads in ${texts} places, ${foreignHosts(port).length} foreign hosts, ` +
          `${foreign.tries} tries of another origin, ${odd.asked} odd requests`,
      );
      const few =
        PAYLOADS.length < FEWEST_PAYLOADS || foreignHosts(port).length < FEWEST_HOSTS ? ["too few cases"] : [];
      return {
        cases: texts + hosts.asked + foreign.tries + odd.asked,
        violations: [...few, ...shown, ...lines, ...hosts.faults, ...foreign.faults, ...odd.faults],
      };
    },
    records,
  );
}

async function everywhere(visit: Visit, url: string, links: number): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const where of PLACES) {
    const found = await lookAt(visit, url, where).catch((error: unknown) => [`${where.name}: ${String(error)}`]);
    faults.push(...found);
  }
  faults.push(...(await inPalette(visit, url)));
  // What is no name is refused, and the browser says so.
  visit.mayFail = true;
  for (const path of LINKS.slice(0, links)) {
    await visit.page.goto(url + path);
    await visit.page.waitForSelector("[data-screen]");
    faults.push(...(await became(visit)).map((text) => `/${path.slice(0, 60)}: ${text}`));
  }
  return [...faults, ...(await oddPages(visit, url))];
}

function textsIn({ parts, columns }: (typeof PLACES)[number]): number {
  return Object.values(parts).reduce((sum, [, texts]) => sum + texts.length, columns.length * PAYLOADS.length);
}

/** What can be gone to is called by its name there too. */
async function inPalette(visit: Visit, url: string): Promise<readonly string[]> {
  await open(visit, url, { name: "palette", path: "hosts", screen: "hosts" });
  await visit.page.keyboard.press("Control+k");
  await visit.page.waitForSelector(".finder input:focus");
  await visit.page.keyboard.type("onerror");
  const missing = await look(visit.page, "missingTexts", [PAYLOADS[3] ?? ""], "[role=listbox]");
  return [...missing.map((text) => `palette: not found as text: ${text}`), ...(await became(visit))];
}

/** A page that shows them as markup, and a server that answers everybody. */
async function control(): Promise<Report> {
  const server = await careless();
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const url = `http://127.0.0.1:${port}/`;
  try {
    const shown = await onVisit(url, {}, async (visit) => {
      await visit.page.goto(url);
      await visit.page.waitForTimeout(500);
      const missing = await look(visit.page, "missingTexts", PAYLOADS, "body");
      return [...missing.map((text) => `not found: ${text.slice(0, 40)}`), ...(await became(visit))];
    });
    const parts = [shown, (await servedForeigners(port)).faults, (await stolen(url)).faults];
    const isRun = shown.some((fault) => /run|markup/.test(fault));
    const blind = !isRun || parts.some((part) => part.length === 0);
    return { cases: parts.length, violations: blind ? [] : parts.flat() };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function careless(): Promise<Server> {
  const html = PAYLOADS.filter((text) => !/<(base|meta|style|dialog|!--|template|math)/.test(text)).map(
    (text) => `<p>${text}</p>`,
  );
  const server = createServer(({ headers }, answer) => {
    const open = { "access-control-allow-origin": headers.origin ?? "*", "access-control-allow-credentials": "true" };
    answer.writeHead(200, { ...open, "content-type": "text/html" }).end(`<!doctype html><body>${html.join("\n")}data:`);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

export const viewerHostile: Proof = { name: "viewer-hostile", check, control };
