// An engine that is stopped and started under a page that shows its host and its containers.

import { EmbeddedFolder } from "../../support/embedded-folder.js";
import { importBusyboxImage } from "../../support/images.js";
import { startPrivateEngine } from "../../support/start-docker.js";
import { type RunningServer, startServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import { visit } from "../support/browser.js";
import { open, settled } from "../support/screens.js";
import { wordsIn } from "../support/wait.js";
import { unlikeFresh } from "./fresh.js";
import { saw } from "./seen.js";

const IMAGE = "viewer-states:1";
const INSTANCES = 2;
const BACK_WITHIN_MS = 60_000;
const HOSTS = { name: "hosts", path: "hosts?as=table", screen: "hosts" };

/** @returns what was not as written while it was away, or did not clear by itself afterwards. */
export async function engineAway(): Promise<readonly string[]> {
  const engine = await startPrivateEngine();
  const folder = await EmbeddedFolder.make();
  try {
    await importBusyboxImage(engine.socket, IMAGE, { command: ["/bin/sleep", "100000"] });
    const store = [...folder.serverFlags];
    const flags = ["--listen-http", "off", "--listen-discovery", "off"];
    const server = await startServer({ store, dockerSocket: engine.socket, flags, viewer: "127.0.0.1:0" });
    try {
      const made = await server.theseus(["create", "still/dev", "--image", IMAGE, "--instances", String(INSTANCES)]);
      if (made.code !== 0) throw new Error(`the group was not created: ${made.stdout}${made.stderr}`);
      return await watched(server, engine);
    } finally {
      await server.child.kill9();
    }
  } finally {
    await folder.stop();
    await engine.cleanUp();
  }
}

type Engine = Awaited<ReturnType<typeof startPrivateEngine>>;

async function watched({ listeners }: RunningServer, engine: Engine): Promise<readonly string[]> {
  const [url, server] = [`${listeners.viewer}/`, listeners.grpc];
  const [hosts, containers] = [await visit(url), await visit(url)];
  try {
    await open(hosts, url, HOSTS);
    await open(containers, url, { name: "containers", path: "containers", screen: "containers" });
    const text = (): Promise<string> => wordsIn(hosts.page, "[data-row=local]");
    const is = (word: string) => async () => (await text()).includes(word);
    await until("the host to be ready", is("ready"));
    await engine.stop();
    const faults: string[] = [];
    const silent = until("the host to be shown as silent", is("silent"), { withinMs: BACK_WITHIN_MS });
    await silent.catch((error: unknown) => faults.push(String(error)));
    if ((await hosts.page.locator("tr.stale[data-row=local]").count()) === 0)
      faults.push("the row of a silent host is not hatched");
    const stale = containers.page.locator("tr.stale[data-row]");
    const all = async () => (await stale.count()) === INSTANCES;
    await until("its containers to be hatched", all).catch((error: unknown) => faults.push(String(error)));
    if (faults.length === 0) saw("engine away");
    await engine.start();
    const back = until("the host to be ready again", is("ready"), { withinMs: BACK_WITHIN_MS });
    await back.catch((error: unknown) => faults.push(String(error)));
    const ready = async () =>
      (await containers.page.locator('tr:not(.stale) [data-state="ready"]').count()) === INSTANCES;
    const again = until("the containers to be ready again", ready, { withinMs: BACK_WITHIN_MS });
    await again.catch((error: unknown) => faults.push(String(error)));
    if (faults.length === 0) saw("engine back");
    await settled(containers, "containers");
    faults.push(
      ...(await unlikeFresh(containers.page, "containers", server)),
      ...(await unlikeFresh(hosts.page, "hosts", server)),
    );
    return [...faults, ...hosts.faults, ...containers.faults].map((fault) => `engine away: ${fault}`);
  } finally {
    await hosts.close();
    await containers.close();
  }
}
