// Every screen and every state of the viewer as pictures, light and dark, at 400, 1280 and 1920 wide, of the seeded fleet:
// `screenshots.ts [FOLDER [NAME...]]`, default .build/screenshots and all of them; names are those of the screens, and
// `overlays` and `states`.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createEtcdWire } from "../../src/etcd/wire.js";
import { systemClock } from "../../src/system.js";
import { startEtcd } from "../support/start-etcd.js";
import { startServer } from "../support/theseus.js";
import { paperFeeds } from "./seeded/feeds.js";
import { fill } from "./seeded/house.js";
import { DISCONNECTED, LIVE, RECONNECTING, SERVER_AWAY, STORE_AWAY, type State, stateShown } from "./states/words.js";
import { endBrowser, type Visit, visit } from "./support/browser.js";
import { look } from "./support/inside.js";
import { untilKnown } from "./support/known.js";
import { OVERLAYS, UNDER } from "./support/overlays.js";
import { ALL_SCREENS, open } from "./support/screens.js";
import { startViewer } from "./support/viewer.js";

const CONTAINERS = 10_000;
const WIDTHS = [400, 1280, 1920];
const HEIGHT = 900;
const THEMES = ["light", "dark"] as const;
const SILENT = ["--docker", "tcp://127.0.0.1:1", "--listen-http", "off"];
const [, , folder = ".build/screenshots", ...names] = process.argv;
const isAsked = (name: string): boolean => names.length === 0 || names.includes(name);
let taken = 0;

/** @param widths fewer for what does not last. */
async function take({ page }: Visit, name: string, widths: readonly number[] = WIDTHS): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    for (const width of widths) {
      await page.setViewportSize({ width, height: HEIGHT });
      await look(page, "painted");
      await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`), animations: "disabled" });
      taken += 1;
    }
  }
}

/** Everything is left as it was found, also when a picture cannot be taken. */
async function main(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const etcd = await startEtcd({ detached: true });
  const wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  const ending: (() => Promise<unknown>)[] = [];
  try {
    await fill(wire, CONTAINERS);
    const server = await startServer({ etcd: etcd.endpoint, flags: SILENT });
    ending.push(() => server.child.kill9());
    const viewer = await startViewer(server.listeners.grpc);
    ending.push(() => viewer.child.kill9());
    await untilKnown(viewer.url, CONTAINERS);
    const seen = await visit(viewer.url, { feeds: paperFeeds(Date.now()) });
    for (const screen of ALL_SCREENS.filter(({ name }) => isAsked(name))) {
      await open(seen, viewer.url, screen);
      await take(seen, screen.name);
    }
    if (isAsked("overlays")) await small(seen, viewer.url);
    if (!isAsked("states")) return;
    await open(seen, viewer.url, UNDER);
    await etcd.pause();
    await during(seen, STORE_AWAY);
    etcd.resume();
    await during(seen, LIVE);
    await viewer.child.kill9();
    await during(seen, RECONNECTING, [1280]);
    await during(seen, DISCONNECTED);
    const again = await startViewer(server.listeners.grpc, new URL(viewer.url).host);
    ending.push(() => again.child.kill9());
    await during(seen, LIVE);
    await server.child.kill9();
    await during(seen, SERVER_AWAY);
  } finally {
    await endBrowser();
    for (const end of ending.reverse()) await end();
    wire.close();
    await etcd.stop();
  }
}

/** What opens over the page. */
async function small(seen: Visit, url: string): Promise<void> {
  for (const { name, show } of OVERLAYS) {
    await open(seen, url, UNDER);
    await show(seen.page);
    await take(seen, name);
  }
}

/** A state that does not come is named, and its picture shows what there was instead. */
async function during(seen: Visit, state: State, widths?: readonly number[]): Promise<void> {
  for (const fault of await stateShown(seen.page, state, 40_000)) console.error(fault);
  await take(seen, `state-${state.name.replaceAll(" ", "-")}`, widths);
}

// What was started ends with this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

await main();
console.log(`${taken} pictures in ${folder}`);
process.exit(0);
