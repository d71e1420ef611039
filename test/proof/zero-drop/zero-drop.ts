// Updates of a group, by both orders, under a steady load: not one request fails. Clients know only what Discovery tells
// them: a gRPC channel through the resolver, and HAProxy through `theseus discover`. Docker says when an update is over.

import { randomBytes } from "node:crypto";
import { builtClientFiles } from "../../support/client-in-image.js";
import { etcdctl } from "../../support/etcdctl.js";
import { importNodeImage } from "../../support/images.js";
import { inFolder } from "../../support/temporary-folder.js";
import { DrainLog, type SeenDrain } from "../drain/drain-log.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { Balancer } from "./balancer.js";
import { Load } from "./load.js";
import { Versions } from "./versions.js";
import { overGrpc, overHttp } from "./ways.js";
import { BACKEND } from "./work.js";

type Measure = {
  readonly instances: number;
  readonly updates: number;
  readonly requests: number;
  /** Requests a second on each of the two ways. */
  readonly perSecond: number;
};

export async function imageOf(stage: Stage): Promise<string> {
  const tag = `theseus-zero-drop-${randomBytes(4).toString("hex")}:1`;
  stage.keepImage(tag);
  const files = { ...(await builtClientFiles("/app")), "/app/backend.mjs": BACKEND };
  await importNodeImage(stage.engine.socket, tag, { files, changes: ["WORKDIR /app"], command: ["backend.mjs"] });
  return tag;
}

/** At work while the group is updated again and again. */
async function underLoad(versions: Versions, address: string, measure: Measure, folder: string): Promise<Report> {
  const balancer = await Balancer.start(folder, address, measure.instances);
  const ways = [overGrpc(address, "theseus:///web?labels=dev&port=grpc"), overHttp(balancer.port)] as const;
  const loads = [new Load("gRPC", ways[0].way, measure.perSecond), new Load("HAProxy", ways[1].way, measure.perSecond)];
  try {
    const before = await balancer.reloads();
    const { updates, faults } = await updatesDuring(versions, loads, measure);
    await Promise.all(loads.map((load) => load.end()));
    const reloads = (await balancer.reloads()) - before;
    const connections = ways[1].connections();
    const report = reportOf(loads, { updates, reloads, connections, measure });
    return { ...report, violations: [...faults, ...report.violations] };
  } finally {
    await Promise.all(loads.map((load) => load.end()));
    for (const way of ways) way.close();
    await balancer.stop();
  }
}

type Updates = { readonly updates: number; readonly faults: readonly string[] };

async function updatesDuring(versions: Versions, loads: readonly Load[], measure: Measure): Promise<Updates> {
  const sent = () => loads.reduce((sum, { requests }) => sum + requests, 0);
  const faults: string[] = [];
  let updates = 0;
  for (; updates < measure.updates || sent() < measure.requests; updates += 1) faults.push(...(await versions.next()));
  return { updates, faults };
}

type Figures = {
  readonly updates: number;
  readonly reloads: number;
  /** From the client to HAProxy. */
  readonly connections: number;
  readonly measure: Measure;
};

function reportOf(loads: readonly Load[], { updates, reloads, connections, measure }: Figures): Report {
  const cases = loads.reduce((sum, { requests }) => sum + requests, 0);
  const rate = Math.round(loads.reduce((sum, load) => sum + load.rate, 0));
  console.error(
    `zero-drop: ${updates} updates, ${reloads} reloads, ${rate} requests a second; ` +
      `${loads.map(({ figures }) => figures).join("; ")}; ${connections} connections to HAProxy`,
  );
  const violations = loads.flatMap((load) => load.violations);
  if (cases < measure.requests) violations.push(`${cases} requests were sent, not ${measure.requests}`);
  // Each reload closes every one once, so there are many.
  if (connections > cases / 4) violations.push(`${connections} connections are none that were kept`);
  if (rate < 2 * measure.perSecond * 0.95) violations.push(`${rate} requests a second are too few`);
  return { cases, violations };
}

function onScene(measure: Measure, drained?: (stage: Stage, drain: SeenDrain) => void): Promise<Report> {
  return onStage(async (stage) => {
    const [server, image] = await Promise.all([stage.startServer(), imageOf(stage)]);
    const log = drained && new DrainLog(stage.etcd, (drain) => drained(stage, drain));
    try {
      const versions = new Versions(stage, server, { image, instances: measure.instances });
      await versions.next();
      return await inFolder("zero-drop", (folder) => underLoad(versions, server.listeners.grpc, measure, folder));
    } finally {
      await log?.stop();
    }
  });
}

const FULL: Measure = { instances: 6, updates: 50, requests: 100_000, perSecond: 110 };
const SMALL: Measure = { instances: 3, updates: 2, requests: 2_000, perSecond: 110 };
const CONTROL: Measure = { instances: 3, updates: 1, requests: 0, perSecond: 110 };

/** Another hand says at once, for every server, that nobody is waited for. */
function answerForAll(stage: Stage, { container, servers }: SeenDrain): void {
  for (const server of servers) {
    const key = `/theseus/drains/default/web/dev/${container}/${server}`;
    void etcdctl(stage.etcd.endpoint, ["put", key, '{"awaits":[]}']);
  }
}

export const zeroDrop: Proof = {
  name: "zero-drop",
  check: (size: Size) => onScene(size === "full" ? FULL : SMALL),
  control: () => onScene(CONTROL, answerForAll),
};
