// What the embedded store has in memory and what it has on its disk agree: after a write that was refused halfway, in a
// backup, without a lease that is lost, after a compaction whose answer was lost, until the folder is free.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EmbeddedStore } from "../../src/embedded/api.js";
import { DeleteRangeRequest, PutRequest, TxnRequest } from "../../src/embedded/gen/etcd.js";
import { leaseKey } from "../../src/embedded/records.js";
import { restoreEmbedded } from "../../src/embedded/restore.js";
import { openEmbeddedStore } from "../../src/embedded/store.js";
import { createEmbeddedWire } from "../../src/embedded/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { FaultyDisks } from "../support/faulty-disks.js";
import { ManualClock, settle } from "../support/manual-clock.js";
import { testParts } from "../support/parts.js";
import { until } from "../support/until.js";
import { failure, get, put } from "./fixture.js";

/** As etcd has it: everything from the key on. */
const END = Buffer.from([0]);

async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}

describe("memory and disk of the embedded store", () => {
  let folder: string;
  let disks: FaultyDisks;
  let clock: ManualClock;
  let store: EmbeddedStore;
  let wire: EtcdWire;

  const open = async (quotaBytes?: number): Promise<void> => {
    const quota = quotaBytes !== undefined && { quotaBytes };
    store = await openEmbeddedStore({ folder, ...testParts(), clock, openDisk: disks.open, ...quota });
    wire = createEmbeddedWire(store);
  };
  const reopen = async (quotaBytes?: number): Promise<void> => {
    await store.close();
    await open(quotaBytes);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "theseus-embedded-"));
    disks = new FaultyDisks();
    clock = new ManualClock();
    await open();
  });
  afterEach(async () => {
    disks.heal();
    disks.release();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("a write that was refused halfway leaves nothing behind", async () => {
    const { lease } = await wire.leaseGrant(60);
    await wire.txn([], [{ op: "put", key: "/leased", value: "1", lease }]);
    const key = Buffer.from("/");
    const remove = { $case: "requestDeleteRange" as const, value: DeleteRangeRequest.create({ key, rangeEnd: END }) };
    const leased = Buffer.from("/leased");
    const keep = { $case: "requestPut" as const, value: PutRequest.create({ key: leased, ignoreValue: true }) };
    const success = [{ request: remove }, { request: keep }];
    await expect(store.txn(TxnRequest.create({ success }))).rejects.toThrow("key not found");
    await put(wire, "/b", "1");
    expect((await wire.range({ key: "/", end: "0" })).kvs.map(({ key: name }) => name)).toEqual(["/b", "/leased"]);
    await wire.leaseRevoke(lease);
    expect((await wire.range({ key: "/", end: "0" })).kvs.map(({ key: name }) => name)).toEqual(["/b"]);
    await reopen();
    expect((await wire.range({ key: "/", end: "0" })).kvs.map(({ key: name }) => name)).toEqual(["/b"]);
  });

  it("a backup waits for a revocation under way, and has no key without its lease", async () => {
    const { lease } = await wire.leaseGrant(60);
    await wire.txn([], [{ op: "put", key: "/leader", value: "1", lease }]);
    disks.hold();
    const revoked = wire.leaseRevoke(lease);
    await settle();
    const chunks = (async () => {
      const all: Uint8Array[] = [];
      for await (const chunk of store.backup()) all.push(chunk);
      return all;
    })();
    await settle();
    const written = put(wire, "/after", "1");
    disks.release();
    const file = from(await chunks);
    await Promise.all([revoked, written]);
    const copy = join(folder, "copy");
    await restoreEmbedded({ file, folder: copy });
    const restored = await openEmbeddedStore({ folder: copy, ...testParts(), clock });
    expect(await get(createEmbeddedWire(restored), "/leader")).toBeUndefined();
    await restored.close();
  });

  it("a key whose lease is not in the store hangs on none after a start", async () => {
    const { lease } = await wire.leaseGrant(60);
    await wire.txn([], [{ op: "put", key: "/leader", value: "1", lease }]);
    await store.close();
    const disk = await disks.open();
    await disk.write([{ type: "del", key: leaseKey(lease) }]);
    await open();
    expect((await wire.range({ key: "/leader" })).kvs).toMatchObject([{ value: "1", lease: 0n }]);
  });

  it("a compaction that happened after all makes room", async () => {
    await reopen(50_000);
    const full = async () => {
      for (;;) await put(wire, "/a", "x".repeat(5000));
    };
    expect(await failure(full())).toMatchObject({ reason: "STORE_FULL" });
    disks.fail("I/O error", { isStored: true });
    await failure(wire.compact((await wire.range({ key: "/a" })).revision));
    disks.heal();
    await until("the disk takes writes again", async () => {
      await clock.advance(500);
      return (await wire.status()).members[0]?.problem === undefined;
    });
    expect((await wire.status()).alarms).toEqual([]);
    await put(wire, "/a", "");
  });

  it("the folder says whose it is until everything is on the disk", async () => {
    disks.hold();
    const write = put(wire, "/a", "1");
    await settle();
    const closed = store.close();
    // Long enough for the file to go.
    for (let i = 0; i < 20; i++) {
      expect(JSON.parse(await readFile(join(folder, "holder.json"), "utf8")).pid).toBe(process.pid);
    }
    disks.release();
    await Promise.all([write, closed]);
    await expect(readFile(join(folder, "holder.json"))).rejects.toThrow("ENOENT");
  });
});
