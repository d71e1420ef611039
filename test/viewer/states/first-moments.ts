// What is shown before anything is known, where there is nothing, and where a part is missing.

import type { Visit } from "../support/browser.js";
import { open, settled } from "../support/screens.js";
import { untilPage, wordsIn } from "../support/wait.js";

type Step = (visit: Visit, url: string) => Promise<readonly string[]>;

/** A stream that says nothing yet: first nothing, then rows without words, then words; never a bare spinner. */
const loading: Step = async ({ page }, url) => {
  await page.route("**/api/stream*", async (route) => {
    await new Promise((done) => setTimeout(done, 2_000));
    await route.continue().catch(() => undefined);
  });
  await page.goto(`${url}containers`, { waitUntil: "commit" });
  await page.waitForSelector("main [aria-busy=true] .skeleton");
  const early = await wordsIn(page, "main .loading");
  const faults = early.trim() === "" ? [] : [`loading: words come at once: ${early}`];
  const words = page.getByText(/^reading .*containers…$/);
  await words.waitFor({ timeout: 3_000 }).catch(() => faults.push("loading: there are no words after a second"));
  await page.unroute("**/api/stream*");
  await settled({ page }, "containers");
  return faults;
};

const filteredAway: Step = async (visit, url) => {
  const { page } = visit;
  await open(visit, url, { name: "filtered away", path: "groups?filter=prod+state:failing+nobody", screen: "groups" });
  const text = (await wordsIn(page, "main")).replace(/\s+/g, " ");
  const faults =
    /0 of \d[\d,]* groups: nobody removed the last (one|[\d,]+)\.|0 of .* groups: state:failing removed the last/.test(
      text,
    )
      ? []
      : [`filtered away: it says "${text.slice(0, 120)}"`];
  await page.getByRole("button", { name: "drop that term" }).click();
  const dropped = "(new URLSearchParams(location.search).get('filter') ?? '').split(/\\s+/).length === 2";
  await untilPage(page, "the filter without that term", dropped, 3_000).catch((error: unknown) =>
    faults.push(`filtered away: ${String(error)}`),
  );
  return faults;
};

const firstRun: Step = async (visit, url) => {
  await open(visit, url, { name: "first run", path: "groups?ns=empty", screen: "groups" });
  const main = visit.page.locator("main");
  const text = await wordsIn(visit.page, "main");
  const lines = await main
    .locator("code")
    .filter({ hasText: /^theseus / })
    .count();
  return [
    ...(/No groups yet in\s+empty/.test(text) ? [] : [`first run: it says "${text.slice(0, 80)}"`]),
    ...(lines >= 3 ? [] : [`first run: ${lines} lines to copy`]),
  ];
};

const LAST_SEEN = /\?\s*last seen \d\d:\d\d:\d\d/;

/** Its containers are not known to be ready any more, on their own pages and on those of their groups either. */
async function insideOfSilent(visit: Visit, url: string): Promise<readonly string[]> {
  const { page } = visit;
  await open(visit, url, { name: "of a silent host", path: "containers?filter=host:node-13", screen: "containers" });
  const to = await page.locator("tr.stale[data-row] a[href*='container?']").first().getAttribute("href");
  if (to === null) return ["silent host: none of its containers is hatched"];
  await open(visit, url, { name: "container of a silent host", path: to.slice(1), screen: "container" });
  const head = await wordsIn(page, ".head-line.stale");
  const group = new URLSearchParams(to.slice(to.indexOf("?")));
  group.delete("name");
  await open(visit, url, { name: "group on a silent host", path: `group?${group}`, screen: "group" });
  const slot = await wordsIn(page, ".one.stale");
  return [
    ...(LAST_SEEN.test(head) ? [] : [`silent host: the head of its container says "${head.slice(0, 80)}"`]),
    ...(LAST_SEEN.test(slot) ? [] : [`silent host: the slot of its container says "${slot.slice(0, 80)}"`]),
  ];
}

/** One of fifty hosts is silent: it stays in the list, is hatched and says when it was seen, and no total claims to be whole. */
const silentHost: Step = async (visit, url) => {
  await open(visit, url, { name: "silent host", path: "hosts?as=table&filter=host:node-13", screen: "hosts" });
  const text = await wordsIn(visit.page, '[data-row="node-13"]');
  const isHatched = await visit.page.evaluate<boolean>(
    `document.querySelector('tr.stale[data-row="node-13"]') !== null`,
  );
  await open(visit, url, { name: "silent host", path: "hosts", screen: "hosts" });
  const card = await wordsIn(visit.page, '[data-row="node-13"]');
  await open(visit, url, { name: "some hosts silent", path: "", screen: "overview" });
  const whole = await visit.page.evaluate<string>("document.body.innerText");
  const inside = await insideOfSilent(visit, url);
  return [
    ...inside,
    ...(isHatched ? [] : ["silent host: its row is not hatched"]),
    ...(/silent/.test(text) ? [] : [`silent host: its row says "${text}"`]),
    ...(/last seen \d\d:\d\d:\d\d/.test(card) ? [] : [`silent host: its card says "${card.slice(0, 80)}"`]),
    ...(/49 of 50 hosts/.test(whole) ? [] : ["silent host: nowhere stands 49 of 50 hosts"]),
  ];
};

export const FIRST_MOMENTS: Readonly<Record<string, Step>> = { loading, filteredAway, firstRun, silentHost };
