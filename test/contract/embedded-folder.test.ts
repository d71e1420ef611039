// The embedded store and its folder: what is there after a restart, who may use it, what is said of a damaged one, and
// backups.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EmbeddedStore } from "../../src/embedded/api.js";
import { restoreEmbedded } from "../../src/embedded/restore.js";
import { openEmbeddedStore } from "../../src/embedded/store.js";
import { createEmbeddedWire } from "../../src/embedded/wire.js";
import type { EtcdWire, KeyValue, Op } from "../../src/model/ports.js";
import { testParts } from "../support/parts.js";
import { failure, get, put } from "./fixture.js";

const run = promisify(execFile);

describe("the folder of the embedded store", () => {
  let top: string;
  let folder: string;
  let store: EmbeddedStore;
  let wire: EtcdWire;

  const open = async (path = folder, quotaBytes?: number): Promise<void> => {
    store = await openEmbeddedStore({ folder: path, ...testParts(), ...(quotaBytes !== undefined && { quotaBytes }) });
    wire = createEmbeddedWire(store);
  };
  const all = async (revision = 0n): Promise<readonly KeyValue[]> =>
    (await wire.range({ key: "\0", end: "\xff", revision })).kvs;

  beforeEach(async () => {
    top = await mkdtemp(join(tmpdir(), "theseus-embedded-"));
    folder = join(top, "a", "data");
    await open();
  });
  afterEach(async () => {
    await store.close();
    await rm(top, { recursive: true, force: true });
  });

  it("has everything after a restart: keys, old revisions, leases with their keys, ids", async () => {
    const { lease } = await wire.leaseGrant(100);
    await wire.txn([], [{ op: "put", key: "/leased", value: "x", lease }]);
    for (let i = 0; i < 200; i++) await put(wire, `/k${i % 10}`, `${i}`);
    await wire.compact(100n);
    await wire.txn([], [{ op: "delete", key: "/k1", end: "/k3" }]);
    const before = await all();
    const [old, { header }] = [await all(150n), await store.status()];
    await store.close();
    await open();
    expect(await all()).toEqual(before);
    expect(await all(150n)).toEqual(old);
    expect((await store.status()).header).toEqual(header);
    expect(await failure(all(99n))).toMatchObject({ reason: "PAGE_TOKEN_EXPIRED" });
    expect(await store.leaseTimeToLive({ id: lease, keys: true })).toMatchObject({
      grantedTtl: 100n,
      keys: [Buffer.from("/leased")],
    });
    await wire.leaseRevoke(lease);
    expect(await get(wire, "/leased")).toBeUndefined();
  });

  it("is its owner's alone", async () => {
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, "db"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, "holder.json"))).mode & 0o777).toBe(0o600);
  });

  it("is refused to a second one, which is told who holds it, and free again after close()", async () => {
    const error = await failure(openEmbeddedStore({ folder, ...testParts() }));
    expect(error).toMatchObject({
      reason: "STORE_UNREACHABLE",
      facts: { why: [expect.stringMatching(`${folder} is held by process ${process.pid} since 20\\d\\d-`)] },
    });
    await put(wire, "/a", "1");
    await store.close();
    expect(await readdir(folder)).toEqual(["db"]);
    await open();
    expect(await get(wire, "/a")).toBe("1");
  });

  it("is refused to another process", async () => {
    const program = `
      import { openEmbeddedStore } from "./src/embedded/store.ts";
      import { systemClock, systemRng } from "./src/system.ts";
      const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
      await openEmbeddedStore({ folder: process.argv[1], clock: systemClock, rng: systemRng, log })
        .catch((error) => console.log(error.facts.why[0]));`;
    const { stdout } = await run("node", [
      ...["--no-warnings", "--import", "tsx", "--input-type=module", "--eval", program, folder],
    ]);
    expect(stdout).toContain(`is held by process ${process.pid} since`);
  });

  it("that cannot be made is said so", async () => {
    const file = join(top, "file");
    await writeFile(file, "");
    const error = await failure(openEmbeddedStore({ folder: join(file, "data"), ...testParts() }));
    expect(error).toMatchObject({ reason: "STORE_UNREACHABLE", facts: { why: [expect.stringContaining(file)] } });
  });

  describe("when damaged", () => {
    /** Files of LevelDB with that ending, and what is to be done to one. */
    async function damage(ending: string, change: (bytes: Buffer) => Buffer | undefined): Promise<void> {
      const disk = join(folder, "db");
      const name = (await readdir(disk)).filter((one) => one.endsWith(ending)).sort()[0] ?? "";
      const changed = change(await readFile(join(disk, name)));
      if (changed === undefined) await rm(join(disk, name));
      else await writeFile(join(disk, name), changed);
    }
    const flipped = (bytes: Buffer): Buffer => {
      const at = bytes.length >> 1;
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      return bytes;
    };
    beforeEach(async () => {
      for (let i = 0; i < 100; i++) await put(wire, `/k${i}`, "x".repeat(500));
      await store.close();
    });
    const expectRefusal = async (): Promise<void> => {
      const disk = join(folder, "db");
      const sizes = await Promise.all(
        (await readdir(disk)).map(async (name) => ({ name, ...(await stat(join(disk, name))) })),
      );
      const files = sizes.filter(({ name, size }) => /\.(log|ldb)$/.test(name) && size > 0).map(({ name }) => name);
      expect(await failure(openEmbeddedStore({ folder, ...testParts() }))).toMatchObject({
        reason: "STORE_DAMAGED",
        facts: { why: [expect.stringContaining(folder)], next: [expect.stringContaining(`mv ${folder}`)] },
      });
      expect(await readdir(join(folder, "db"))).toEqual(expect.arrayContaining(files));
    };

    it("in the middle of what was written last, it is refused and kept", async () => {
      await damage(".log", flipped);
      await expectRefusal();
    });

    it("in an older file, it is refused and kept", async () => {
      // Opening moves what was written last into a file of its own.
      await open();
      await store.close();
      await damage(".ldb", flipped);
      await expectRefusal();
    });

    it("for want of its first file, it is refused and kept", async () => {
      await damage("CURRENT", () => undefined);
      await expectRefusal();
    });

    it("by a write that was cut off at its end, it is as before that write", async () => {
      await damage(".log", (bytes) => bytes.subarray(0, bytes.length - 100));
      await open();
      expect(await all()).toHaveLength(99);
    });
  });

  describe("quota", () => {
    it("refuses what adds to a full store, lets all else go on, and is over when there is room again", async () => {
      await store.close();
      await open(join(top, "small"), 100_000);
      const { lease } = await wire.leaseGrant(60);
      const full = await failure(
        (async () => {
          for (let i = 0; ; i++) await put(wire, `/k${i % 5}`, "x".repeat(5000));
        })(),
      );
      expect(full).toMatchObject({ reason: "STORE_FULL" });
      expect((await wire.status()).alarms).toEqual(["NOSPACE"]);
      expect(await failure(put(wire, "/small", ""))).toMatchObject({ reason: "STORE_FULL" });
      expect((await store.leaseKeepAlive(lease)).ttl).toBe(60n);
      expect(await all()).toHaveLength(5);
      const { revision } = await wire.txn([], [{ op: "delete", key: "/k0", end: "/k4" }]);
      await wire.compact(revision);
      await put(wire, "/small", "");
      expect((await wire.status()).alarms).toEqual([]);
    });

    it("keeps a reserve for leases and small keys under them, so that a full store still gets a leader", async () => {
      await store.close();
      await open(join(top, "small"), 100_000);
      const last = await put(wire, "/k", "");
      await failure(
        (async () => {
          for (;;) await put(wire, "/k", "x".repeat(5000));
        })(),
      );
      const { lease } = await wire.leaseGrant(60);
      const leased = (value: string, more: readonly Op[] = []) =>
        wire.txn([], [{ op: "put", key: "/leader", value, lease }, ...more]);
      const { revision } = await leased("me");
      expect(await failure(leased("x".repeat(100_000)))).toMatchObject({ reason: "STORE_FULL" });
      expect(await failure(leased("me", [{ op: "put", key: "/k", value: "" }]))).toMatchObject({
        reason: "STORE_FULL",
      });
      const filling = (async () => {
        for (let i = 0; i < 1000; i++) await leased("x".repeat(5000));
      })();
      expect(await failure(filling)).toMatchObject({ reason: "STORE_FULL" });
      expect(revision).toBeGreaterThan(last);
      await wire.compact((await wire.range({ key: "/leader" })).revision);
      await put(wire, "/k", "again");
      expect((await wire.status()).alarms).toEqual([]);
    });
  });

  describe("in a backup", () => {
    const backup = async (): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of wire.backup()) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    const streamOf = async function* (bytes: Buffer) {
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
    };
    const restored = (): string => join(top, "restored");
    const fill = async (): Promise<bigint> => {
      const { lease } = await wire.leaseGrant(100);
      await wire.txn([], [{ op: "put", key: "/leased", value: "x", lease }]);
      for (let i = 0; i < 300; i++) await put(wire, `/k${i % 100}`, `${i}`.repeat(200));
      return (await wire.txn([], [{ op: "delete", key: "/k7" }])).revision;
    };

    it("is everything at one revision, whatever is written meanwhile", async () => {
      const revision = await fill();
      const before = await all();
      const { header } = await store.status();
      const bytes = wire.backup()[Symbol.asyncIterator]();
      const first = await bytes.next();
      for (let i = 0; i < 100; i++) await put(wire, `/k${i}`, "later");
      await wire.compact((await wire.range({ key: "/k0" })).revision);
      const chunks = [first.value as Uint8Array];
      for (let next = await bytes.next(); !next.done; next = await bytes.next()) chunks.push(next.value);
      expect(chunks.length).toBeGreaterThan(1);
      await writeFile(join(top, "backup"), Buffer.concat(chunks));
      expect(await restoreEmbedded({ file: join(top, "backup"), folder: restored() })).toEqual({
        revision: Number(revision),
        keys: before.length,
      });

      await store.close();
      await open(restored());
      expect(await all()).toEqual(before);
      expect((await store.status()).header).toEqual(header);
      expect(await failure(all(revision - 1n))).toMatchObject({ reason: "PAGE_TOKEN_EXPIRED" });
      expect(await put(wire, "/k0", "")).toBe(revision + 1n);
      const lease = before.find(({ key }) => key === "/leased")?.lease ?? 0n;
      await wire.leaseRevoke(lease);
      expect(await get(wire, "/leased")).toBeUndefined();
    });

    it("cannot be watched from before its revision", async () => {
      await fill();
      await restoreEmbedded({ file: streamOf(await backup()), folder: restored() });
      await store.close();
      await open(restored());
      const watch = wire.watch({ key: "/k7", startRevision: 5n });
      const messages = [];
      for await (const message of watch) {
        messages.push(message);
        if (message.canceled) break;
      }
      expect(messages.at(-1)).toMatchObject({ canceled: true, compactRevision: 303n });
    });

    it("is refused where a store is already, and leaves that one alone", async () => {
      await put(wire, "/a", "1");
      const file = streamOf(await backup());
      expect(await failure(restoreEmbedded({ file, folder }))).toMatchObject({ reason: "CONFLICT" });
      expect(await get(wire, "/a")).toBe("1");
    });

    it("is refused when it is not whole, and nothing is left behind", async () => {
      await fill();
      const whole = await backup();
      const wrong = Buffer.from(whole);
      wrong[whole.length >> 1] = (wrong[whole.length >> 1] ?? 0) ^ 1;
      const broken = [
        whole.subarray(0, -1),
        wrong,
        Buffer.concat([whole, Buffer.from("x")]),
        Buffer.from("etcd"),
        Buffer.alloc(0),
      ];
      for (const bytes of broken) {
        const error = await failure(restoreEmbedded({ file: streamOf(bytes), folder: restored() }));
        expect(error).toMatchObject({ reason: "INVALID_REQUEST" });
        expect(await readdir(restored())).toEqual([]);
      }
      const missing = restoreEmbedded({ file: join(top, "no-such-file"), folder: restored() });
      expect(await failure(missing)).toMatchObject({ reason: "STORE_UNREACHABLE" });
    });
  });
});
