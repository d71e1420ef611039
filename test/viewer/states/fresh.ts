// Whether the page has come to the same as one that is loaded now.

import type { Page } from "playwright-core";
import { until } from "../../support/until.js";
import { visit } from "../support/browser.js";
import { look } from "../support/inside.js";
import { settled } from "../support/screens.js";

const MOST_TOLD = 3;
const SOON_MS = 10_000;

/** @param screen what the page at that address calls itself. */
export async function unlikeFresh(page: Page, screen: string): Promise<readonly string[]> {
  const origin = `${new URL(page.url()).origin}/`;
  const fresh = await visit(origin);
  let faults: readonly string[] = [];
  try {
    const isSame = async (): Promise<boolean> => {
      await fresh.page.goto(page.url());
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
