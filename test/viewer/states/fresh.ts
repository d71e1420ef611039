// Whether the page has come to the same as one that is loaded now, from a viewer that is started now: what the page's own
// viewer has forgotten to read, nobody would see by another page of it.

import type { Page } from "playwright-core";
import { until } from "../../support/until.js";
import { visit } from "../support/browser.js";
import { look } from "../support/inside.js";
import { settled } from "../support/screens.js";
import { startViewer } from "../support/viewer.js";

const MOST_TOLD = 3;
const SOON_MS = 10_000;

/** @param screen what the page at that address calls itself. @param server of its viewer, HOST:PORT. */
export async function unlikeFresh(page: Page, screen: string, server: string): Promise<readonly string[]> {
  const viewer = await startViewer(server);
  try {
    return await unlikeAt(viewer.url, page, screen);
  } finally {
    await viewer.child.stop();
  }
}

async function unlikeAt(url: string, page: Page, screen: string): Promise<readonly string[]> {
  const fresh = await visit(url);
  let faults: readonly string[] = [];
  try {
    const isSame = async (): Promise<boolean> => {
      const { pathname, search } = new URL(page.url());
      await fresh.page.goto(new URL(pathname + search, url).href);
      await settled({ page: fresh.page }, screen);
      faults = differences(await look(page, "allRows"), await look(fresh.page, "allRows"));
      return faults.length === 0;
    };
    await until("the page to be as a fresh one", isSame, { withinMs: SOON_MS, everyMs: 500 }).catch(() => undefined);
    return [...faults, ...fresh.faults];
  } finally {
    await fresh.close();
  }
}

function differences(rows: readonly string[], fresh: readonly string[]): readonly string[] {
  const [now, then] = [new Set(rows), new Set(fresh)];
  if (now.size === 0) return ["there are no rows to compare"];
  const odd = [
    ...rows.filter((row) => !then.has(row)).map((row) => `the page has, a fresh one has not: ${row.slice(0, 160)}`),
    ...fresh.filter((row) => !now.has(row)).map((row) => `a fresh page has, this one has not: ${row.slice(0, 160)}`),
  ];
  return odd.length > MOST_TOLD ? [...odd.slice(0, MOST_TOLD), `and ${odd.length - MOST_TOLD} more rows`] : odd;
}
