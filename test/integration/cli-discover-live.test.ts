// discover, watch and get -w against a real server of discovery over a real etcd.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { systemClock } from "../../src/system.js";
import { Child } from "../support/child.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { FollowingCli } from "../support/following-cli.js";
import { type CliResult, runCli } from "../support/run-cli.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { makeFolder } from "../support/temporary-folder.js";
import { BIN } from "../support/theseus.js";
import { until } from "../support/until.js";

let etcd: TestEtcd;
let wire: EtcdWire;
let server: DiscoveryServer;
const started: FollowingCli[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  server = await DiscoveryServer.start(etcd.endpoint);
  await server.reached(1n);
}, 30_000);
afterEach(async () => {
  await Promise.all(started.splice(0).map((cli) => cli.stop()));
});
afterAll(async () => {
  await server.stop();
  wire.close();
  await etcd.stop();
});

const theseus = (...argv: readonly string[]): Promise<CliResult> =>
  runCli(argv, { env: { THESEUS_SERVER: server.address } });

function follow(
  argv: readonly string[],
  more: { readonly cwd?: string; readonly terminal?: boolean } = {},
): FollowingCli {
  const cli = new FollowingCli(argv, { server: server.address, ...more });
  started.push(cli);
  return cli;
}

const infoKey = (service: string, name: string) => `/services/${service}/-/containers/${name}/info`;

function infoOf(name: string, host: string, port: number): string {
  const port_mappings = { http: { external: port, exposed: 80, protocol: "tcp" } };
  const record = { instance_name: name, instance_host: host, instance_port: port, weight: 100, port_mappings };
  return JSON.stringify(record);
}

/** Writes records as somebody would by hand. */
async function put(service: string, ...names: readonly string[]): Promise<void> {
  const ops = names.map(
    (name, index) =>
      ({ op: "put", key: infoKey(service, name), value: infoOf(name, "10.1.1.1", 8080 + index) }) as const,
  );
  await server.reached((await wire.txn([], ops)).revision);
}

async function remove(service: string, name: string): Promise<void> {
  await server.reached((await wire.txn([], [{ op: "delete", key: infoKey(service, name) }])).revision);
}

describe("discover", () => {
  it("waits until so many are ready", async () => {
    const cli = follow(["discover", "min", "--min", "2", "-o", "host:port", "--timeout", "20s"]);
    await put("min", "a");
    await put("min", "a", "b");
    expect(await cli.ended).toBe(0);
    expect(cli.stdout).toBe("10.1.1.1:8080\n10.1.1.1:8081\n");
  });

  it("is exit 9 with what there is when they are not in time", async () => {
    await put("few", "a");
    const { exit, stderr, stdout } = await theseus("discover", "few", "--min", "2", "--timeout", "300ms");
    expect({ exit, stdout }).toEqual({ exit: 9, stdout: "" });
    expect(stderr).toContain("1 of at least 2 are ready for few");
  });

  it("says why there is nothing: no such service, or no such port", async () => {
    await put("why", "a");
    expect(await theseus("discover", "wyh")).toMatchObject({ exit: 4, stdout: "" });
    const { exit, stderr } = await theseus("discover", "why", "-p", "grpc", "-o", "nginx");
    expect(exit).toBe(4);
    expect(stderr).toContain("none of them has a port named grpc");
  });

  it("gives all forms", async () => {
    await put("forms", "a", "b");
    const of = async (format: string) => (await theseus("discover", "forms", "-p", "http", "-o", format)).stdout;
    expect(await of("env")).toContain("FORMS_HTTP_ENDPOINTS=10.1.1.1:8080,10.1.1.1:8081\n");
    expect(await of("haproxy")).toContain(
      "backend forms_http\n  balance roundrobin\n  server forms.a 10.1.1.1:8080 check\n",
    );
    expect(await of("nginx")).toContain("  server 10.1.1.1:8081 max_fails=3 fail_timeout=5s; # forms/-\n");
    expect((await of("jsonl")).trim().split("\n")).toHaveLength(2);
    expect(JSON.parse(await of("json"))).toMatchObject({ kind: "EndpointList", items: [{ name: "a" }, { name: "b" }] });
  });

  it("tells one list per change with --watch -o jsonl, until Ctrl-C", async () => {
    const cli = follow(["discover", "line", "--watch", "-o", "jsonl"]);
    await cli.said("stderr", "there is no service line");
    await put("line", "a");
    await cli.said("stdout", '"name":"a"');
    await put("line", "a", "b");
    await cli.said("stdout", '"name":"b"');
    expect(await cli.stop()).toBe(130);
    const lists = cli.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string; items: unknown[] });
    expect(lists.map(({ kind, items }) => [kind, items.length])).toEqual([
      ["EndpointList", 0],
      ["EndpointList", 1],
      ["EndpointList", 2],
    ]);
  });

  it("keeps a file over changes of the store", async () => {
    const { path, remove: tidy } = await makeFolder("live");
    try {
      const argv = [
        "discover",
        "kept",
        "-p",
        "http",
        "-o",
        "env",
        "--watch",
        "--out",
        "kept.env",
        "--then",
        "cat $FILE >>all",
      ];
      const cli = follow(argv, { cwd: path });
      await cli.said("stderr", "there is no service kept");
      await put("kept", "a", "b");
      await until("two", async () => (await readFile(join(path, "all"), "utf8").catch(() => "")).includes("8081"));
      await remove("kept", "a");
      await until("one", async () => (await readFile(join(path, "all"), "utf8")).endsWith("ENDPOINTS=10.1.1.1:8081\n"));
      await remove("kept", "b");
      await cli.said("stderr", "left as it is");
      expect(await readFile(join(path, "kept.env"), "utf8")).toContain("KEPT_HTTP_HOST=10.1.1.1\n");
      expect(await cli.stop(143)).toBe(143);
    } finally {
      await tidy();
    }
  });
});

describe("discover --watch --out as a process", () => {
  it("ends with SIGTERM, and begins well after a kill", async () => {
    await put("process", "a");
    const { path, remove: tidy } = await makeFolder("process");
    const argv = ["discover", "process", "-o", "host:port", "--watch", "--out", "list"];
    const start = (...more: readonly string[]) =>
      new Child(process.execPath, [BIN, ...argv, ...more], { cwd: path, env: { THESEUS_SERVER: server.address } });
    await writeFile(join(path, "hold"), "");
    const slow = start("--check", "while test -e hold; do sleep 0.05; done");
    try {
      await until("a candidate", async () => (await readdir(path)).length > 1);
      await slow.kill9();
      const well = start();
      await until("the file", async () => (await readFile(join(path, "list"), "utf8").catch(() => "")) !== "");
      await well.stop();
      expect([await well.ended, well.stdout]).toEqual([143, ""]);
      expect(await readdir(path)).toEqual(["hold", "list"]);
    } finally {
      await slow.kill9();
      await tidy();
    }
  });
});

describe("watch", () => {
  const typesOf = ({ stdout }: FollowingCli) =>
    stdout
      .trim()
      .split("\n")
      .map((line) => {
        const { type, kind, object } = JSON.parse(line) as { type: string; kind: string; object?: { name: string } };
        return [type, kind, object?.name].filter((word) => word !== undefined).join(" ");
      });

  it("tells what is there, and then each change as an object", async () => {
    await put("seen", "a");
    const cli = follow(["watch", "seen", "-o", "jsonl"]);
    await cli.said("stdout", "SYNCED");
    await put("seen", "a", "b");
    await cli.said("stdout", "ADDED");
    await remove("seen", "a");
    await cli.said("stdout", "REMOVED");
    expect(await cli.stop()).toBe(130);
    expect(typesOf(cli)).toEqual([
      "SNAPSHOT Container a",
      "SYNCED Container",
      // Its record was written again.
      ...(cli.stdout.includes("CHANGED") ? ["CHANGED Container a"] : []),
      "ADDED Container b",
      "REMOVED Container a",
    ]);
  });

  it("is what get containers -w does, a line for each change, a table on a terminal", async () => {
    await put("rows", "a");
    const lines = follow(["get", "containers", "rows", "-w"]);
    await lines.said("stderr", "up to date at revision");
    expect(lines.stdout).toMatch(/^\d\d:\d\d:\d\d {2}SNAPSHOT {2}rows\/- a {2}ready {2}10\.1\.1\.1:8080/);
    const table = follow(["get", "ctr", "rows", "-w"], { terminal: true });
    await table.said("stdout", "CONTAINER");
    await put("rows", "b");
    await lines.said("stdout", /ADDED.*rows\/- b/);
    await table.said("stdout", "rows/- b");
    expect(table.stdout.split("CONTAINER").length).toBeGreaterThan(2);
  });

  it("refuses what the servers do not tell of, and forms that cannot follow", async () => {
    expect(await theseus("get", "hosts", "-w")).toMatchObject({ exit: 2 });
    expect(await theseus("watch", "-o", "tsv")).toMatchObject({ exit: 2 });
  });
});
