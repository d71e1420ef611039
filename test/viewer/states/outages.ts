// The viewer, the server and the store go away and come back, one after another, under a page that stays open.

import type { EtcdWire } from "../../../src/model/ports.js";
import type { TestEtcd } from "../../support/start-etcd.js";
import { type RunningServer, startServer } from "../../support/theseus.js";
import { visit } from "../support/browser.js";
import { open, settled } from "../support/screens.js";
import { type RunningViewer, startViewer } from "../support/viewer.js";
import { FIRST_MOMENTS } from "./first-moments.js";
import { unlikeFresh } from "./fresh.js";
import { saw } from "./seen.js";
import { DISCONNECTED, LIVE, RECONNECTING, SERVER_AWAY, STORE_AWAY, stateShown } from "./words.js";

export type Parts = {
  readonly etcd: TestEtcd;
  readonly wire: EtcdWire;
  server: RunningServer;
  viewer: RunningViewer;
};

const SCREEN = { name: "containers", path: "containers", screen: "containers" };

/** @param change writes something while nobody can tell of it. */
export async function outages(parts: Parts, change: () => Promise<void>): Promise<readonly string[]> {
  const { url } = parts.viewer;
  const seen = await visit(url);
  const { page } = seen;
  const faults: string[] = [];
  try {
    for (const [name, step] of Object.entries(FIRST_MOMENTS)) {
      const found = await step(seen, url);
      if (found.length === 0) saw(name);
      faults.push(...found);
    }
    seen.mayFail = true;
    await open(seen, url, SCREEN);
    faults.push(...(await stateShown(page, LIVE)));
    for (const [name, outage] of Object.entries({ serverAway, storeAway, storeKilled, viewerAway })) {
      const found = [...(await outage(parts, page, change)), ...(await stateShown(page, LIVE, 40_000))];
      await settled({ page }, SCREEN.screen);
      found.push(...(await unlikeFresh(page, SCREEN.screen, parts.server.listeners.grpc)));
      faults.push(...found.map((fault) => `${name}: ${fault}`));
    }
    return [...faults, ...seen.faults];
  } finally {
    await seen.close();
  }
}

type Page = Awaited<ReturnType<typeof visit>>["page"];
type Outage = (parts: Parts, page: Page, change: () => Promise<void>) => Promise<readonly string[]>;

const portOf = (address: string): string => address.slice(address.lastIndexOf(":") + 1);

const serverAway: Outage = async (parts, page, change) => {
  await parts.server.child.kill9();
  const found = await stateShown(page, SERVER_AWAY);
  await change();
  parts.server = await startServer({
    etcd: parts.etcd.endpoint,
    flags: ["--docker", "tcp://127.0.0.1:1", "--listen-http", "off", "--listen", parts.server.listeners.grpc],
  });
  return found;
};

const storeAway: Outage = async ({ etcd }, page) => {
  await etcd.pause();
  const found = await stateShown(page, STORE_AWAY);
  etcd.resume();
  return found;
};

const storeKilled: Outage = async ({ etcd }, page) => {
  await etcd.kill9();
  const found = await stateShown(page, STORE_AWAY);
  await etcd.start();
  return found;
};

/** For five seconds nobody is bothered; then it is said, with the next try, which can be had at once. */
const viewerAway: Outage = async (parts, page, change) => {
  const listen = `127.0.0.1:${portOf(new URL(parts.viewer.url).host)}`;
  await parts.viewer.child.kill9();
  const found = [...(await stateShown(page, RECONNECTING)), ...(await stateShown(page, DISCONNECTED))];
  await change();
  parts.viewer = await startViewer(parts.server.listeners.grpc, listen);
  await page
    .getByRole("button", { name: "now", exact: true })
    .click({ timeout: 3_000 })
    .catch(() => undefined);
  return found;
};
