// Every screen and every state of the viewer as pictures, light and dark, at 400, 1280 and 1920 wide, of the seeded fleet:
// `screenshots.ts [FOLDER]`, default .build/screenshots.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createEtcdWire } from "../../src/etcd/wire.js";
import { systemClock } from "../../src/system.js";
import { startEtcd } from "../support/start-etcd.js";
import { startServer } from "../support/theseus.js";
import { fill } from "./seeded/house.js";
import { DISCONNECTED, LIVE, RECONNECTING, SERVER_AWAY, STORE_AWAY, type State, stateShown } from "./states/words.js";
import { endBrowser, type Visit, visit } from "./support/browser.js";
import { look } from "./support/inside.js";
import { untilKnown } from "./support/known.js";
import { ALL_SCREENS, open, type Screen } from "./support/screens.js";
import { startViewer } from "./support/viewer.js";

const CONTAINERS = 10_000;
const WIDTHS = [400, 1280, 1920];
const HEIGHT = 900;
const THEMES = ["light", "dark"] as const;
const SILENT = ["--docker", "tcp://127.0.0.1:1", "--listen-http", "off"];
/** What states are shown on. */
const UNDER: Screen = { name: "groups", path: "groups", screen: "groups" };

const folder = process.argv[2] ?? ".build/screenshots";
let taken = 0;

async function take({ page }: Visit, name: string): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    for (const width of WIDTHS) {
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
    const seen = await visit(viewer.url);
    for (const screen of ALL_SCREENS) {
      await open(seen, viewer.url, screen);
      await take(seen, screen.name);
    }
    await small(seen, viewer.url);
    await open(seen, viewer.url, UNDER);
    await during(seen, STORE_AWAY, () => etcd.pause());
    etcd.resume();
    await during(seen, LIVE, async () => undefined);
    await during(seen, SERVER_AWAY, () => server.child.kill9());
    await during(seen, RECONNECTING, () => viewer.child.kill9());
    await during(seen, DISCONNECTED, async () => undefined);
  } finally {
    await endBrowser();
    for (const end of ending.reverse()) await end();
    wire.close();
    await etcd.stop();
  }
}

/** What opens over the page. */
async function small(seen: Visit, url: string): Promise<void> {
  const { keyboard } = seen.page;
  const over: readonly (readonly [name: string, keys: () => Promise<void>])[] = [
    ["palette", () => keyboard.press("Control+k")],
    ["keys", () => keyboard.press("?")],
    ["suggestions", async () => keyboard.press("/").then(() => keyboard.type("st"))],
  ];
  for (const [name, keys] of over) {
    await open(seen, url, UNDER);
    await keys();
    await take(seen, name);
  }
}

/** A state that does not come is named, and its picture shows what there was instead. */
async function during(seen: Visit, state: State, begin: () => Promise<unknown>): Promise<void> {
  await begin();
  for (const fault of await stateShown(seen.page, state, 40_000)) console.error(fault);
  await take(seen, `state-${state.name.replaceAll(" ", "-")}`);
}

// What was started ends with this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

await main();
console.log(`${taken} pictures in ${folder}`);
process.exit(0);
