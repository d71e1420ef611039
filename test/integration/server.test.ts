// The whole server as its users have it: bin/theseus.js on a real etcd and the machine's Docker Engine.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { Child } from "../support/child.js";
import { removeContainers } from "../support/engine-api.js";
import { importBusyboxImage, removeImage } from "../support/images.js";
import { ObservedEngine } from "../support/observed-engine.js";
import { MACHINE_SOCKET } from "../support/start-docker.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { type RunningServer, startServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const IMAGE = `theseus-server-test:${process.pid}`;
const GROUP = { service: "web", labels: ["dev"] };
const engine = new ObservedEngine();

let etcd: TestEtcd;
let server: RunningServer;
let client: Connection;
let clusterId: string;

beforeAll(async () => {
  etcd = await startEtcd();
  await importBusyboxImage(MACHINE_SOCKET, IMAGE);
  await start();
  clusterId = await until("a cluster id", async () => {
    const { clusterId, leaderId } = await client.theseus.getServerStatus({});
    return leaderId === "" || clusterId === "" ? undefined : clusterId;
  });
}, 60_000);

afterAll(async () => {
  client?.close();
  await server?.child.stop();
  if (clusterId !== undefined) await removeContainers(MACHINE_SOCKET, `theseus.cluster=${clusterId}`);
  await removeImage(MACHINE_SOCKET, IMAGE);
  await etcd?.stop();
}, 60_000);

async function start(flags: readonly string[] = []): Promise<void> {
  client?.close();
  server = await startServer({ etcd: etcd.endpoint, flags });
  client = connect(server.listeners.grpc);
}

async function readyNames(): Promise<string[]> {
  const { endpoints } = await client.discovery.lookup({ target: { $case: "group", value: GROUP }, port: "http" });
  return endpoints.map(({ container }) => container?.name ?? "").sort();
}

/** The names of that many ready containers, as soon as there are so many. */
function ready(count: number): Promise<string[]> {
  return until(`${count} ready`, async () => {
    const names = await readyNames().catch(() => []);
    return names.length === count ? names : undefined;
  });
}

describe("a server", () => {
  it("starts what is asked of it, and tells where it answers", async () => {
    const config = { image: IMAGE, instances: 2, ports: [{ name: "http", container: 8080 }] };
    await client.theseus.createGroup({ group: GROUP, config, requestId: "one" });
    const names = await ready(2);
    const { endpoints } = await client.discovery.lookup({ target: { $case: "group", value: GROUP }, port: "http" });
    const answers = await Promise.all(endpoints.map(({ address, port }) => fetch(`http://${address}:${port}/`)));
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { container: string }[];
    expect(bodies.map(({ container }) => container).sort()).toEqual(names);
    expect(names).toEqual(endpoints.map(({ container }) => container?.name ?? "").sort());
  }, 60_000);

  it("says how it is over HTTP", async () => {
    const http = `http://${server.listeners.http}`;
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${http}/metrics`)).text();
    expect(metrics).toContain('theseus_group_ready{namespace="default",service="web",labels="dev"} 2');
    expect(metrics).toMatch(/theseus_engine_calls_total\{method="start",outcome="ok"\} 2/);
  });

  it("goes on after kill -9 with the same containers, and without a change", async () => {
    const before = await ready(2);
    await server.child.kill9();
    await start();
    expect(await ready(2)).toEqual(before);
    await client.theseus.updateGroup({
      group: GROUP,
      config: { image: IMAGE, instances: 3 },
      updateMask: ["instances"],
    });
    const after = await ready(3);
    expect(after.filter((name) => before.includes(name))).toEqual(before);
    expect(await engine.containers(["theseus.cluster", clusterId])).toHaveLength(3);
  }, 90_000);

  it("answers old state while the store is away, refuses changes at once, and goes on when it is back", async () => {
    const before = await ready(3);
    await etcd.kill9();
    expect(await readyNames()).toEqual(before);
    const change = { group: GROUP, config: { image: IMAGE, instances: 2 }, updateMask: ["instances"] };
    await expect(client.theseus.updateGroup(change)).rejects.toMatchObject({ reason: "STORE_UNREACHABLE" });
    const { storeReachable, problems } = await client.theseus.getServerStatus({});
    expect([storeReachable, problems.length > 0]).toEqual([false, true]);
    await etcd.start();
    await until("the change to be taken", () => client.theseus.updateGroup(change).catch(() => undefined));
    await ready(2);
  }, 90_000);

  it("hands leadership over at once when it is told to stop, ends with 0, and leaves the containers alone", async () => {
    const second = await startServer({ etcd: etcd.endpoint });
    const other = connect(second.listeners.grpc);
    try {
      const before = await ready(2);
      const running = async () => (await engine.containers(["theseus.cluster", clusterId])).length;
      // The one too many stays until it is known whether a watcher of the killed server was sent it.
      await until("the third to be gone", async () => (await running()) === before.length);
      await server.child.stop();
      expect(await server.child.ended).toBe(0);
      await until(
        "the second to lead",
        async () => {
          const { leaderId, serverId } = await other.theseus.getServerStatus({});
          return leaderId === serverId ? true : undefined;
        },
        { withinMs: 4_000 },
      );
      expect(await running()).toBe(before.length);
    } finally {
      other.close();
      await second.child.stop();
    }
    await start();
  }, 60_000);

  it("removes what is asked to go, and nothing stays", async () => {
    await ready(2);
    await client.theseus.removeGroup({ group: GROUP });
    await until("nothing left", async () => {
      const left = await engine.containers(["theseus.cluster", clusterId]);
      const keys = await etcd.ctl("get", "--prefix", "/services", "--keys-only");
      return left.length === 0 && keys.trim() === "" ? true : undefined;
    });
  }, 60_000);

  it("serves discovery alone to containers", async () => {
    const address = server.listeners.discovery;
    if (address === undefined) throw new Error("no discovery listener: this machine has no Docker bridge");
    const inside = connect(address);
    try {
      await expect(inside.discovery.listServices({})).resolves.toMatchObject({ services: [] });
      await expect(inside.theseus.getServerStatus({})).rejects.toMatchObject({ reason: "NO_SUCH_CALL" });
    } finally {
      inside.close();
    }
  });

  it("lives without its engine, and says so", async () => {
    const lonely = await startServer({ etcd: etcd.endpoint, dockerSocket: "/nowhere/docker.sock" });
    try {
      await server.child.stop();
      const there = connect(lonely.listeners.grpc);
      await until("the complaint", async () => {
        const { hosts } = await there.theseus.listHosts({});
        return hosts.some(({ problem }) => problem !== "") ? true : undefined;
      });
      there.close();
      expect(lonely.child.hasEnded).toBe(false);
    } finally {
      await lonely.child.stop();
    }
  }, 60_000);

  it("says in four lines that its address is taken, and ends with 2", async () => {
    await start();
    const taken = ["--etcd", etcd.endpoint, "--listen", server.listeners.grpc, "--listen-viewer", "none"];
    const second = new Child(process.execPath, ["bin/theseus.js", "server", "start", ...taken]);
    expect(await second.ended).toBe(2);
    expect(second.stderr).toMatch(
      /^error: this server cannot listen on 127.*\n {2}why .*taken.*\n {2}now .*\n {2}next /,
    );
    expect(second.stderr).not.toMatch(/ at .*\.js:\d+/);
  }, 30_000);
});
