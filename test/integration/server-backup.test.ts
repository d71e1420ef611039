// A backup made by the command line, and what is restored from it: an etcd, three of them, an embedded store.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ObservedStore } from "../proof/observed-store.js";
import { Child } from "../support/child.js";
import { EmbeddedFolder } from "../support/embedded-folder.js";
import { freePort } from "../support/free-port.js";
import { startEtcd } from "../support/start-etcd.js";
import { BIN, type RunningServer, startServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const QUIET = ["--listen-http", "off", "--listen-discovery", "off", "--leader-ttl", "2"];
const runFile = promisify(execFile);

let folder: string;
let server: RunningServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "theseus-backup-"));
});
afterEach(async () => {
  await server?.child.stop();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function theseus(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = (await server?.theseus(args)) ?? { code: -1, stdout: "", stderr: "no server" };
  if (code !== 0) throw new Error(`theseus ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

const dataOf = (kept: EmbeddedFolder): string => join(kept.folder, "data");

/** Two namespaces and two groups without containers. */
async function fill(): Promise<void> {
  await theseus("server", "status", "--wait");
  await theseus("namespace", "create", "shop");
  for (const group of ["web/dev", "api/prod"])
    await theseus("create", group, "--image", "shop:1", "-i", "0", "--detach");
}

/** What people asked for: keys of Theseus's own come and go with servers. */
async function asked(store: ObservedStore): Promise<Map<string, string>> {
  const kept = [...(await store.under("/services/")), ...(await store.under("/namespaces/"))];
  return new Map([...kept, ...(await store.under("/theseus/cluster"))]);
}

const backUp = async () => JSON.parse(await theseus("server", "backup", join(folder, "store.db"), "-o", "json"));

describe("a backup of etcd", () => {
  it("is restored by etcdctl, with every key, and what was asked for afterwards is gone", async () => {
    const etcd = await startEtcd();
    try {
      server = await startServer({ etcd: etcd.endpoint, flags: QUIET });
      await fill();
      const store = new ObservedStore(etcd);
      const before = await asked(store);
      const backup = await backUp();
      expect(backup).toMatchObject({
        kind: "Backup",
        store: "etcd",
        restore: expect.stringMatching(/^etcdctl snapshot /),
      });
      await theseus("namespace", "create", "later");
      await server.child.stop();
      await etcd.restore(backup.file);
      expect(await asked(store)).toEqual(before);
      server = await startServer({ etcd: etcd.endpoint, flags: QUIET });
      await theseus("server", "status", "--wait");
      expect(await theseus("namespace", "get", "-o", "name")).toBe("default\nshop\n");
    } finally {
      await etcd.stop();
    }
  }, 60_000);

  it("makes a cluster of three members, all with the same keys", async () => {
    const etcd = await startEtcd();
    const members: Child[] = [];
    try {
      server = await startServer({ etcd: etcd.endpoint, flags: QUIET });
      await fill();
      const before = await asked(new ObservedStore(etcd));
      const { file } = await backUp();
      const endpoints = await threeMembers(file, members);
      for (const endpoint of endpoints) {
        const ctl = async (...args: string[]) =>
          (await runFile("etcdctl", [`--endpoints=${endpoint}`, ...args])).stdout;
        await until(`${endpoint} to answer`, () =>
          ctl("endpoint", "health").then(
            () => true,
            () => false,
          ),
        );
        expect(await asked(new ObservedStore({ ctl }))).toEqual(before);
      }
      await server.child.stop();
      server = await startServer({ etcd: endpoints.join(","), flags: QUIET });
      await theseus("server", "status", "--wait");
      expect(await theseus("server", "status")).toMatch(/^OK {4}members {3}3 of 3: /m);
    } finally {
      for (const member of members) await member.kill9();
      await etcd.stop();
    }
  }, 60_000);
});

/** As docs/store.md says: the one file restored into each of three folders, then all three started. */
async function threeMembers(file: string, members: Child[]): Promise<string[]> {
  const names = ["one", "two", "three"];
  const peers = new Map<string, string>();
  for (const name of names) peers.set(name, `http://127.0.0.1:${await freePort()}`);
  const cluster = `--initial-cluster=${[...peers].map(([name, url]) => `${name}=${url}`).join(",")}`;
  const endpoints: string[] = [];
  for (const [name, peer] of peers) {
    const own = [
      `--name=${name}`,
      `--initial-advertise-peer-urls=${peer}`,
      cluster,
      `--data-dir=${join(folder, name)}`,
    ];
    await runFile("etcdctl", ["snapshot", "restore", file, ...own]);
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    endpoints.push(endpoint);
    const listen = [
      `--listen-peer-urls=${peer}`,
      `--listen-client-urls=${endpoint}`,
      `--advertise-client-urls=${endpoint}`,
    ];
    members.push(new Child("etcd", [...own, ...listen, "--logger=zap", "--log-level=error"]));
  }
  return endpoints;
}

describe("a backup of the embedded store", () => {
  const restore = (...args: string[]) =>
    runFile(process.execPath, [BIN, "server", "restore", ...args]).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
    );

  it("is restored into another folder, with every key, and never over a store", async () => {
    const kept = await EmbeddedFolder.make();
    const again = await EmbeddedFolder.make();
    try {
      server = await startServer({ store: kept.serverFlags, flags: QUIET });
      await fill();
      const before = await asked(new ObservedStore(kept));
      const backup = await backUp();
      expect(backup).toMatchObject({ store: "embedded", restore: expect.stringMatching(/^theseus server restore /) });
      const held = await restore(backup.file, "--data", dataOf(kept));
      expect(held).toEqual({ code: 5, said: expect.stringContaining("there is a store in this folder already") });
      await theseus("namespace", "create", "later");
      await server.child.stop();
      const done = await restore(backup.file, "--data", dataOf(again), "-o", "json");
      expect(JSON.parse(done.said)).toMatchObject({
        kind: "Restored",
        folder: dataOf(again),
        revision: backup.revision,
      });
      server = await startServer({ store: again.serverFlags, flags: QUIET });
      expect(await asked(new ObservedStore(again))).toEqual(before);
      await theseus("server", "status", "--wait");
      expect(await theseus("namespace", "get", "-o", "name")).toBe("default\nshop\n");
    } finally {
      await server?.child.stop();
      await kept.stop();
      await again.stop();
    }
  }, 60_000);

  it("is told from one of etcd, and from anything else", async () => {
    const etcd = await startEtcd();
    const target = join(folder, "target");
    try {
      await etcd.ctl("snapshot", "save", join(folder, "etcd.db"));
      const snapshot = await restore(join(folder, "etcd.db"), "--data", target);
      expect(snapshot).toMatchObject({ code: 2, said: expect.stringContaining("is a backup of etcd") });
      expect(snapshot.said).toContain(`etcdctl snapshot restore ${join(folder, "etcd.db")} --data-dir ${target}`);
      expect(await restore(BIN, "--data", target)).toMatchObject({ code: 2 });
      expect(await restore(join(folder, "nothing"), "--data", target)).toMatchObject({ code: 2 });
      expect(await restore(BIN)).toMatchObject({ code: 2, said: expect.stringContaining("[USAGE]") });
    } finally {
      await etcd.stop();
    }
  }, 30_000);
});
