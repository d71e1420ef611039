// Drains in the store: who is asked, that nobody who joins meanwhile is missed, and what becomes of answers.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { drainAnswerKey, drainKey, rosterKey, serverKey } from "../../src/etcd/keys.js";
import { createMembership } from "../../src/etcd/membership.js";
import { MINUTE } from "../../src/model/instant.js";
import type { EtcdWire } from "../../src/model/ports.js";
import type { GroupRef } from "../../src/model/reference.js";
import type { Fence, FencedResult, OpenDrain } from "../../src/model/store.js";
import { systemClock } from "../../src/system.js";
import { testParts } from "../support/parts.js";
import { until } from "../support/until.js";
import {
  anIntent,
  becomeLeader,
  CHANGE,
  context,
  type Fixture,
  freshGroup,
  get,
  openFixture,
  put,
  type WireFactory,
} from "./fixture.js";

const DRAIN: OpenDrain = { name: "c1", ackDeadline: 10_000, asked: CHANGE.time };
const SERVER = '{"discovery":"h:1","version":"1","since":"2026-01-01T00:00:00Z"}';
const MARK = '{"since":"2026-01-01T00:00:00Z"}';
const markOf = (since: number, gone: number): string =>
  JSON.stringify({ since: new Date(since).toISOString(), gone: new Date(gone).toISOString() });

export function drainsContract(openWire: WireFactory): void {
  describe("drains", () => {
    let on: Fixture;
    let fence: Fence;
    let group: GroupRef;
    let container: GroupRef & { name: string };
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    beforeEach(async () => {
      await clearServers(on.wire);
      fence = await becomeLeader(on.wire);
      group = freshGroup();
      container = { ...group, name: "c1" };
      await on.store.createGroup(group, { image: "web:1" }, CHANGE);
      const snapshot = await on.store.readGroup(group);
      await on.store.writeGroup(fence, snapshot, { putIntents: [anIntent("c1", 1)] });
    });
    afterAll(() => on.wire.close());

    const leave = () => ({ putIntents: [anIntent("c1", 1, { phase: "draining" })], openDrains: [DRAIN] });
    const open = async (): Promise<FencedResult> =>
      on.store.writeGroup(fence, await on.store.readGroup(group), leave());
    const present = async () => (await on.store.readGroup(group)).drains.get("c1");
    const opened = async () => {
      await open();
      const drain = await present();
      if (drain === undefined) throw new Error("it was not opened");
      return drain;
    };
    const seen = async () => ({ epoch: "", revision: (await on.wire.range({ key: "/" })).revision });

    it("name who is registered, and who went without signing off, in the revision of the intent", async () => {
      await register(on.wire, "b", "a");
      await put(on.wire, rosterKey("gone"), MARK);
      const result = await open();
      const { drains, intents } = await on.store.readGroup(group);
      const record = { servers: ["a", "b", "gone"], ackDeadline: 10_000, asked: CHANGE.time };
      expect(result).toEqual({ ok: true, revision: intents.get("c1")?.modRevision });
      expect(drains.get("c1")).toEqual({ revision: intents.get("c1")?.modRevision, record, answers: new Map() });
    });

    it("fit into one write, however many servers went, and name the hundred that went last", async () => {
      const old = Date.UTC(2026, 0, 1);
      const now = systemClock.now();
      const mark = (i: number, gone: number) => put(on.wire, rosterKey(`gone${i}`), markOf(old + i, now - gone));
      for (let i = 100; i < 230; i++) await mark(i, (300 - i) * 1000);
      await put(on.wire, rosterKey("not-missed-yet"), MARK);
      await register(on.wire, "a");
      const names = Array.from({ length: 16 }, (_, i) => `c${i + 1}`);
      await on.store.writeGroup(fence, await on.store.readGroup(group), {
        putIntents: names.slice(1).map((name, i) => anIntent(name, i + 2)),
      });
      const written = await on.store.writeGroup(fence, await on.store.readGroup(group), {
        putIntents: names.map((name, i) => anIntent(name, i + 1, { phase: "draining" })),
        openDrains: names.map((name) => ({ ...DRAIN, name })),
      });
      expect(written).toMatchObject({ ok: true });
      const last = Array.from({ length: 99 }, (_, i) => `gone${131 + i}`);
      expect((await present())?.record.servers).toEqual(["a", ...last, "not-missed-yet"]);
      await on.store.keepRoster(fence, now);
      expect(await get(on.wire, rosterKey("gone130"))).toBeUndefined();
      expect(await get(on.wire, rosterKey("gone131"))).toBeDefined();
    });

    it("do not name a copy of a registration that came without its lease", async () => {
      await put(on.wire, serverKey("copied"), SERVER);
      expect((await opened()).record.servers).toEqual([]);
    });

    it.each([
      ["joins", (wire: EtcdWire) => register(wire, "joining")],
      ["joins and goes again without a word", (wire: EtcdWire) => put(wire, rosterKey("joining"), MARK)],
    ])(
      "are not written when a server %s between reading and writing, and are at the next try",
      async (_, meanwhile) => {
        await register(on.wire, "a");
        const { store } = on;
        const slow = slowWriter(on.wire, async () => void (await meanwhile(on.wire)));
        const other = await openFixture(async () => slow);
        const snapshot = await store.readGroup(group);
        expect(await other.store.writeGroup(fence, snapshot, leave())).toEqual({ ok: false, why: "stale" });
        expect(await present()).toBeUndefined();
        expect((await opened()).record.servers).toEqual(["a", "joining"]);
      },
    );

    it("are not written on the word of a config that was changed since, and are on that of the present one", async () => {
      const { store } = on;
      const snapshot = await store.readGroup(group);
      const change = { kind: "replace", ref: group, from: 1, config: { image: "web:2" } } as const;
      const meanwhile = async (): Promise<void> => void (await store.changeGroups([change], context()));
      const other = await openFixture(async () => slowWriter(on.wire, meanwhile));
      expect(await other.store.writeGroup(fence, snapshot, leave())).toEqual({ ok: false, why: "stale" });
      expect((await store.readGroup(group)).intents.get("c1")?.value.phase).toBe("creating");
      expect((await opened()).record.servers).toEqual([]);
    });

    it.each([
      ["goes without a word", [serverKey("a")]],
      ["signs off", [serverKey("a"), rosterKey("a")]],
    ])("name a server that %s at that moment", async (_, keys) => {
      await register(on.wire, "a");
      const slow = slowWriter(on.wire, () => remove(on.wire, ...keys));
      const other = await openFixture(async () => slow);
      const written = await other.store.writeGroup(fence, await on.store.readGroup(group), leave());
      expect(written).toMatchObject({ ok: true });
      expect((await present())?.record.servers).toEqual(["a"]);
    });

    it("are answered under a key of each server, and go with the answers and the container", async () => {
      const { revision } = await opened();
      const said = await on.store.answerDrain({ container, revision, seen: await seen() }, { awaits: [] }, 0n);
      expect((await present())?.answers).toEqual(new Map([["server-1", { awaits: [] }]]));
      expect(said).toEqual({ revision: expect.any(BigInt) });
      await on.store.writeGroup(fence, await on.store.readGroup(group), { removeContainers: ["c1"] });
      expect(await get(on.wire, drainKey(container))).toBeUndefined();
      expect(await get(on.wire, drainAnswerKey(container, "server-1"))).toBeUndefined();
    });

    it("take no answer once they are gone, to another one, over another answer, or from another history", async () => {
      const { revision } = await opened();
      const { store } = on;
      const now = await seen();
      const answer = { awaits: [{ watcherId: "w", peer: "10.0.0.1:1", connected: true }] };
      expect(await store.answerDrain({ container, revision: revision - 1n, seen: now }, answer, 0n)).toBeUndefined();
      const elsewhere = { epoch: `no-such-${group.service}`, revision: now.revision };
      expect(await store.answerDrain({ container, revision, seen: elsewhere }, answer, 0n)).toBeUndefined();
      const first = await store.answerDrain({ container, revision, seen: now }, answer, 0n);
      expect(await store.answerDrain({ container, revision, seen: now }, { awaits: [] }, 0n)).toBeUndefined();
      await store.answerDrain({ container, revision, seen: now }, { awaits: [] }, first?.revision ?? 0n);
      expect((await present())?.answers.get("server-1")).toEqual({ awaits: [] });
      await store.writeGroup(fence, await store.readGroup(group), { removeContainers: ["c1"] });
      expect(await store.answerDrain({ container, revision, seen: now }, answer, 0n)).toBeUndefined();
    });

    it("leave the group alone when their record cannot be understood, and count a broken answer as none", async () => {
      await opened();
      await put(on.wire, drainAnswerKey(container, "s"), "?");
      expect((await present())?.answers.size).toBe(0);
      await put(on.wire, drainKey(container), "?");
      await expect(on.store.readGroup(group)).rejects.toMatchObject({ reason: "STORE_DAMAGED" });
      await remove(on.wire, drainKey(container), drainAnswerKey(container, "s"));
    });

    it("without a container are swept, others stay", async () => {
      await opened();
      const orphan = { ...group, name: "c0" };
      await put(on.wire, drainKey(orphan), "whatever");
      await put(on.wire, drainAnswerKey(orphan, "s"), "whatever");
      await on.store.forgetDrains(fence);
      expect(await get(on.wire, drainKey(orphan))).toBeUndefined();
      expect(await get(on.wire, drainAnswerKey(orphan, "s"))).toBeUndefined();
      expect(await present()).toBeDefined();
    });

    it("wait for a server that is gone for 10 minutes after it was missed, whoever leads then", async () => {
      const { store, wire } = on;
      const now = systemClock.now();
      await put(wire, rosterKey("gone"), '{"since":"2026-01-01T00:00:00Z","of":"a newer release"}');
      await store.keepRoster(fence, now - 10 * MINUTE + 30_000);
      await store.keepRoster(fence, now);
      expect(JSON.parse((await get(wire, rosterKey("gone"))) ?? "")).toMatchObject({ of: "a newer release" });
      expect((await opened()).record.servers).toEqual(["gone"]);
      await put(wire, rosterKey("gone"), MARK);
      await store.keepRoster(fence, now - 10 * MINUTE);
      expect((await opened()).record.servers).toEqual([]);
      await store.keepRoster(fence, now);
      expect(await get(wire, rosterKey("gone"))).toBeUndefined();
    });

    it("do not wait for a server that signed off, and do for one that lost its lease", async () => {
      const stop = new AbortController();
      const membership = createMembership(on.wire, testParts("s9"), { ttlSeconds: 2 });
      const left = membership.join({ discovery: "h:1", version: "1" }, stop.signal);
      await membership.registered(stop.signal);
      expect((await opened()).record.servers).toEqual(["s9"]);
      const { kvs } = await on.wire.range({ key: serverKey("s9") });
      await on.wire.leaseRevoke(kvs[0]?.lease ?? 0n);
      expect((await opened()).record.servers).toEqual(["s9"]);
      stop.abort();
      await left;
      expect((await opened()).record.servers).toEqual([]);
    });

    it("wait for a server all the time while it begins to listen elsewhere", async () => {
      const stop = new AbortController();
      const membership = createMembership(on.wire, testParts("s8"), { ttlSeconds: 60 });
      let listen: (listeners: { discovery: string; version: string }) => void = () => undefined;
      const later = new Promise<{ discovery: string; version: string }>((resolve) => {
        listen = resolve;
      });
      const left = membership.join({ discovery: "", version: "1" }, stop.signal, later);
      await membership.registered(stop.signal);
      const before = (await on.wire.range({ key: serverKey("s8") })).kvs[0];
      listen({ discovery: "h:2", version: "1" });
      const told = await until("the new address", async () => (await membership.servers())[0]?.discovery || undefined);
      const after = (await on.wire.range({ key: serverKey("s8") })).kvs[0];
      expect([told, after?.lease, after?.createRevision]).toEqual(["h:2", before?.lease, before?.createRevision]);
      stop.abort();
      await left;
    });
  });
}

async function register(wire: EtcdWire, ...ids: readonly string[]): Promise<void> {
  const { lease } = await wire.leaseGrant(60);
  for (const id of ids) {
    await wire.txn([], [{ op: "put", key: serverKey(id), value: SERVER, lease }]);
    await put(wire, rosterKey(id), MARK);
  }
}

async function remove(wire: EtcdWire, ...keys: readonly string[]): Promise<void> {
  await wire.txn(
    [],
    keys.map((key) => ({ op: "delete", key })),
  );
}

async function clearServers(wire: EtcdWire): Promise<void> {
  const prefixes = ["/theseus/servers/", "/theseus/roster/"];
  await wire.txn(
    [],
    prefixes.map((key) => ({ op: "delete", key, end: `${key.slice(0, -1)}0` })),
  );
}

/** The same wire; something happens between the last reading and the first transaction that writes. */
function slowWriter(wire: EtcdWire, meanwhile: () => Promise<void>): EtcdWire {
  let isOver = false;
  return {
    range: (request) => wire.range(request),
    txn: async (compares, writes, otherwise) => {
      if (!isOver && compares.length > 0) {
        isOver = true;
        await meanwhile();
      }
      return wire.txn(compares, writes, otherwise);
    },
    compact: (revision) => wire.compact(revision),
    leaseGrant: (ttl) => wire.leaseGrant(ttl),
    leaseRevoke: (lease) => wire.leaseRevoke(lease),
    leaseKeepAlive: (lease) => wire.leaseKeepAlive(lease),
    watch: (request) => wire.watch(request),
    status: () => wire.status(),
    backup: () => wire.backup(),
    close: () => undefined,
  };
}
