// The viewer on a server whose store goes away and comes back, is put back to an older state, or whose network is cut.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";
import { type RunningServer, startServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { ViewerStream } from "../support/viewer-stream.js";
import { type RunningViewer, startViewer } from "../viewer/support/viewer.js";

const PATIENCE = { withinMs: 40_000 };

let folder: string;
let etcd: TestEtcd;
let server: RunningServer;
let proxy: TcpProxy;
let viewer: RunningViewer;
let stream: ViewerStream;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "theseus-viewer-"));
  etcd = await startEtcd();
  const quiet = ["--listen-http", "off", "--listen-discovery", "off", "--leader-ttl", "2"];
  server = await startServer({ etcd: etcd.endpoint, flags: quiet });
  proxy = await startTcpProxy(Number(server.listeners.grpc.split(":")[1]));
  viewer = await startViewer(`127.0.0.1:${proxy.port}`);
  stream = new ViewerStream(viewer.url);
  await until("all to be well", () => stream.truth?.state === "ok" && stream.truth.leader !== "");
}, 60_000);

afterAll(async () => {
  stream?.close();
  await viewer?.child.stop();
  await proxy?.close();
  await server?.child.stop();
  await etcd?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}, 60_000);

/** A container that a program has put there by hand. */
async function put(name: string): Promise<void> {
  const info = { instance_name: name, instance_host: "10.0.0.1", instance_port: 80, port_mappings: {} };
  await etcd.ctl("put", `/services/hand/made/containers/${name}/info`, JSON.stringify(info));
}

const names = () => stream.containersOf("hand/made").map(({ name }) => name);
const state = (wanted: string) => until(`it to be ${wanted}`, () => stream.truth?.state === wanted, PATIENCE);

describe("the viewer", () => {
  it("says that the store is away, keeps what it knew, and has what is new once it is back", async () => {
    await put("a");
    await until("a", () => names().includes("a") && stream.group("hand/made") !== undefined);
    await etcd.kill9();
    await state("store-away");
    expect(names()).toEqual(["a"]);
    await etcd.restart();
    await put("b");
    await state("ok");
    await until("b", () => names().sort().join() === "a,b", PATIENCE);
  }, 120_000);

  it("says that the server is away when nothing comes through, and goes on when something does", async () => {
    proxy.refuse();
    await state("server-away");
    await put("c");
    expect(names().sort()).toEqual(["a", "b"]);
    proxy.accept();
    await until("c", () => names().includes("c"), PATIENCE);
    await state("ok");
    // Cut for a moment it loses nothing, and falls silent it is noticed.
    proxy.cut();
    await put("d");
    await until("d", () => names().includes("d"), PATIENCE);
    proxy.swallow();
    await state("server-away");
    proxy.release();
    await state("ok");
  }, 120_000);

  it("follows a store that was put back to an older state", async () => {
    const backup = join(folder, "backup.db");
    await etcd.ctl("snapshot", "save", backup);
    await put("gone-later");
    await until("it", () => names().includes("gone-later"));
    await etcd.restore(backup);
    await until("it to be gone", () => names().sort().join() === "a,b,c,d", PATIENCE);
    await until("the group to be told as it is", () => stream.group("hand/made")?.ready === 4, PATIENCE);
    await state("ok");
  }, 120_000);
});
