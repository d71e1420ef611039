// What real etcd does on a bad day: cuts at any byte, compaction, restarts, freezes, a restored backup. The feed may
// lose nothing and a write may not lie about its outcome. Every cut is made by a proxy between us and etcd.

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createStore, type Store } from "../../src/etcd/driver.js";
import { createElection } from "../../src/etcd/election.js";
import { keepAliveOnce } from "../../src/etcd/keep-alive-once.js";
import { infoKey } from "../../src/etcd/keys.js";
import { Lease } from "../../src/etcd/lease.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import type { Term } from "../../src/model/store.js";
import { systemClock } from "../../src/system.js";
import { testParts } from "../support/parts.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";
import { until } from "../support/until.js";
import { anInfo, becomeLeader, failure, freshGroup, openFixture, put } from "./fixture.js";
import { Follower, stateOf } from "./follower.js";

describe("faults of etcd", () => {
  let etcd: TestEtcd;
  let proxy: TcpProxy;
  /** Past the proxy, for the test's own writes and reads. */
  let direct: EtcdWire;
  let wire: EtcdWire;
  let store: Store;
  let follower: Follower | undefined;
  const group = freshGroup();

  beforeEach(async () => {
    etcd = await startEtcd();
    proxy = await startTcpProxy(etcd.port);
    direct = (await openFixture(() => createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock }))).wire;
    wire = await createEtcdWire({ endpoints: [`127.0.0.1:${proxy.port}`], clock: systemClock });
    store = createStore(wire, testParts());
    await put(direct, "/services/first", "{}");
  }, 30_000);
  afterEach(async () => {
    await follower?.stop();
    follower = undefined;
    wire.close();
    direct.close();
    await proxy.close();
    await etcd.stop();
  }, 30_000);

  async function follow(): Promise<Follower> {
    follower = new Follower(store);
    await follower.watching();
    return follower;
  }

  /** That many revisions of one key each, over `keys` keys. */
  async function write(revisions: number, keys: number, padding = ""): Promise<bigint> {
    let revision = 0n;
    for (let at = 0; at < revisions; at += 20) {
      const batch = Array.from({ length: Math.min(20, revisions - at) }, (_, i) =>
        put(direct, infoKey({ ...group, name: `c${(at + i) % keys}` }), `"${at + i}${padding}"`),
      );
      for (const one of await Promise.all(batch)) if (one > revision) revision = one;
    }
    return revision;
  }

  async function expectExact(reader: Follower, revision: bigint): Promise<void> {
    await reader.reach(revision);
    expect(reader.state()).toEqual(stateOf(await createStore(direct, testParts()).readAt(reader.revision)));
    expect(reader.violations).toEqual([]);
  }

  it("cuts during catch-up, at many places, lose no revision", async () => {
    const reader = await follow();
    const before = reader.deltas.length;
    proxy.refuse();
    const revision = await write(3000, 100, "x".repeat(500));
    const connectsMore = (times: number) => {
      const from = proxy.connections;
      return until(`${times} more connections`, async () => proxy.connections >= from + times);
    };
    // Less than etcd's first message of the backlog: no progress. Then room for one message a connection.
    proxy.cutAfter(100_000);
    proxy.accept();
    await connectsMore(3);
    expect(reader.deltas).toHaveLength(before);
    proxy.cutAfter(900_000);
    await connectsMore(2);
    proxy.cutAfter(0);
    await expectExact(reader, revision);
    expect(reader.snapshots).toBe(1);
    expect(reader.deltas.length - before).toBe(3000);
  }, 60_000);

  it("a cut connection is taken up again where it was, without a snapshot", async () => {
    const reader = await follow();
    for (let i = 0; i < 5; i++) {
      proxy.cut();
      await expectExact(reader, await write(20, 7));
    }
    expect(reader.snapshots).toBe(1);
  }, 30_000);

  it("a stream that we end takes nothing else with it: the connection stays", async () => {
    await follow();
    const { lease } = await wire.leaseGrant(60);
    const before = proxy.connections;
    for (let i = 0; i < 5; i++) {
      expect(await keepAliveOnce({ wire, clock: systemClock }, lease)).toBe(true);
      const stream = wire.watch({ key: "/services/first", startRevision: 1n });
      for await (const _ of stream) break;
      stream.close();
      await wire.range({ key: "/services/first" });
    }
    expect(proxy.connections).toBe(before);
  }, 30_000);

  it("history compacted while cut off leads to a snapshot of a new epoch", async () => {
    const reader = await follow();
    await expectExact(reader, await write(20, 7));
    proxy.refuse();
    const revision = await write(100, 7);
    await direct.compact(revision);
    proxy.accept();
    await expectExact(reader, revision);
    expect(reader.snapshots).toBe(2);
    expect(reader.epoch).not.toBe("");
  }, 30_000);

  it("kill -9 and restart of etcd lose nothing", async () => {
    const reader = await follow();
    const first = await write(50, 7);
    await expectExact(reader, first);
    await etcd.kill9();
    const error = await failure(store.createService(freshGroup()));
    expect(error).toMatchObject({ reason: "STORE_UNREACHABLE", retryable: true });
    await etcd.start();
    await expectExact(reader, await write(50, 7));
    expect(reader.snapshots).toBe(1);
  }, 60_000);

  it("a store put back from a backup is noticed even after its revision has passed ours", async () => {
    const reader = await follow();
    await expectExact(reader, await write(30, 5));
    const backup = `${etcd.folder}/backup.db`;
    await etcd.ctl("snapshot", "save", backup);
    await expectExact(reader, await write(30, 5));
    proxy.refuse();
    await etcd.restore(backup);
    const revision = await write(200, 9);
    proxy.accept();
    await expectExact(reader, revision);
    expect(reader.snapshots).toBe(2);
    expect(reader.epoch).not.toBe("");
  }, 60_000);

  it("in a store put back, a leader of the other history writes nothing, though its key has the same revision again", async () => {
    const backup = `${etcd.folder}/backup.db`;
    await etcd.ctl("snapshot", "save", backup);
    const former = await becomeLeader(direct);
    await etcd.restore(backup);
    const present = await becomeLeader(direct);
    expect(present.createRevision).toBe(former.createRevision);
    const all = createStore(direct, testParts());
    const snapshot = await all.readGroup(group);
    expect(await all.writeGroup(former, snapshot, {})).toEqual({ ok: false, why: "fenced" });
    expect(await all.writeGroup(present, snapshot, {})).toMatchObject({ ok: true });
  }, 60_000);

  it("in a store put back with its key and lease, a leader writes no more once anybody has seen it", async () => {
    const all = createStore(direct, testParts());
    const begun = await all.writeEpoch(await becomeLeader(direct), "term", 0);
    if (!begun.ok) throw new Error(begun.why);
    const reader = await follow();
    const backup = `${etcd.folder}/backup.db`;
    await etcd.ctl("snapshot", "save", backup);
    await expectExact(reader, await write(30, 5));
    await etcd.restore(backup);
    const snapshot = await until("the store to answer", () => all.readGroup(group).catch(() => undefined));
    await until("the follower has told of it", async () => reader.epoch !== "term");
    expect(await all.writeGroup(begun.fence, snapshot, {})).toEqual({ ok: false, why: "fenced" });
    expect(await all.writeEpoch(begun.fence, "term", 1)).toEqual({ ok: false, why: "fenced" });
  }, 60_000);

  it("compaction while cut off leads to a snapshot of the same epoch where the last change is still to be seen", async () => {
    const reader = await follow();
    await expectExact(reader, await write(20, 7));
    proxy.refuse();
    for (let i = 0; i < 50; i++) await put(direct, "/elsewhere", String(i));
    await direct.compact(await put(direct, "/elsewhere", "last"));
    proxy.accept();
    await until("a second snapshot", async () => reader.snapshots === 2);
    expect(reader.epoch).toBe("");
    await expectExact(reader, await write(20, 7));
  }, 30_000);

  it("a frozen etcd fails calls by their deadline: a read as unreachable, a write as unknown", async () => {
    await store.createService(freshGroup());
    await etcd.pause();
    const [read, written] = await Promise.all([
      failure(store.getServiceNames("default")),
      failure(wire.txn([], [{ op: "put", key: "/theseus/test", value: "late" }])),
    ]);
    etcd.resume();
    expect(read).toMatchObject({ reason: "STORE_UNREACHABLE" });
    expect(written).toMatchObject({ reason: "OUTCOME_UNKNOWN" });
    await until(
      "the write happened all the same",
      async () => (await direct.range({ key: "/theseus/test" })).kvs.length,
    );
  }, 30_000);

  it("a write whose answer is lost is unknown, and one that was never sent is not", async () => {
    await store.createService(freshGroup());
    proxy.swallow();
    const unknown = failure(wire.txn([], [{ op: "put", key: "/theseus/test", value: "" }]));
    proxy.release();
    expect(await unknown).toMatchObject({ reason: expect.stringMatching(/OUTCOME_UNKNOWN|STORE_UNREACHABLE/) });
    await proxy.close();
    const never = await failure(wire.txn([], [{ op: "put", key: "/theseus/test", value: "" }]));
    expect(never).toMatchObject({ reason: "STORE_UNREACHABLE" });
    proxy = await startTcpProxy(etcd.port);
  }, 30_000);

  it("a full store says so, and still answers reads", async () => {
    await etcd.restartWith("--quota-backend-bytes=1000000");
    const full = await failure(
      (async () => {
        for (;;) await put(direct, "/theseus/test", "x".repeat(500_000));
      })(),
    );
    expect(full).toMatchObject({ reason: "STORE_FULL" });
    expect(await failure(store.createService(freshGroup()))).toMatchObject({ reason: "STORE_FULL" });
    expect(await store.serviceExists({ namespace: "default", service: "first" })).toBe(true);
  }, 30_000);

  it("a leader cut off from etcd stops by its own clock before another leads", async () => {
    const terms: Term[] = [];
    const overlaps: string[] = [];
    const stop = new AbortController();
    const lead = (name: string) => async (term: Term) => {
      if (terms.some((other) => other.mayAct())) overlaps.push(name);
      terms.push(term);
      await new Promise<void>((resolve) => term.signal.addEventListener("abort", () => resolve(), { once: true }));
    };
    const cutOff = createElection(wire, testParts("a"), { ttlSeconds: 2 }).campaign(lead("a"), stop.signal);
    await until("a leads", async () => terms[0]?.mayAct());
    const other = createElection(direct, testParts("b"), { ttlSeconds: 2 }).campaign(lead("b"), stop.signal);
    proxy.swallow();
    await until("b leads", async () => terms[1]?.mayAct());
    expect(terms[0]?.mayAct()).toBe(false);
    expect(terms[0]?.signal.aborted).toBe(true);
    expect(overlaps).toEqual([]);
    proxy.release();
    stop.abort();
    await Promise.all([cutOff, other]);
  }, 30_000);

  it("one member says nothing any more: a lease is renewed at another before it counts as lost", async () => {
    const endpoints = [`127.0.0.1:${proxy.port}`, etcd.endpoint];
    const both = await createEtcdWire({ endpoints, clock: systemClock });
    const lease = await Lease.grant({ ...testParts(), wire: both }, 5);
    try {
      const granted = systemClock.monotonic();
      proxy.swallow();
      await until("the lease to be over, unless it was renewed", () => systemClock.monotonic() - granted > 5000);
      expect(lease.isHeld).toBe(true);
    } finally {
      await lease.release();
      both.close();
    }
  }, 20_000);

  it("one member away, another is asked", async () => {
    const gone = await startTcpProxy(etcd.port);
    const two = await createEtcdWire({
      endpoints: [`127.0.0.1:${gone.port}`, etcd.endpoint],
      clock: systemClock,
    });
    await gone.close();
    const onBoth = createStore(two, testParts());
    await onBoth.registerContainer({ ...freshGroup(), name: "c1" }, anInfo("c1"));
    two.close();
  }, 30_000);
});

describe("an etcd that wants TLS and a password", () => {
  it("is used with both, and refuses without saying yes to anything", async () => {
    const etcd = await startEtcd({ tls: true, user: { name: "root", password: "s3cret" } });
    try {
      const { ca = "", cert = "", key = "" } = etcd.certificates ?? {};
      const secure = { endpoints: [etcd.endpoint], clock: systemClock, ca, cert, key };
      const wire = await createEtcdWire({ ...secure, user: "root", password: "s3cret" });
      const store = createStore(wire, testParts());
      await store.createService(freshGroup());
      const reader = new Follower(store);
      await reader.watching();
      const { revision } = await store.createService(freshGroup());
      await reader.reach(revision);
      await reader.stop();
      wire.close();
      const wrong = await createEtcdWire({ ...secure, user: "root", password: "guess" });
      expect(await failure(wrong.range({ key: "/" }))).toMatchObject({ reason: "STORE_UNREACHABLE" });
      wrong.close();
      const nobody = await createEtcdWire(secure);
      expect(await failure(put(nobody, "/services/x", ""))).toMatchObject({ reason: "STORE_UNREACHABLE" });
      nobody.close();
    } finally {
      await etcd.stop();
    }
  }, 60_000);
});
