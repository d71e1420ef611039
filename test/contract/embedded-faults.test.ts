// The embedded store when its disk fails, hangs or is full: nothing is told that is not on the disk, nothing that was
// told is lost, and it goes on by itself.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EmbeddedStore } from "../../src/embedded/api.js";
import { openEmbeddedStore } from "../../src/embedded/store.js";
import { createEmbeddedWire } from "../../src/embedded/wire.js";
import type { EtcdWire, WireEvent } from "../../src/model/ports.js";
import { FaultyDisks } from "../support/faulty-disks.js";
import { ManualClock, settle } from "../support/manual-clock.js";
import { testParts } from "../support/parts.js";
import { until } from "../support/until.js";
import { failure, get, put } from "./fixture.js";

describe("faults of the embedded store's disk", () => {
  let folder: string;
  let disks: FaultyDisks;
  let clock: ManualClock;
  let store: EmbeddedStore;
  let wire: EtcdWire;

  const open = async (): Promise<void> => {
    store = await openEmbeddedStore({ folder, ...testParts(), clock, openDisk: disks.open });
    wire = createEmbeddedWire(store);
  };
  const reopen = async (): Promise<void> => {
    await store.close();
    await open();
  };
  /** The store looks again by the clock. */
  const turning = <T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> =>
    until(what, async () => {
      await clock.advance(500);
      return await ask();
    });
  const recover = async (): Promise<void> => {
    disks.heal();
    await turning("the disk takes writes again", async () => (await wire.status()).members[0]?.problem === undefined);
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

  it("a write is seen by nobody, nor answered, before it is on the disk", async () => {
    await put(wire, "/a", "1");
    const events: WireEvent[] = [];
    const watch = wire.watch({ key: "/a", startRevision: 0n });
    const watched = (async () => {
      for await (const message of watch) events.push(...message.events);
    })();
    disks.hold();
    let answered = 0;
    const write = put(wire, "/a", "2").then(() => answered++);
    const refused = wire.txn([{ key: "/a", target: "version", op: "=", value: 1n }], [], [{ op: "range", key: "/a" }]);
    const seen = refused.then(() => answered++);
    const writing = wire.txn(
      [{ key: "/a", target: "version", op: "=", value: 1n }],
      [{ op: "put", key: "/a", value: "3" }],
      [{ op: "range", key: "/a" }],
    );
    const lost = writing.then(() => answered++);
    await settle();
    // One that can only read is answered at once, from before.
    expect(answered).toBe(1);
    expect((await refused).succeeded).toBe(true);
    expect(await get(wire, "/a")).toBe("1");
    expect(events).toEqual([]);
    disks.release();
    await Promise.all([write, seen, lost]);
    expect((await writing).results).toMatchObject([{ kvs: [{ value: "2" }] }]);
    expect(await get(wire, "/a")).toBe("2");
    await until("the event came", () => events.length === 1);
    watch.close();
    await watched;
  });

  it("writes that come while one is synced go to the disk together", async () => {
    disks.hold();
    const before = disks.writes;
    const first = put(wire, "/a", "0");
    await settle();
    const rest = Array.from({ length: 50 }, (_, i) => put(wire, "/a", `${i}`));
    await settle();
    disks.release();
    const revisions = await Promise.all([first, ...rest]);
    expect(disks.writes - before).toBe(2);
    expect(revisions.map(Number)).toEqual(Array.from({ length: 51 }, (_, i) => i + 2));
  });

  it.each([false, true])(
    "a failed sync fails what waits for it, and nothing of it is ever seen (stored: %s)",
    async (isStored) => {
      const { lease } = await wire.leaseGrant(60);
      await wire.txn([], [{ op: "put", key: "/leased", value: "", lease }]);
      const revision = await put(wire, "/a", "1");
      disks.fail("no space left on device", { isStored });
      disks.hold();
      const begun = [put(wire, "/a", "2"), put(wire, "/b", "2"), wire.leaseRevoke(lease), wire.leaseGrant(77)].map(
        failure,
      );
      await settle();
      const behind = failure(put(wire, "/c", "2"));
      disks.release();
      for (const error of await Promise.all(begun)) expect(error).toMatchObject({ reason: "OUTCOME_UNKNOWN" });
      expect(await behind).toMatchObject({ reason: "STORE_UNREACHABLE" });
      expect(await failure(put(wire, "/a", "3"))).toMatchObject({
        reason: "STORE_UNREACHABLE",
        facts: { why: [expect.stringContaining("no space left on device")] },
      });

      const state = async () => {
        const { kvs } = await wire.range({ key: "/", end: "0" });
        return kvs.map(({ key, value }) => `${key}=${value}`);
      };
      expect(await state()).toEqual(["/a=1", "/leased="]);
      expect((await wire.status()).members[0]?.problem).toContain("no space left on device");
      await clock.advance(20_000);
      expect(await failure(put(wire, "/a", "3"))).toMatchObject({ reason: "STORE_UNREACHABLE" });
      await recover();
      expect(await state()).toEqual(["/a=1", "/leased="]);
      expect((await store.leaseLeases()).leases).toEqual([{ id: lease }]);
      expect(await put(wire, "/d", "4")).toBe(revision + 1n);
      await reopen();
      expect(await state()).toEqual(["/a=1", "/d=4", "/leased="]);
      await wire.leaseRevoke(lease);
      expect(await state()).toEqual(["/a=1", "/d=4"]);
      expect((await store.leaseLeases()).leases).toEqual([]);
    },
  );

  it.each([false, true])("a compaction that failed leaves a whole store behind (stored: %s)", async (isStored) => {
    await put(wire, "/a", "1");
    await put(wire, "/b", "1");
    const revision = await put(wire, "/a", "2");
    disks.fail("I/O error", { isStored });
    expect(await failure(wire.compact(revision))).toMatchObject({ reason: "OUTCOME_UNKNOWN" });
    expect((await wire.range({ key: "/a", revision: revision - 1n })).kvs[0]?.value).toBe("1");
    await recover();
    const old = wire.range({ key: "/a", revision: revision - 1n });
    if (isStored) expect(await failure(old)).toMatchObject({ reason: "PAGE_TOKEN_EXPIRED" });
    else expect((await old).kvs[0]?.value).toBe("1");
    await put(wire, "/a", "3");
    await reopen();
    expect((await wire.range({ key: "/", end: "0" })).kvs.map(({ value }) => value)).toEqual(["3", "1"]);
  });

  it("a disk that hangs keeps nobody waiting for more than some seconds, and what it was given may come", async () => {
    await put(wire, "/a", "1");
    disks.hold();
    const write = failure(put(wire, "/a", "2"));
    await clock.advance(6000);
    expect(await write).toMatchObject({ reason: "OUTCOME_UNKNOWN" });
    expect(await get(wire, "/a")).toBe("1");
    disks.release();
    await until("it came", async () => (await get(wire, "/a")) === "2");
    await put(wire, "/a", "3");
  });

  it("a disk that hangs is told of, until it answers", async () => {
    const problem = async () => (await wire.status()).members[0]?.problem;
    disks.hold();
    const write = failure(put(wire, "/a", "1"));
    await clock.advance(6000);
    await write;
    expect(await problem()).toContain("has not answered");
    expect(await failure(put(wire, "/a", "2"))).toMatchObject({ reason: "STORE_UNREACHABLE" });
    disks.release();
    await until("it answered", async () => (await problem()) === undefined);
    await put(wire, "/a", "3");
  });

  it("keepalives and reads of leases go on while the disk refuses writes, and a lease that ended is revoked after it", async () => {
    const { lease } = await wire.leaseGrant(10);
    const { lease: short } = await wire.leaseGrant(5);
    await wire.txn([], [{ op: "put", key: "/short", value: "", lease: short }]);
    disks.fail("I/O error");
    await failure(put(wire, "/a", "1"));
    await clock.advance(7000);
    expect((await store.leaseKeepAlive(lease)).ttl).toBe(10n);
    expect((await store.leaseKeepAlive(short)).ttl).toBe(0n);
    expect(await get(wire, "/short")).toBe("");
    await recover();
    await turning("the key of the ended lease goes", async () => (await get(wire, "/short")) === undefined);
    await put(wire, "/a", "1");
  });

  it("a folder that another process has had meanwhile is not written any more", async () => {
    await put(wire, "/a", "1");
    disks.fail("I/O error");
    await failure(put(wire, "/a", "2"));
    const holder = JSON.parse(await readFile(join(folder, "holder.json"), "utf8"));
    await writeFile(join(folder, "holder.json"), JSON.stringify({ ...holder, pid: 4711, token: "other" }));
    disks.heal();
    const error = await turning("it notices", async () => {
      const found = await failure(get(wire, "/a")).catch(() => undefined);
      return found as Error | undefined;
    });
    expect(error).toMatchObject({ reason: "STORE_UNREACHABLE", facts: { why: [expect.stringContaining("4711")] } });
  });

  it("a closed wire ends its streams and refuses calls, and so does a closed store", async () => {
    await put(wire, "/a", "1");
    const read = async (one: EtcdWire) => {
      const messages = one.watch({ key: "/a", startRevision: 1n })[Symbol.asyncIterator]();
      await messages.next();
      await messages.next();
      return messages.next();
    };
    const other = createEmbeddedWire(store);
    const ends = read(other);
    const keepAlives = other.leaseKeepAlive(1n)[Symbol.asyncIterator]().next();
    await settle();
    other.close();
    expect([(await ends).done, (await keepAlives).done]).toEqual([true, true]);
    expect(await failure(get(other, "/a"))).toMatchObject({ reason: "STORE_UNREACHABLE" });
    expect(await failure(put(other, "/a", "2"))).toMatchObject({ reason: "STORE_UNREACHABLE" });
    expect(await failure(other.watch({ key: "/a", startRevision: 1n })[Symbol.asyncIterator]().next())).toMatchObject({
      reason: "STORE_UNREACHABLE",
    });
    expect(await get(wire, "/a")).toBe("1");

    const last = read(wire);
    await settle();
    await store.close();
    expect((await last).done).toBe(true);
    for (const call of [get(wire, "/a"), put(wire, "/a", "2"), wire.leaseGrant(5), wire.status(), wire.compact(2n)]) {
      expect(await failure(call)).toMatchObject({ reason: "STORE_UNREACHABLE" });
    }
    expect((await wire.watch({ key: "/a", startRevision: 1n })[Symbol.asyncIterator]().next()).done).toBe(true);
  });

  it("what was written right before close() is on the disk", async () => {
    const writes = Array.from({ length: 20 }, (_, i) => put(wire, `/k${i}`, ""));
    await settle();
    await reopen();
    await Promise.all(writes);
    expect((await wire.range({ key: "/k", end: "/l" })).kvs).toHaveLength(20);
  });
});
