// Chromium for tests: one for the whole process, ended with it, and pages that write down everything that goes wrong in
// them.

import { readFileSync, rmSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserServer, chromium, type Page } from "playwright-core";
import type { Feed } from "../inside/eyes.js";
import { insideScript } from "./inside.js";

const PROGRAM = "/usr/bin/chromium";
const FLAGS = ["--disable-dev-shm-usage", "--disable-gpu", "--js-flags=--expose-gc", "--enable-precise-memory-info"];

export type View = {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "light" | "dark";
  /** Streams that are told to the page in the place of the gateway's. */
  readonly feeds?: readonly Feed[];
};

/** A page, and all that went wrong in it so far: thrown errors, errors on the console, dialogs, requests elsewhere. */
export type Visit = {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly faults: string[];
  /** Set while its server is meant to be away: what the browser says of failed requests is no fault. */
  mayFail: boolean;
  close(): Promise<void>;
};

type Running = { readonly server: BrowserServer; readonly browser: Browser; readonly profile: string };

let running: Promise<Running> | undefined;

async function start(): Promise<Running> {
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const asked = { executablePath: PROGRAM, args: [...FLAGS, ...root], handleSIGINT: false };
  const server = await chromium.launchServer({ ...asked, handleSIGTERM: false, handleSIGHUP: false });
  const { pid } = server.process();
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  const profile = command.find((flag) => flag.startsWith("--user-data-dir="))?.slice("--user-data-dir=".length) ?? "";
  process.once("exit", () => {
    server.process().kill("SIGKILL");
    if (profile !== "") rmSync(profile, { recursive: true, force: true });
  });
  return { server, browser: await chromium.connect(server.wsEndpoint()), profile };
}

/** The process's browser. */
export async function useBrowser(): Promise<Browser> {
  running ??= start();
  return (await running).browser;
}

/** Ends it, if there is one; the next page starts another one. */
export async function endBrowser(): Promise<void> {
  const ending = running;
  running = undefined;
  const { server, browser } = (await ending) ?? {};
  await browser?.close();
  await server?.close();
}

/** Chromium ends what is under way when an engine beside it adds or removes a container's interface. */
export const CUT = "ERR_NETWORK_CHANGED";

/** A page of its own, with nothing that another one has kept. @param origin where requests may go. */
export async function visit(origin: string, view: View = {}): Promise<Visit> {
  const { width = 1280, height = 800, theme = "light", feeds = [] } = view;
  const browser = await useBrowser();
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const played = feeds.length === 0 ? "" : `testEyes.playFeeds(${JSON.stringify(feeds)});`;
  await context.addInitScript({ content: `${await insideScript()};${played}` });
  const page = await context.newPage();
  const faults: string[] = [];
  const found: Visit = { page, context, faults, mayFail: false, close: () => context.close() };
  page.on("pageerror", (error) => faults.push(`thrown: ${error.stack ?? error.message}`));
  page.on("console", (said) => {
    const isNetwork = /^Failed to load resource|net::ERR_|EventSource/.test(said.text());
    const isExcused = (found.mayFail && isNetwork) || said.text().includes(CUT);
    if (said.type() === "error" && !isExcused) faults.push(`console: ${said.text()} ${said.location().url}`);
  });
  page.on("dialog", (dialog) => {
    faults.push(`a dialog opened: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  page.on("crash", () => faults.push("the page crashed"));
  context.on("page", (other) => {
    if (other !== page) faults.push(`another page was opened: ${other.url()}`);
  });
  page.on("request", (asked) => {
    if (!asked.url().startsWith(origin) && !asked.url().startsWith("data:")) faults.push(`asked for ${asked.url()}`);
  });
  return found;
}

/** Runs `work` on a page of its own, which is closed afterwards; its faults are added to what was found. */
export async function onVisit(
  origin: string,
  view: View,
  work: (visit: Visit) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const one = await visit(origin, view);
  try {
    const found = await work(one);
    return [...found, ...one.faults];
  } finally {
    await one.close();
  }
}
