// Waiting for something in the page. Playwright's own way needs `eval` inside of it, which the page's content policy refuses.

import type { Page } from "playwright-core";
import { until } from "../../support/until.js";

/** @param expression in the page's words; may give a promise. */
export async function untilPage(page: Page, what: string, expression: string, withinMs = 20_000): Promise<void> {
  const holds = async (): Promise<boolean> => {
    // While it goes from one document to another there is nobody to ask.
    const value = await page.evaluate<unknown>(expression).catch(() => false);
    return value === true;
  };
  await until(`${what} at ${page.url()}`, holds, { withinMs, everyMs: 25 });
}

/** What a person reads in the first such element; "" where there is none. */
export function wordsIn(page: Page, selector: string): Promise<string> {
  return page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ""`);
}
