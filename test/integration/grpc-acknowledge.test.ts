// Acknowledgements over the wire: at the watch's own server, through another one, and after coming back elsewhere.

import { Client, credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { encode } from "../../src/etcd/json-codec.js";
import { rosterKey } from "../../src/etcd/keys.js";
import { rosterCodec } from "../../src/etcd/record-codec.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { systemClock } from "../../src/system.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { until } from "../support/until.js";
import { Watching } from "../support/watching.js";

const GROUP = { service: "web", labels: ["dev"] };
const CONTAINER = { namespace: "default", ...GROUP, name: "a" };
const KEY = "/services/web/dev/containers/a/info";
const RECORD = JSON.stringify({ instance_name: "a", instance_host: "10.1.1.1", instance_port: 1, port_mappings: {} });

let etcd: TestEtcd;
let wire: EtcdWire;
let first: DiscoveryServer;
let second: DiscoveryServer;
let toFirst: Connection;
let toSecond: Connection;
const clients: { close(): void }[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  [first, second] = [await DiscoveryServer.start(etcd.endpoint), await DiscoveryServer.start(etcd.endpoint)];
  [toFirst, toSecond] = [connect(first.address), connect(second.address)];
  clients.push(toFirst, toSecond);
  await until("both to be registered", async () => {
    const { kvs } = await wire.range({ key: "/theseus/servers/", end: "/theseus/servers0" });
    return kvs.length === 2;
  });
}, 30_000);
afterAll(async () => {
  for (const client of clients) client.close();
  await Promise.all([first.stop(), second.stop()]);
  wire.close();
  await etcd.stop();
});

function watch(address: string, more: object = {}): Watching {
  const client = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  clients.push(client);
  return new Watching(client, { target: { $case: "group", value: GROUP }, acknowledges: true, ...more });
}

/** "a" is there, and every server knows it. */
async function arrive(): Promise<void> {
  const { revision } = await wire.txn([], [{ op: "put", key: KEY, value: RECORD }]);
  await Promise.all([first.reached(revision), second.reached(revision)]);
}

/** "a" leaves; the revision of that, which every server knows. */
async function leave(): Promise<bigint> {
  const { revision } = await wire.txn([], [{ op: "delete", key: KEY }]);
  await Promise.all([first.reached(revision), second.reached(revision)]);
  return revision;
}

function waited(server: DiscoveryServer, revision: bigint): string[] {
  const leaving = { container: CONTAINER, revision, ackDeadline: 60_000 };
  return server.catalog.book.unanswered(leaving).map(({ watcherId }) => watcherId);
}

const noMore = (server: DiscoveryServer, revision: bigint) =>
  until("the acknowledgement to count", () => waited(server, revision).length === 0);

describe("an acknowledgement", () => {
  it("counts at the watch's own server, sent twice or late too", async () => {
    await arrive();
    const watching = watch(first.address, { watcherId: "own" });
    await watching.first();
    const before = watching.cursor;
    const revision = await leave();
    await watching.reached(revision);
    expect(waited(first, revision)).toEqual(["own"]);
    const { watchId, cursor } = watching;
    await toFirst.discovery.acknowledge({ watchId, cursor: before });
    expect(waited(first, revision)).toEqual(["own"]);
    for (const one of [cursor, cursor, before]) await toFirst.discovery.acknowledge({ watchId, cursor: one });
    expect(waited(first, revision)).toEqual([]);
    watching.cancel();
  });

  it("sent to another server is passed on, and counts when it is answered", async () => {
    await arrive();
    const watching = watch(first.address, { watcherId: "through" });
    await watching.first();
    const revision = await leave();
    await watching.reached(revision);
    await toSecond.discovery.acknowledge({ watchId: watching.watchId, cursor: watching.cursor });
    expect(waited(first, revision)).toEqual([]);
    watching.cancel();
  });

  it("of a watcher that came back to another server counts at the one that it lost, step by step", async () => {
    await arrive();
    const proxy = await startTcpProxy(Number(first.address.split(":")[1]));
    try {
      const lost = watch(`127.0.0.1:${proxy.port}`, { watcherId: "back" });
      await lost.first();
      proxy.refuse();
      await until("the connection to be lost", () => lost.ended !== undefined);
      const revision = await leave();
      expect(waited(first, revision)).toEqual(["back"]);
      const { cursor, watchId: lastWatchId } = lost;
      const again = watch(second.address, { watcherId: "back", cursor, lastWatchId });
      await again.reached(revision);
      // It began at the second when the container had left already: there is nothing to wait for there.
      expect([waited(first, revision), waited(second, revision)]).toEqual([["back"], []]);
      await toSecond.discovery.acknowledge({ watchId: again.watchId, cursor: again.cursor });
      await noMore(first, revision);
      again.cancel();
    } finally {
      await proxy.close();
    }
  });

  it("for a watch that nobody has is told so; for a server that may come back, to be said again", async () => {
    const watching = watch(first.address);
    await watching.first();
    const { watchId, cursor } = watching;
    watching.cancel();
    await until("it to be gone", () => first.answers?.followers === 0);
    const mark = encode(rosterCodec, { since: systemClock.now() });
    await wire.txn([], [{ op: "put", key: rosterKey("gone"), value: mark }]);
    for (const { discovery } of [toFirst, toSecond]) {
      for (const nobodys of [watchId, `nobody.${"0".repeat(32)}`]) {
        await expect(discovery.acknowledge({ watchId: nobodys, cursor })).rejects.toMatchObject({
          reason: "NO_SUCH_WATCH",
          code: 5,
        });
      }
      await expect(discovery.acknowledge({ watchId: `gone.${"0".repeat(32)}`, cursor })).rejects.toMatchObject({
        reason: "NOT_READY",
        code: 14,
      });
    }
  });

  it("without a watch or a cursor is refused", async () => {
    await expect(toFirst.discovery.acknowledge({})).rejects.toMatchObject({
      reason: "INVALID_REQUEST",
      violations: [{ field: "watch_id" }, { field: "cursor" }],
    });
    await expect(toFirst.discovery.acknowledge({ watchId: "x", cursor: "y" })).rejects.toMatchObject({
      reason: "INVALID_REQUEST",
    });
  });
});
