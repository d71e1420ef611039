// Watching over the wire and a real etcd: from a snapshot to changes, coming back, standing still, many, and the end.

import { Client, credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { RetryInfo } from "../../clients/gen/google/rpc/error_details.js";
import { Status } from "../../clients/gen/google/rpc/status.js";
import {
  Consistency,
  DiscoveryServiceService as Discovery,
  LookupRequest,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { systemClock } from "../../src/system.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { until } from "../support/until.js";
import { isUnavailable, Watching } from "../support/watching.js";
import { detailsOf, failureOf } from "../unit/grpc/rig.js";

let etcd: TestEtcd;
let wire: EtcdWire;
let server: DiscoveryServer;
let client: Client;
const clients: Client[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  server = await DiscoveryServer.start(etcd.endpoint);
  await server.reached(1n);
  client = connectTo(server.address);
}, 30_000);
afterAll(async () => {
  for (const one of clients) one.close();
  await server.stop();
  wire.close();
  await etcd.stop();
});

function connectTo(address: string): Client {
  // A connection of its own for each client.
  const one = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  clients.push(one);
  return one;
}

/** Writes records as somebody would by hand, all at one revision. */
async function put(service: string, names: string | readonly string[], weight = 100): Promise<bigint> {
  const ops = [names]
    .flat()
    .map((name) => ({ op: "put", key: infoKey(service, name), value: infoOf(name, weight) }) as const);
  return (await wire.txn([], ops)).revision;
}

function infoOf(name: string, weight: number): string {
  const port_mappings = { http: { external: 8080, exposed: 80, protocol: "tcp" } };
  return JSON.stringify({ instance_name: name, instance_host: "10.1.1.1", instance_port: 8080, weight, port_mappings });
}

async function remove(service: string, name: string): Promise<bigint> {
  return (await wire.txn([], [{ op: "delete", key: infoKey(service, name) }])).revision;
}

const infoKey = (service: string, name: string): string => `/services/${service}/-/containers/${name}/info`;
const of = (service: string) => ({ target: { $case: "group" as const, value: { service } } });

function watch(service: string, more: object = {}, by = client): Watching {
  return new Watching(by, { ...of(service), ...more });
}

async function lookupNames(service: string, more: Partial<LookupRequest> = {}): Promise<string[]> {
  const { path, requestSerialize, responseDeserialize } = Discovery.lookup;
  const request = { ...LookupRequest.fromPartial(of(service) as never), ...more };
  const { endpoints } = await new Promise<ReturnType<typeof responseDeserialize>>((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
      error === null && answer !== undefined ? resolve(answer) : reject(error),
    );
  });
  return endpoints.map(({ container }) => container?.name ?? "").sort();
}

describe("a watch", () => {
  it("begins with a snapshot, hears each change at its revision, and has what a lookup has", async () => {
    await server.reached(await put("one", "a"));
    const watching = watch("one");
    await watching.first();
    expect(watching.messages[0]?.content).toMatchObject({
      $case: "snapshot",
      value: { matchingGroups: 1, matchingContainers: 1, endpoints: [{ weight: 100, portName: "http" }] },
    });
    expect(watching.watchId.startsWith(`${server.serverId}.`)).toBe(true);
    const revisions = [await put("one", "b", 7), await put("elsewhere", "z"), await remove("one", "a")];
    await watching.reached(revisions[2] ?? 0n);
    expect(watching.kinds).toEqual(["snapshot", "delta", "delta"]);
    expect(watching.messages.slice(1).map(({ revision }) => revision)).toEqual([revisions[0], revisions[2]]);
    expect(watching.messages.slice(1).map(({ watchId }) => watchId)).toEqual(["", ""]);
    expect(watching.endpoints.map(({ weight }) => weight)).toEqual([7]);
    expect(watching.names).toEqual(await lookupNames("one"));
    watching.cancel();
  });

  it("of something that is not there says what is near, and hears when it comes", async () => {
    await server.reached(await put("payment", "a"));
    const watching = watch("paymnet");
    await watching.first();
    expect(watching.messages[0]?.content).toMatchObject({ $case: "snapshot", value: { nearMisses: ["payment/-"] } });
    await watching.reached(await put("paymnet", "b"));
    expect(watching.names).toEqual(["b"]);
    watching.cancel();
  });

  it("comes back with its cursor and hears only what it missed, even where another server remembers less", async () => {
    await server.reached(await put("back", "a"));
    const first = watch("back");
    await first.first();
    first.cancel();
    const missed = await put("back", "b");
    await server.reached(missed);
    const second = watch("back", { cursor: first.cursor, lastWatchId: first.watchId });
    await second.reached(missed);
    expect(second.kinds).toEqual(["delta"]);
    second.cancel();
    const other = await DiscoveryServer.start(etcd.endpoint);
    try {
      await other.reached(await put("back", "c"));
      const third = watch("back", { cursor: second.cursor }, connectTo(other.address));
      await third.first();
      expect([third.kinds, third.names]).toEqual([["snapshot"], ["a", "b", "c"]]);
      third.cancel();
    } finally {
      await other.stop();
    }
  });

  it("has the truth again after history was compacted under its server, which was cut off meanwhile", async () => {
    const proxy = await startTcpProxy(etcd.port);
    const cut = await DiscoveryServer.start(`http://127.0.0.1:${proxy.port}`);
    try {
      await cut.reached(await put("gap", "a"));
      const watching = watch("gap", {}, connectTo(cut.address));
      await watching.first();
      proxy.refuse();
      await remove("gap", "a");
      const last = await put("gap", "b");
      await etcd.ctl("compact", String(last));
      proxy.accept();
      await until("the watch to have the truth", () => watching.names.join() === "b");
      expect(watching.kinds.filter((kind) => kind === "snapshot")).toHaveLength(2);
      watching.cancel();
    } finally {
      await cut.stop();
      await proxy.close();
    }
  });

  it("gets a cursor of the new epoch as soon as there is one, and one of the old epoch means a snapshot", async () => {
    await server.reached(await put("epoch", "a"));
    const watching = watch("epoch");
    await watching.first();
    const before = watching.cursor;
    await etcd.ctl("put", "/theseus/epochs/feedbeef", JSON.stringify({ at: "2026-01-01T00:00:00Z", leader: false }));
    await until("a bookmark", () => watching.kinds.at(-1) === "bookmark");
    const [old, present] = [watch("epoch", { cursor: before }), watch("epoch", { cursor: watching.cursor })];
    await Promise.all([old.first(), present.first()]);
    expect([old.kinds, present.kinds]).toEqual([["snapshot"], ["bookmark"]]);
    for (const one of [watching, old, present]) one.cancel();
  });

  it("is refused with everything that is wrong with it", async () => {
    const watching = watch("x", { target: undefined, port: "NO", cursor: "made up", lastWatchId: "?" });
    await until("the refusal", () => watching.ended !== undefined);
    const failed = await failureOf(Promise.reject(watching.ended));
    expect(failed).toMatchObject({ code: 3, reason: "INVALID_REQUEST" });
    expect(failed.why.split("\n")).toHaveLength(4);
  });
});

describe("a linearizable lookup", () => {
  const consistency = Consistency.LINEARIZABLE;

  it("has what was written before it, and waits for no change elsewhere", async () => {
    for (let weight = 1; weight <= 20; weight++) {
      await put("line", `n${weight % 2}`, weight);
      expect(await lookupNames("line", { consistency })).toContain(`n${weight % 2}`);
      await remove("line", `n${weight % 2}`);
      expect(await lookupNames("line", { consistency })).toEqual([]);
      await wire.txn([], [{ op: "put", key: "/theseus/requests/default/noise", value: `${weight}` }]);
    }
  });
});

describe("a watcher that stands still", () => {
  it("costs its server no memory for what it does not read, and has the truth when it reads again", async () => {
    await server.reached(await put("still", "a"));
    const [slow, fast] = [watch("still", {}, connectTo(server.address)), watch("still")];
    await Promise.all([slow.first(), fast.first()]);
    slow.pause();
    // Some 5 MB, far more than a connection takes that nobody reads, and than is kept for those who lag behind.
    const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
    let last = 0n;
    for (let weight = 1; weight <= 400; weight++) last = await put("still", names, weight);
    await fast.reached(last);
    expect(fast.kinds.filter((kind) => kind === "delta").length).toBeGreaterThan(256);
    slow.resume();
    await slow.reached(last);
    expect(slow.kinds.filter((kind) => kind === "snapshot")).toHaveLength(2);
    expect(slow.messages.length).toBeLessThan(fast.messages.length / 2);
    expect(slow.names).toEqual(fast.names);
    expect(slow.endpoints.filter(({ weight }) => weight === 400)).toHaveLength(40);
    for (const one of [slow, fast]) one.cancel();
  }, 120_000);
});

describe("a thousand watchers", () => {
  it("cost one watch on the store, all hear of a change, and leave nothing behind", async () => {
    await server.reached(await put("many", "a"));
    const before = server.answers?.followers ?? 0;
    const opened = server.watched.length;
    const five = Array.from({ length: 5 }, () => connectTo(server.address));
    const watchers = five.flatMap((by) => Array.from({ length: 200 }, () => watch("many", {}, by)));
    await Promise.all(watchers.map((one) => one.first()));
    expect(server.answers?.followers).toBe(before + 1000);
    const change = await put("many", "b");
    await Promise.all(watchers.map((one) => one.reached(change)));
    for (const one of watchers) expect(one.kinds).toEqual(["snapshot", "delta"]);
    expect(new Set(watchers.map(({ watchId }) => watchId)).size).toBe(1000);
    expect([server.watched.length - opened, new Set(server.watched).size]).toEqual([0, 1]);
    for (const one of watchers) one.cancel();
    await until("all to be gone", () => server.answers?.followers === before);
  }, 60_000);
});

describe("the end of a watch", () => {
  const left = (revision: bigint, service: string, name: string) => {
    const container = { namespace: "default", service, labels: [], name };
    return server.catalog.book.unanswered({ container, revision, ackDeadline: 60_000 });
  };

  it("by its caller is clean, and nothing waits for it; by a lost connection it is not", async () => {
    await server.reached(await put("ends", "a"));
    const proxy = await startTcpProxy(Number(server.address.split(":")[1]));
    try {
      const broken = connectTo(`127.0.0.1:${proxy.port}`);
      const [clean, lost] = [
        watch("ends", { acknowledges: true, watcherId: "clean" }),
        watch("ends", { acknowledges: true, watcherId: "lost" }, broken),
      ];
      await Promise.all([clean.first(), lost.first()]);
      const revision = await remove("ends", "a");
      await server.reached(revision);
      expect(left(revision, "ends", "a").map(({ watcherId }) => watcherId)).toEqual(["clean", "lost"]);
      clean.cancel();
      proxy.refuse();
      await until("both to be gone", () => left(revision, "ends", "a").every(({ connected }) => !connected));
      expect(left(revision, "ends", "a")).toMatchObject([{ watcherId: "lost", connected: false }]);
    } finally {
      await proxy.close();
    }
  });

  it("by its deadline is not clean: the watcher may come back", async () => {
    await server.reached(await put("late", "a"));
    const target = { $case: "group" as const, value: { service: "late" } };
    const options = { deadline: Date.now() + 1_000 };
    const watching = new Watching(client, { target, acknowledges: true, watcherId: "late" }, options);
    await watching.first();
    const revision = await remove("late", "a");
    await server.reached(revision);
    await until("the end to be known", () => left(revision, "late", "a").every(({ connected }) => !connected));
    expect(left(revision, "late", "a")).toMatchObject([{ watcherId: "late", connected: false }]);
  });

  it("by a server that stops is a last cursor, and the advice to try elsewhere", async () => {
    const leaving = await DiscoveryServer.start(etcd.endpoint);
    try {
      await leaving.reached(await put("stops", "a"));
      const watching = watch("stops", {}, connectTo(leaving.address));
      await watching.first();
      await leaving.stopServing();
      await until("the watch to end", () => watching.ended !== undefined);
      expect(watching.kinds).toEqual(["snapshot", "bookmark"]);
      const { ended } = watching;
      if (!isUnavailable(ended)) throw new Error("it ended in another way");
      const [bytes] = ended.metadata.get("grpc-status-details-bin");
      const details = Status.decode(bytes as Buffer);
      expect(detailsOf(details, "RetryInfo", RetryInfo)).toHaveLength(1);
    } finally {
      await leaving.stop();
    }
  });
});
