// Programs that are not ours and know only the .proto files, or not even those: Python with generated code, and buf.

import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { systemClock } from "../../src/system.js";
import { Child, run } from "../support/child.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { inFolder } from "../support/temporary-folder.js";
import { until } from "../support/until.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The one that Debian's packages are for, whichever else there is. */
const PYTHON = "/usr/bin/python3";
const BUF = "node_modules/@bufbuild/buf/bin/buf";
const execute = promisify(execFile);

let etcd: TestEtcd;
let wire: EtcdWire;
let server: DiscoveryServer;

beforeAll(async () => {
  etcd = await startEtcd();
  wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  server = await DiscoveryServer.start(etcd.endpoint);
  await server.reached(1n);
}, 30_000);
afterAll(async () => {
  await server.stop();
  wire.close();
  await etcd.stop();
});

describe("Python generated from proto/", () => {
  it("registers, looks up, watches, goes on with a cursor, acknowledges, renews, updates and leaves", async () => {
    await inFolder("python", async (folder) => {
      await generate(folder);
      const script = "test/integration/foreign/client.py";
      const env = { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" };
      const ended = await run(PYTHON, [script, server.address, "python"], { cwd: ROOT, env });
      expect(ended).toMatchObject({ code: 0, stderr: "" });
      const said = ended.stdout
        .trim()
        .split("\n")
        .map((line): unknown => JSON.parse(line));
      expect(said).toEqual([
        { step: "register", name: "one", ttl: 30 },
        { step: "lookup", endpoints: [["one", "10.9.8.7", 8001, 100]] },
        { step: "snapshot", kinds: ["snapshot"] },
        { step: "delta", kinds: ["delta"], names: ["one", "two"] },
        { step: "acknowledge", known: "OK", unknown: "NOT_FOUND", elsewhere: "NOT_FOUND" },
        { step: "resume", kind: "bookmark" },
        { step: "resumed", kinds: ["delta"], names: ["three"] },
        { step: "renew", made_again: false },
        { step: "update", endpoints: [["one", "10.9.8.7", 8001, 7]] },
        { step: "stranger", code: "ALREADY_EXISTS" },
        { step: "deregister", names: ["three", "two"] },
      ]);
    });
  });
});

/** Debian has the well-known types in a package of their own; buf has them inside. */
async function generate(folder: string): Promise<void> {
  const set = join(folder, "all.binpb");
  await execute(process.execPath, [BUF, "build", "proto", "--as-file-descriptor-set", "-o", set], { cwd: ROOT });
  const files = readdirSync(join(ROOT, "proto/theseus/v1")).map((name) => `theseus/v1/${name}`);
  const plugin = (await execute("which", ["grpc_python_plugin"])).stdout.trim();
  const flags = [`--python_out=${folder}`, `--grpc_python_out=${folder}`, `--plugin=protoc-gen-grpc_python=${plugin}`];
  await execute("protoc", [`--descriptor_set_in=${set}`, ...flags, ...files]);
}

describe("buf curl by reflection", () => {
  const put = async (name: string): Promise<bigint> => {
    const value = JSON.stringify({
      instance_name: name,
      instance_host: "10.1.1.1",
      instance_port: 80,
      port_mappings: {},
    });
    return (await wire.txn([], [{ op: "put", key: `/services/curl/-/containers/${name}/info`, value }])).revision;
  };
  const curl = (address: string, method: string): Child => {
    const url = `http://${address}/theseus.v1.DiscoveryService/${method}`;
    const flags = ["--protocol", "grpc", "--http2-prior-knowledge", "-d", '{"group":{"service":"curl"}}'];
    return new Child(process.execPath, [BUF, "curl", ...flags, url], { cwd: ROOT });
  };

  it("looks up, and watches from the snapshot to a change", async () => {
    const leaving = await DiscoveryServer.start(etcd.endpoint);
    try {
      await leaving.reached(await put("a"));
      const lookup = curl(leaving.address, "Lookup");
      expect(await lookup.ended).toBe(0);
      expect(JSON.parse(lookup.stdout)).toMatchObject({ endpoints: [{ address: "10.1.1.1", port: 80, ready: true }] });
      const watch = curl(leaving.address, "Watch");
      await until("the snapshot", () => watch.stdout.includes('"snapshot"'));
      await put("b");
      await until("the change", () => watch.stdout.includes('"delta"'));
      // A watch has no end of its own, and buf is not one process: the server ends it, after a last bookmark.
      await leaving.stopServing();
      await watch.ended;
      const messages: unknown = JSON.parse(`[${watch.stdout.replaceAll(/^\}\s*\{/gm, "},{")}]`);
      expect(messages).toMatchObject([
        { snapshot: { endpoints: [{ container: { name: "a" } }], matchingContainers: 1 } },
        { delta: { put: [{ container: { name: "b" } }], matchingContainers: 2 } },
        { bookmark: {} },
      ]);
    } finally {
      await leaving.stop();
    }
  });
});
