// The viewer with ten thousand containers in its page: how soon something useful is seen, what a key in the filter takes,
// what two hundred changes a second for five minutes leave behind, how soon each change is seen, and how heavy the page is.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { SeededGroup } from "../viewer/seeded/fleet.js";
import { onSeededHouse, type SeededHouse } from "../viewer/seeded/house.js";
import { unlikeFresh } from "../viewer/states/fresh.js";
import { endBrowser, type Visit, visit } from "../viewer/support/browser.js";
import { change, type Marked, markTexts } from "../viewer/support/changes.js";
import { look } from "../viewer/support/inside.js";
import { held } from "../viewer/support/memory.js";
import { settled } from "../viewer/support/screens.js";
import { untilPage } from "../viewer/support/wait.js";
import { type Bench, type Figure, median, once, rounded } from "./bench.js";

const CONTAINERS = 10_000;
const STARTS = 5;
const KEYS = "state:ready prod !canary";
const PACE = { perSecond: 200, seconds: Number(process.env["BENCH_VIEWER_SECONDS"] ?? 300) };
const MARKS = 100;
const SIZE = 20;
const SEEN_WITHIN_MS = 5_000;
const WEIGHT = fileURLToPath(new URL("../../dist/viewer/weight.json", import.meta.url));

type Figures = { paint: Figure; filter: Figure; growth: Figure; seen: Figure; fresh: Figure; weight: Figure };

const measured = once(async (): Promise<Figures> => {
  try {
    return await onSeededHouse(CONTAINERS, async (house) => {
      await settledGateway(house);
      const paint = await firstPaints(house);
      const filter = await keystrokes(house);
      return { paint, filter, ...(await underChanges(house)), weight: await weightOf(house) };
    });
  } finally {
    await endBrowser();
  }
});

/** It reads the fleet once for all pages, which is no page's time. */
async function settledGateway({ url }: SeededHouse): Promise<void> {
  const first = await visit(url);
  await first.page.goto(url);
  await settled(first, "overview");
  await untilPage(first.page, "all containers", ALL_THERE, 60_000);
  await first.close();
}

const ALL_THERE = `/${CONTAINERS.toLocaleString("en")} containers/.test(document.querySelector("footer")?.innerText ?? "")`;

/** From the request to what needs a person, with all counted: a page that nothing is kept of. */
async function firstPaints({ url }: SeededHouse): Promise<Figure> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const one = await visit(url);
    await one.context.addInitScript({ content: PAINTED });
    await one.page.goto(url, { waitUntil: "commit" });
    await untilPage(one.page, "the first useful paint", "globalThis.usefulAt !== undefined");
    times.push(await one.page.evaluate<number>("globalThis.usefulAt"));
    await one.close();
  }
  return { ratio: median(times) / 1000, detail: { slowest_ms: rounded(Math.max(...times)), starts: STARTS } };
}

/** The time since the request for the page, when the frame that shows the fleet is drawn. */
const PAINTED = `addEventListener("DOMContentLoaded", () => new MutationObserver((_, observer) => {
  if (document.querySelector("[data-screen=overview] [data-row]") === null || !(${ALL_THERE})) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => (globalThis.usefulAt = performance.now())));
}).observe(document, { subtree: true, childList: true, characterData: true }));`;

/** From each key to the frame that has its rows, in the table of all containers. */
async function keystrokes({ url }: SeededHouse): Promise<Figure> {
  const one = await visit(url);
  try {
    await one.page.goto(`${url}containers`);
    await settled(one, "containers");
    await untilPage(one.page, "all containers", ALL_THERE);
    await one.page.evaluate(TIMED);
    await one.page.keyboard.press("/");
    for (const key of KEYS) {
      await one.page.keyboard.press(key === " " ? "Space" : key);
      await look(one.page, "painted");
    }
    const times = await one.page.evaluate<number[]>("globalThis.keyTimes");
    if (times.length < KEYS.length) throw new Error(`${times.length} keys were timed`);
    const sorted = [...times].sort((a, b) => a - b);
    const p95 = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN;
    return { ratio: p95, detail: { median_ms: rounded(median(times)), slowest_ms: rounded(Math.max(...times)) } };
  } finally {
    await one.close();
  }
}

const TIMED = `(() => {
  globalThis.keyTimes = [];
  document.addEventListener("keydown", ({ timeStamp, key }) => {
    if (key === "/") return;
    requestAnimationFrame(() => setTimeout(() => globalThis.keyTimes.push(performance.now() - timeStamp)));
  }, { capture: true });
})()`;

/** Groups of as many containers as there are marks, few enough for a table to draw all their rows. */
function shownAmong(groups: readonly SeededGroup[]): readonly SeededGroup[] {
  const alike = groups.filter(({ size, kind, ref }) => size === SIZE && kind === "steady" && ref.labels.includes(TEAM));
  const shown = alike.slice(0, MARKS / SIZE);
  if (shown.length * SIZE < MARKS) throw new Error("there are too few groups to look at");
  return shown;
}

const TEAM = "team-5";
const filterFor = (shown: readonly SeededGroup[]): string =>
  `${TEAM} ${shown.map(({ ref }) => `svc:${ref.service}`).join("|")}`;

async function underChanges({
  wire,
  url,
  groups,
  server,
}: SeededHouse): Promise<Pick<Figures, "growth" | "seen" | "fresh">> {
  const shown = shownAmong(groups);
  const one = await visit(url, { height: 1000 });
  try {
    await one.page.goto(`${url}containers?filter=${encodeURIComponent(filterFor(shown))}`);
    await settled(one, "containers");
    await untilPage(one.page, "all rows", `document.querySelectorAll("[data-row]").length === ${MARKS}`);
    await look(one.page, "lookFor", [...markTexts(shown)]);
    const before = await held(one.context, one.page);
    const { marked, changes, seconds, slowestWrite } = await change(wire, groups, { ...PACE, shown });
    const delays = await delaysOf(one, marked);
    const after = await held(one.context, one.page);
    const unlike = [...(await unlikeAfter(one, url, server.listeners.grpc)), ...one.faults];
    const megabytes = (bytes: number): number => rounded(bytes / 1e6);
    const [heap, resident] = [after.heap - before.heap, after.resident - before.resident];
    const pace = rounded(changes / seconds);
    return {
      growth: {
        ratio: megabytes(Math.max(heap, resident)),
        detail: {
          heap_mb: megabytes(heap),
          resident_mb: megabytes(resident),
          changes,
          seconds: rounded(seconds),
          pace,
        },
      },
      fresh: { ratio: unlike.length, detail: { what: unlike.join("; ") } },
      seen: {
        ratio: Math.max(...delays),
        detail: {
          median_ms: rounded(median(delays)),
          marked: delays.length,
          asked: MARKS,
          slowest_write_ms: rounded(slowestWrite),
          unseen: delays.filter((delay) => delay === Number.POSITIVE_INFINITY).length,
        },
      },
    };
  } finally {
    await one.close();
  }
}

/** Milliseconds from each write to the page; one that was never seen counts as endless. */
async function delaysOf({ page }: Visit, marked: readonly Marked[]): Promise<readonly number[]> {
  const all = `Object.keys(testEyes.firstSeen()).length >= ${marked.length}`;
  await untilPage(page, "every marked change", all, SEEN_WITHIN_MS).catch(() => undefined);
  const seen = await look(page, "firstSeen");
  return marked.map(({ text, writtenAt }) => (seen[text] ?? Number.POSITIVE_INFINITY) - writtenAt);
}

/** All ten thousand rows of this page and of one that is loaded now. */
async function unlikeAfter({ page }: Visit, url: string, server: string): Promise<readonly string[]> {
  const filtered = await unlikeFresh(page, "containers", server);
  if (filtered.length > 0) return [`the marked ones: ${filtered.join("; ")}`];
  await page.keyboard.press("/");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await untilPage(page, "all containers", ALL_THERE);
  await untilPage(page, "no filter", `location.href === ${JSON.stringify(`${url}containers`)}`);
  return await unlikeFresh(page, "containers", server);
}

/** What the first screen takes over the wire, packed as a browser asks for it. */
async function weightOf({ url }: SeededHouse): Promise<Figure> {
  const one = await visit(url);
  try {
    const session = await one.context.newCDPSession(one.page);
    await session.send("Network.enable");
    let bytes = 0;
    const files = new Map<string, string>();
    session.on("Network.responseReceived", ({ requestId, response }) => files.set(requestId, response.url));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (!/\/api\//.test(files.get(requestId) ?? "/api/")) bytes += encodedDataLength;
    });
    await one.page.goto(url);
    await settled(one, "overview");
    const built = JSON.parse(await readFile(WEIGHT, "utf8")) as { first_screen_gzip_bytes: number };
    const told = built.first_screen_gzip_bytes;
    return {
      ratio: Math.max(told, bytes) / 1000,
      detail: { built_kb: rounded(told / 1000), wire_kb: rounded(bytes / 1000) },
    };
  } finally {
    await one.close();
  }
}

const bench = (name: string, unit: string, atMost: number, of: keyof Figures): Bench => ({
  ...{ name, unit, limit: { atMost } },
  measure: async () => (await measured())[of],
});

export const VIEWER_BENCHES: readonly Bench[] = [
  bench("viewer-first-paint", "s", 1, "paint"),
  bench("viewer-filter-key", "ms", 50, "filter"),
  bench("viewer-growth", "MB", 150, "growth"),
  bench("viewer-change-seen", "ms", 1000, "seen"),
  bench("viewer-as-fresh", "differences", 0, "fresh"),
  bench("viewer-weight", "kB", 150, "weight"),
];
