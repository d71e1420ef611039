// The server of one person, `server start --dev`: everything is in a folder of this machine, with nothing but Docker.

import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "../../clients/connect.js";
import { Stage } from "../proof/stage.js";
import { Child } from "../support/child.js";
import { ObservedGroup } from "../support/observed-group.js";
import { BIN, type RunningServer, startServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const QUIET = ["--listen-http", "off", "--listen-discovery", "off", "--listen-viewer", "none", "--leader-ttl", "2"];

let stage: Stage;
let server: RunningServer;

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
  server = await stage.startServer();
}, 60_000);

afterAll(() => stage?.strike(), 60_000);

async function create(running: RunningServer, reference: string, instances: number): Promise<ObservedGroup> {
  const group = new ObservedGroup(stage, reference);
  const client = connect(running.listeners.grpc);
  const update = { minHealthyTime: { seconds: 0n, nanos: 500_000_000 } };
  const ports = [{ name: "http", container: 8080 }];
  try {
    await client.theseus.createGroup({ group: group.ref, config: { image: stage.image, instances, ports, update } });
  } finally {
    client.close();
  }
  return group;
}

/** Names that a lookup gives. */
async function discovered(running: RunningServer, service: string): Promise<string[]> {
  const client = connect(running.listeners.grpc);
  try {
    const target = { $case: "selector" as const, value: { service } };
    const { endpoints } = await client.discovery.lookup({ target });
    return endpoints.map(({ container }) => container?.name ?? "").sort();
  } finally {
    client.close();
  }
}

describe("a server with the embedded store", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)(
    "finds its groups after %s, and replaces no container",
    async (signal) => {
      const web = await create(server, `web/${signal.toLowerCase()}`, 2);
      await web.ready(2);
      const found = await discovered(server, "web");
      const starts = async () => (await web.inspected()).map(({ Id, State }) => [Id, State.StartedAt]);
      await web.stable();
      const before = await starts();
      await (signal === "SIGTERM" ? server.child.stop() : server.child.kill9());
      expect(await server.child.ended).toBe(signal === "SIGTERM" ? 0 : null);
      server = await stage.startServer();
      expect(await discovered(server, "web")).toEqual(found);
      // A group of its own shows that it is in office and at work.
      await (await create(server, `after/${signal.toLowerCase()}`, 1)).ready(1);
      expect(await starts()).toEqual(before);
      expect(await discovered(server, "web")).toEqual(found);
    },
    60_000,
  );

  it("shows its keys to etcdctl, and takes what etcdctl writes", async () => {
    const keys = await stage.kept.ctl("get", "--prefix", "/services", "--keys-only");
    expect(keys).toContain("/services/web/sigterm/config\n");
    const info = { instance_name: "by-hand", instance_host: "127.0.0.1", instance_port: 1, port_mappings: {} };
    await stage.kept.ctl("put", "/services/hand/made/containers/by-hand/info", JSON.stringify(info));
    await until("it to be found", async () => (await discovered(server, "hand")).length === 1);
  });

  it("refuses a second server on its folder, and says who holds it", async () => {
    const args = [BIN, "server", "start", ...stage.kept.serverFlags, "--listen", "127.0.0.1:0", ...QUIET];
    const second = new Child(process.execPath, args);
    expect(await second.ended).toBe(2);
    expect(second.stderr).toMatch(/^error: .*\n {2}why {3}.*\n {2}now {3}.*\n {2}next {2}/);
    expect(second.stderr).toContain(String(server.child.pid));
    expect(second.stderr).not.toMatch(/ at .*\.js:\d+/);
    expect(await discovered(server, "hand")).toEqual(["by-hand"]);
  }, 30_000);
});

describe("a server with --clean", () => {
  let folder: string | undefined;

  afterEach(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function startClean(...flags: string[]): Promise<{ cleaning: RunningServer; data: string }> {
    folder = await mkdtemp(join(tmpdir(), "theseus-clean-"));
    const data = join(folder, "data");
    const cleaning = await startServer({ store: ["--dev", "--data", data, "--clean"], flags: [...QUIET, ...flags] });
    return { cleaning, data };
  }

  async function containersOf(running: RunningServer): Promise<() => Promise<number>> {
    const client = connect(running.listeners.grpc);
    const { clusterId } = await client.theseus.getServerStatus({});
    client.close();
    return async () => (await stage.engine.containers(["theseus.cluster", clusterId])).length;
  }

  it("removes its groups and its folder when it is told to stop, and nobody else's", async () => {
    const others = await discovered(server, "web");
    const { cleaning } = await startClean();
    await create(cleaning, "web/clean", 2);
    await until("them to run", async () => (await discovered(cleaning, "web")).length === 2);
    const count = await containersOf(cleaning);
    expect(await count()).toBe(2);
    await cleaning.child.stop(60_000);
    expect(await cleaning.child.ended).toBe(0);
    expect(cleaning.child.stdout).toMatch(/removing all groups.*\neverything is removed, its folder too\n$/);
    expect(await count()).toBe(0);
    expect(await readdir(folder ?? "")).toEqual([]);
    expect(await discovered(server, "web")).toEqual(others);
  }, 90_000);

  it("leaves in its folder what is not its own", async () => {
    const { cleaning, data } = await startClean();
    await writeFile(join(data, "diary.txt"), "mine");
    await cleaning.child.stop(60_000);
    expect(await cleaning.child.ended).toBe(0);
    expect(await readdir(data)).toEqual(["diary.txt"]);
    expect(cleaning.child.stdout).toContain("diary.txt");
  }, 60_000);
});
