// Proof `viewer-states`: the viewer, the server, the store and the engine go away and come back, under a page that stays
// open: each state is shown as it is written down, clears by itself, and leaves the page as a fresh one would be.

import { createServer } from "node:http";
import { createEtcdWire } from "../../../src/etcd/wire.js";
import { systemClock } from "../../../src/system.js";
import type { Proof, Report } from "../../proof/proof.js";
import { startEtcd } from "../../support/start-etcd.js";
import { startServer } from "../../support/theseus.js";
import { containerOps } from "../seeded/group-records.js";
import { fill, writeAll } from "../seeded/house.js";
import { visit } from "../support/browser.js";
import { untilKnown } from "../support/known.js";
import { startViewer } from "../support/viewer.js";
import { engineAway } from "./engine-away.js";
import { outages, type Parts } from "./outages.js";
import { countSeen, forgetSeen, neverSeen } from "./seen.js";
import { versionChanged } from "./updated.js";
import { DISCONNECTED, SERVER_AWAY, STORE_AWAY, stateShown } from "./words.js";

const CONTAINERS = 200;
const SILENT = ["--docker", "tcp://127.0.0.1:1", "--listen-http", "off"];

async function check(): Promise<Report> {
  const violations: string[] = [];
  forgetSeen();
  // One that cannot be run does not hide what another has found.
  for (const part of [underOutages, engineAway])
    violations.push(
      ...(await part().catch((error: unknown) => [error instanceof Error ? `${error.stack}` : String(error)])),
    );
  return { cases: countSeen(), violations: [...violations, ...neverSeen()] };
}

async function underOutages(): Promise<readonly string[]> {
  const etcd = await startEtcd({ detached: true });
  const wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  const parts: Partial<Parts> = {};
  try {
    const [group] = await fill(wire, CONTAINERS);
    parts.server = await startServer({ etcd: etcd.endpoint, flags: SILENT });
    parts.viewer = await startViewer(parts.server.listeners.grpc);
    await untilKnown(parts.viewer.url, CONTAINERS);
    let port = 50_000;
    const change = async (): Promise<void> => {
      port += 1;
      if (group !== undefined) await writeAll(wire, containerOps(group, 2, { now: Date.now(), rev: group.rev, port }));
    };
    const found = await outages(Object.assign(parts, { etcd, wire }) as Parts, change);
    return [...found, ...(await versionChanged(parts.server.listeners.grpc))];
  } finally {
    await parts.viewer?.child.kill9();
    await parts.server?.child.kill9();
    wire.close();
    await etcd.stop();
  }
}

const ALWAYS_WELL = `<!doctype html><html lang="en"><head><title>theseus</title></head><body><main>all is well</main>
<footer><span data-link="live">● live · rev 1 · 10:00:00</span><span class="totals">3 groups 3 ✓</span></footer></body></html>`;

/** A page that goes on saying that all is well. */
async function control(): Promise<Report> {
  const server = createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end(ALWAYS_WELL));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  const seen = await visit(url);
  try {
    await seen.page.goto(url);
    const found: string[] = [];
    for (const state of [SERVER_AWAY, STORE_AWAY, DISCONNECTED]) {
      found.push(...(await stateShown(seen.page, state, 500)));
      // It may also know the word alone.
      await seen.page.evaluate(`document.querySelector("[data-link]").dataset.link = "${state.link}"`);
      const half = await stateShown(seen.page, state, 500);
      if (half.length < 3) return { cases: 1, violations: [] };
      found.push(...half);
    }
    return { cases: found.length, violations: found };
  } finally {
    await seen.close();
    server.close();
  }
}

export const viewerStates: Proof = { name: "viewer-states", check, control };
