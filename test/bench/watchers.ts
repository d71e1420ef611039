// Ten thousand watchers of one group: how soon a change is with them, and what they cost, against a bare grpc-js server
// that sends the same bytes to everybody. Each server and each crowd has a process of its own; both servers hear of the
// change by a watch of the same etcd, and the time runs from the put.

import type { Etcd3 } from "etcd3";
import { WatchRequest, WatchResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { connect } from "../../clients/index.js";
import { type RunningServer, startServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { type Bench, type Figure, inTurns, median, medianRatio, once, rounded } from "./bench.js";
import { Broadcaster, Watchers } from "./crowd/crowd-processes.js";
import { onEtcd } from "./raw-etcd.js";
import { calmResident, processorTime } from "./resident.js";

/** As many streams as Theseus allows on a connection are 256. */
const [CONNECTIONS, STREAMS] = [50, 200];
const WATCHERS = CONNECTIONS * STREAMS;
const [CHANGES, WARM_UP] = [60, 10];
const PATH = "/theseus.v1.DiscoveryService/Watch";
const TARGET = { $case: "group" as const, value: { service: "crowd", labels: ["dev"] } };
const ENDPOINTS = 10;
/** The bare side's key: it is written in turn with one of the group. */
const BARE_KEY = "/crowd";
/** A change is that much longer than a bookmark, and by less than that do two changes differ. */
const MARGIN = 16;

type Bytes = { readonly first: Buffer; readonly change: Buffer };

/** One server with its crowd. */
type Side = {
  readonly watchers: Watchers;
  readonly latency: () => Promise<number>;
  /** Milliseconds of a processor that the server has used so far. */
  readonly used: () => Promise<number>;
  /** Bytes of the server for each watcher that it has more than before. */
  readonly cost: () => Promise<number>;
};

const endpointKey = (number: number): string => `/services/crowd/dev/containers/one-${number}/info`;

/** As a program writes it that knows nothing but etcd. */
function endpoint(port: number): string {
  const mappings = { http: { external: port, exposed: 8080, protocol: "tcp" } };
  return JSON.stringify({
    instance_name: "one",
    instance_host: "172.17.0.1",
    instance_port: port,
    port_mappings: mappings,
  });
}

const ports = { next: 10_000 };

async function change(raw: Etcd3, key: string): Promise<void> {
  await raw.put(key).value(endpoint(ports.next++));
}

/** What Theseus sends to one who comes, and then of a change. */
async function bytesOf(server: RunningServer, raw: Etcd3): Promise<Bytes> {
  const client = connect(server.listeners.grpc);
  const stop = new AbortController();
  try {
    const messages: WatchResponse[] = [];
    for await (const message of client.discovery.watch({ target: TARGET }, { signal: stop.signal })) {
      if (message.content?.$case === "bookmark") continue;
      if (messages.push(message) === 2) break;
      await change(raw, endpointKey(0));
    }
    const [first, second] = messages.map((message) => Buffer.from(WatchResponse.encode(message).finish()));
    if (first === undefined || second === undefined) throw new Error("the watch ended early");
    return { first, change: second };
  } finally {
    stop.abort();
    client.close();
  }
}

type Server = { readonly port: number; readonly pid: number | undefined; readonly act: () => Promise<void> };

async function sideOf({ port, pid, act }: Server, { change: { length } }: Bytes): Promise<Side> {
  const watchers = new Watchers();
  const request = WatchRequest.encode(WatchRequest.fromPartial({ target: TARGET })).finish();
  const before = await calmResident(pid);
  await watchers.open({
    ...{ port, path: PATH, connections: CONNECTIONS, streams: STREAMS },
    request: Buffer.from(request).toString("base64"),
  });
  return {
    watchers,
    latency: async () => p99(await watchers.until(length - MARGIN, act)),
    used: () => processorTime(pid),
    cost: async () => ((await calmResident(pid)) - before) / WATCHERS,
  };
}

function p99(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? Number.NaN;
}

/** Both sides with their crowds. Memory is looked at before the first change, and again after the last one. */
async function compared(theseus: Side, bare: Side): Promise<{ readonly soon: Figure; readonly small: Figure }> {
  const opened = { theseus: await theseus.cost(), bare: await bare.cost() };
  const sides = { theseus: theseus.latency, bare: bare.latency };
  await inTurns(sides, WARM_UP);
  const begun = { theseus: await theseus.used(), bare: await bare.used() };
  const times = await inTurns(sides, CHANGES);
  const used = { theseus: (await theseus.used()) - begun.theseus, bare: (await bare.used()) - begun.bare };
  const later = { theseus: await theseus.cost(), bare: await bare.cost() };
  const kilobytes = (bytes: number): number => rounded(bytes / 1000);
  return {
    soon: {
      ratio: medianRatio(times.theseus, times.bare),
      detail: {
        ...{ theseus_p99_ms: rounded(median(times.theseus)), bare_p99_ms: rounded(median(times.bare)) },
        ...{ theseus_cpu_ms: rounded(used.theseus / CHANGES), bare_cpu_ms: rounded(used.bare / CHANGES) },
        ...{ watchers: WATCHERS, connections: CONNECTIONS, changes: CHANGES },
      },
    },
    small: {
      ratio: Math.max(opened.theseus, later.theseus) / 1000,
      detail: {
        ...{ theseus_open_kb: kilobytes(opened.theseus), theseus_after_changes_kb: kilobytes(later.theseus) },
        ...{ bare_open_kb: kilobytes(opened.bare), bare_after_changes_kb: kilobytes(later.bare) },
      },
    },
  };
}

const measured = once(() =>
  onEtcd(async ({ raw, endpoint: etcd }) => {
    for (let number = 0; number < ENDPOINTS; number++) await change(raw, endpointKey(number));
    // There is no engine: nothing but discovery runs.
    const flags = ["--docker", "tcp://127.0.0.1:1", "--listen-http", "off"];
    const server = await startServer({ etcd, flags });
    const broadcaster = new Broadcaster();
    const open: Watchers[] = [];
    try {
      const bytes = await until("the watch", () => bytesOf(server, raw).catch(() => false as const));
      const told = { first: bytes.first.toString("base64"), change: bytes.change.toString("base64") };
      const port = await broadcaster.start({ etcd, key: BARE_KEY, path: PATH, ...told });
      const { pid } = server.child;
      const ownPort = Number(server.listeners.grpc.split(":").at(-1));
      const theseus = await sideOf({ port: ownPort, pid, act: () => change(raw, endpointKey(0)) }, bytes);
      open.push(theseus.watchers);
      const bare = await sideOf({ port, pid: broadcaster.pid, act: () => change(raw, BARE_KEY) }, bytes);
      open.push(bare.watchers);
      return await compared(theseus, bare);
    } finally {
      for (const watchers of open) await watchers.close();
      await broadcaster.close();
      await server.child.stop();
    }
  }),
);

export const watchers: Bench = {
  name: "watchers",
  limit: { atMost: 1.3 },
  measure: async () => (await measured()).soon,
};

export const watcherMemory: Bench = {
  name: "watcher-memory",
  unit: "kB a watcher",
  limit: { atMost: 20 },
  measure: async () => (await measured()).small,
};
