// What the leader reads and writes: at one revision, compared key by key, and never without the fence.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { containerKey, hostKey, infoKey, LEADER_KEY, serviceKey, slotsKey } from "../../src/etcd/keys.js";
import type { HostRecord } from "../../src/model/host.js";
import type { GroupRef } from "../../src/model/reference.js";
import type { SlotsRecord } from "../../src/model/slots.js";
import type { Fence } from "../../src/model/store.js";
import { until } from "../support/until.js";
import {
  anInfo,
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

const HOST: HostRecord = {
  name: "local",
  engineId: "e1",
  engineVersion: "20.10",
  address: "172.17.0.1",
  labels: ["zone=eu-1"],
  cpu: 2,
  mem: 1e9,
  nextPort: 20001,
  freedPorts: { "20000": CHANGE.time },
  lastSeen: CHANGE.time,
};
const SLOTS: SlotsRecord = {
  slots: { 1: { generation: 3, failures: 1, notBefore: CHANGE.time } },
  attention: [{ reason: "IMAGE_NOT_FOUND", text: "no such image", since: CHANGE.time }],
};

export function schedulerContract(openWire: WireFactory): void {
  describe("the scheduler's store", () => {
    let on: Fixture;
    let fence: Fence;
    let group: GroupRef;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    beforeEach(async () => {
      fence = await becomeLeader(on.wire);
      group = freshGroup();
      await on.store.createGroup(group, { image: "web:1", cpu: 0.5, mem: 1000 }, CHANGE);
    });
    afterAll(() => on.wire.close());

    it("writes intents, slots, infos, a pin and a host in one revision and reads them back", async () => {
      const { store, wire } = on;
      const [intent, info] = [anIntent("c1", 1), anInfo("c1", { state: "starting", since: CHANGE.time })];
      const pin = { asked: "web:1", pinned: "web@sha256:1" };
      const host = { record: { ...HOST, name: group.service }, modRevision: 0n };
      const write = { putIntents: [intent], putInfos: [["c1", info]] as const, slots: SLOTS, pin, host };
      const result = await store.writeGroup(fence, await store.readGroup(group), write);
      if (!result.ok) throw new Error(result.why);
      const read = await store.readGroup(group);
      expect(read).toMatchObject({ ref: group, uid: expect.any(String), slots: { value: SLOTS } });
      expect(read.record).toMatchObject({ value: { pin, configRevision: 1 }, modRevision: result.revision });
      expect(read.intents.get("c1")).toEqual({ value: intent, modRevision: result.revision });
      expect(read.infos.get("c1")).toEqual({ value: info, modRevision: result.revision });
      expect(await store.readSlots(group.namespace, read.uid ?? "")).toEqual(SLOTS);
      expect((await wire.range({ key: hostKey(group.service) })).kvs[0]?.modRevision).toBe(result.revision);
    });

    it("refuses everything once another leader is in office, and says so", async () => {
      const { store, wire } = on;
      const snapshot = await store.readGroup(group);
      await becomeLeader(wire);
      const fenced = { ok: false, why: "fenced" };
      expect(await store.writeGroup(fence, snapshot, { putIntents: [anIntent("c1", 1)] })).toEqual(fenced);
      expect(await store.writeGroup(fence, snapshot, {})).toEqual(fenced);
      expect(await store.writeHost(fence, { ...HOST, name: "other" }, 0n)).toEqual(fenced);
      expect(await store.writeEpoch(fence, "e1", CHANGE.time)).toEqual(fenced);
      expect((await store.readGroup(group)).intents.size).toBe(0);
    });

    it("takes a leader key without a lease for none", async () => {
      const { store, wire } = on;
      const { createRevision } = fence;
      await put(wire, LEADER_KEY, "a copy");
      expect((await wire.range({ key: LEADER_KEY })).kvs[0]?.createRevision).toBe(createRevision);
      expect(await store.writeGroup(fence, await store.readGroup(group), {})).toEqual({ ok: false, why: "fenced" });
    });

    it("says stale when a key has been written since it was read", async () => {
      const { store } = on;
      const old = await store.readGroup(group);
      expect(await store.writeGroup(fence, old, { putIntents: [anIntent("c1", 1)] })).toMatchObject({ ok: true });
      const stale = { ok: false, why: "stale" };
      expect(await store.writeGroup(fence, old, { putIntents: [anIntent("c1", 1)] })).toEqual(stale);
      await store.setGroupConfig(group, { image: "web:1", weight: 7 }, CHANGE);
      expect(await store.writeGroup(fence, old, { pin: { asked: "web:1", pinned: "p" } })).toEqual(stale);
      await store.setContainerInfo({ ...group, name: "c1" }, anInfo("c1"));
      expect(await store.writeGroup(fence, old, { putInfos: [["c1", anInfo("c1")]] })).toEqual(stale);
    });

    it("confirms an intent by writing it again", async () => {
      const { store } = on;
      const intent = anIntent("c1", 1, { phase: "running" });
      await store.writeGroup(fence, await store.readGroup(group), { putIntents: [intent] });
      const read = await store.readGroup(group);
      expect(await store.writeGroup(fence, read, { putIntents: [intent] })).toMatchObject({ ok: true });
    });

    it("writes more intents than fit into one transaction", async () => {
      const { store } = on;
      const intents = Array.from({ length: 250 }, (_, i) => anIntent(`c${i + 1}`, i + 1));
      const slots: SlotsRecord = { slots: { 250: { generation: 1, failures: 0 } }, attention: [] };
      const write = { putIntents: intents, slots };
      expect(await store.writeGroup(fence, await store.readGroup(group), write)).toMatchObject({ ok: true });
      expect((await store.readGroup(group)).intents.size).toBe(250);
    });

    it("keeps unknown fields of intents, slots and hosts", async () => {
      const { store, wire } = on;
      const { uid = "" } = await store.readGroup(group);
      const name = group.service;
      await store.writeGroup(fence, await store.readGroup(group), { slots: SLOTS });
      await store.writeHost(fence, { ...HOST, name }, 0n);
      for (const key of [slotsKey("default", uid), hostKey(name)]) {
        await put(wire, key, JSON.stringify({ ...JSON.parse((await get(wire, key)) ?? ""), future: 1 }));
      }
      const modRevision = (await store.readHosts()).find(({ value }) => value.name === name)?.modRevision ?? 0n;
      const write = { slots: { ...SLOTS, attention: [] }, host: { record: { ...HOST, name, cpu: 4 }, modRevision } };
      expect(await store.writeGroup(fence, await store.readGroup(group), write)).toMatchObject({ ok: true });
      expect(JSON.parse((await get(wire, slotsKey("default", uid))) ?? "")).toMatchObject({ future: 1, attention: [] });
      expect(JSON.parse((await get(wire, hostKey(name))) ?? "")).toMatchObject({ future: 1, cpu: 4 });
    });

    it("keeps unknown fields also when it writes from a snapshot carried on in memory", async () => {
      const { store, wire } = on;
      const [ref, intent] = [{ ...group, name: "c1" }, anIntent("c1", 1)];
      await store.writeGroup(fence, await store.readGroup(group), { putIntents: [intent] });
      await put(
        wire,
        containerKey(ref),
        JSON.stringify({ ...JSON.parse((await get(wire, containerKey(ref))) ?? ""), future: 1 }),
      );
      const read = await store.readGroup(group);
      for (let carried = read, i = 0; i < 3; i++) {
        const next = { ...intent, phase: "running" as const, reason: `write ${i}` };
        const result = await store.writeGroup(fence, carried, { putIntents: [next] });
        if (!result.ok) throw new Error(result.why);
        carried = { ...read, intents: new Map([["c1", { value: next, modRevision: result.revision }]]) };
      }
      expect(JSON.parse((await get(wire, containerKey(ref))) ?? "")).toMatchObject({ future: 1, reason: "write 2" });
    });

    it("leaves records of others where they are when it removes a group, and so the service", async () => {
      const { store, wire } = on;
      await put(wire, infoKey({ ...group, name: "foreign" }), "not even JSON");
      await store.writeGroup(fence, await store.readGroup(group), { putIntents: [anIntent("c1", 1)], slots: SLOTS });
      const read = await store.readGroup(group);
      expect(read.infos.size).toBe(0);
      expect(await store.writeGroup(fence, read, { removeContainers: ["c1"], removeGroup: true })).toMatchObject({
        ok: true,
      });
      expect(await get(wire, slotsKey("default", read.uid ?? ""))).toBeUndefined();
      expect(await get(wire, serviceKey(group))).toBeDefined();
      expect(await store.getGroupContainerNames(group)).toEqual(["foreign"]);
      expect(await store.readConfig(group)).toBeUndefined();
    });

    it("is not stopped by what another hand put under containers or hosts, and is by its own intent", async () => {
      const { store, wire } = on;
      await put(wire, containerKey({ ...group, name: "by-hand" }), "");
      await put(wire, hostKey("by-hand"), "not even JSON");
      expect((await store.readGroup(group)).intents.size).toBe(0);
      expect((await store.readHosts()).map(({ value }) => value.name)).not.toContain("by-hand");
      await wire.txn([], [{ op: "delete", key: hostKey("by-hand") }]);
      await put(wire, containerKey({ ...group, name: "web.dev.1.3-k3f9x2" }), "");
      await expect(store.readGroup(group)).rejects.toEqual(expect.objectContaining({ reason: "STORE_DAMAGED" }));
    });

    it("removes the service with its last group, and refuses to remove a group with containers", async () => {
      const { store } = on;
      await store.writeGroup(fence, await store.readGroup(group), { putIntents: [anIntent("c1", 1)], slots: SLOTS });
      const full = await store.readGroup(group);
      await expect(store.writeGroup(fence, full, { removeGroup: true })).rejects.toEqual(
        expect.objectContaining({ reason: "CONFLICT" }),
      );
      await store.writeGroup(fence, full, { removeContainers: ["c1"] });
      const empty = await store.readGroup(group);
      expect(await store.writeGroup(fence, empty, { removeGroup: true })).toMatchObject({ ok: true });
      expect(await store.serviceExists(group)).toBe(false);
      expect(await store.readGroup(group)).toMatchObject({ uid: undefined, record: undefined, slots: undefined });
    });

    it("removes the service with the last of its groups also when they are removed at the same moment", async () => {
      const { store } = on;
      const groups = [group, ...["b", "c", "d"].map((label) => ({ ...group, labels: [label] }))];
      for (const other of groups.slice(1)) await store.createGroup(other, { image: "web:1" }, CHANGE);
      const removed = async (one: GroupRef): Promise<boolean> =>
        (await store.writeGroup(fence, await store.readGroup(one), { removeGroup: true })).ok;
      const left = new Set(groups);
      while (left.size > 0) {
        const tried = await Promise.all([...left].map(async (one) => ((await removed(one)) ? [one] : [])));
        for (const one of tried.flat()) left.delete(one);
      }
      expect(await store.serviceExists(group)).toBe(false);
    });

    it("lists the groups of all namespaces and what their containers reserve", async () => {
      const { store } = on;
      await store.createNamespace(`ns-${group.service}`, context());
      const other = { ...group, namespace: `ns-${group.service}` };
      await store.createGroup(other, { image: "x", cpu: 1 }, CHANGE);
      await put(on.wire, infoKey({ ...freshGroup(), name: "foreign" }), "{}");
      await store.writeGroup(fence, await store.readGroup(group), { putIntents: [anIntent("c1", 1)] });
      await store.writeGroup(fence, await store.readGroup(other), { putIntents: [anIntent("c2", 1)] });
      const { groups } = await store.listGroups();
      expect(groups).toEqual(expect.arrayContaining([group, other]));
      const mine = (await store.readReservations()).filter((one) => one.group.service === group.service);
      expect(mine).toEqual(
        expect.arrayContaining([
          { group, intent: anIntent("c1", 1), cpu: 0.5, mem: 1000 },
          { group: other, intent: anIntent("c2", 1), cpu: 1, mem: 0 },
        ]),
      );
      expect((await store.readReservations()).length).toBeGreaterThanOrEqual(2);
    });

    it("reads and writes hosts by their mod revision", async () => {
      const { store } = on;
      const record = { ...HOST, name: group.service };
      expect(await store.writeHost(fence, record, 0n)).toMatchObject({ ok: true });
      expect(await store.writeHost(fence, record, 0n)).toEqual({ ok: false, why: "stale" });
      const host = (await store.readHosts()).find(({ value }) => value.name === record.name);
      expect(host?.value).toEqual(record);
      const problem = { reason: "HOST_UNREACHABLE", text: "no answer", since: CHANGE.time } as const;
      expect(await store.writeHost(fence, { ...record, problem }, host?.modRevision ?? 0n)).toMatchObject({ ok: true });
    });

    it("keeps the newest 100 epochs, and steps down before an epoch that is not its own", async () => {
      const { store, wire } = on;
      let written = await store.writeEpoch(fence, "epoch-0", CHANGE.time);
      for (let i = 1; i < 105; i++) written = await store.writeEpoch(fence, `epoch-${i}`, CHANGE.time);
      const epochs = async () => (await wire.range({ key: "/theseus/epochs/", end: "/theseus/epochs0" })).kvs;
      expect(await epochs()).toHaveLength(100);
      expect((await epochs()).some(({ key }) => key === "/theseus/epochs/epoch-104")).toBe(true);
      expect((await epochs()).some(({ key }) => key === "/theseus/epochs/epoch-0")).toBe(false);
      const inOffice = written.ok ? written.fence : fence;
      expect(await store.writeEpoch(inOffice, "epoch-104", CHANGE.time + 1)).toMatchObject({ ok: true });
      await put(wire, "/theseus/epochs/zzz", "{}");
      expect(await store.writeEpoch(inOffice, "epoch-104", CHANGE.time + 2)).toEqual({ ok: false, why: "fenced" });
    });

    it("counts an epoch whose answer was lost as written, and steps down if another came after it", async () => {
      const { store, wire } = on;
      const first = await store.writeEpoch(fence, "lost-answer", CHANGE.time);
      const again = await store.writeEpoch(fence, "lost-answer", CHANGE.time);
      expect(again).toMatchObject({ ok: true, fence: first.ok ? first.fence : undefined });
      await put(wire, "/theseus/epochs/after-it", "{}");
      expect(await store.writeEpoch(fence, "lost-answer", CHANGE.time)).toEqual({ ok: false, why: "fenced" });
    });

    it("writes nothing more once another epoch is appended, or its own is gone", async () => {
      const { store, wire } = on;
      const fenced = { ok: false, why: "fenced" };
      const term = async (epoch: string): Promise<Fence> => {
        const written = await store.writeEpoch(fence, epoch, CHANGE.time);
        if (!written.ok) throw new Error(written.why);
        return written.fence;
      };
      const overtaken = await term("overtaken");
      expect(await store.writeGroup(overtaken, await store.readGroup(group), {})).toMatchObject({ ok: true });
      await put(wire, "/theseus/epochs/another", "{}");
      expect(await store.writeGroup(overtaken, await store.readGroup(group), {})).toEqual(fenced);
      expect(await store.writeHost(overtaken, { ...HOST, name: "overtaken" }, 0n)).toEqual(fenced);
      const gone = await term("gone");
      await wire.txn([], [{ op: "delete", key: "/theseus/epochs/gone" }]);
      expect(await store.writeGroup(gone, await store.readGroup(group), {})).toEqual(fenced);
      expect(await store.writeEpoch(gone, "gone", CHANGE.time)).toEqual(fenced);
      expect(await get(wire, "/theseus/epochs/gone")).toBeUndefined();
    });

    it("is told what another hand has changed of its records, and not what it has written itself", async () => {
      const { store, wire } = on;
      const stop = new AbortController();
      let changed = 0;
      const following = store.followRecords(() => changed++, stop.signal);
      const { uid = "" } = await store.readGroup(group);
      const told = (what: string, before: number) => until(`the leader is told of ${what}`, () => changed > before);
      try {
        // It may not be watching yet.
        await until("it is told of anything", async () => {
          await put(wire, "/theseus/leader-beside", "x");
          return changed > 0;
        });
        for (const key of [hostKey(group.service), slotsKey("default", uid), "/theseus/recovery"]) {
          const before = changed;
          await put(wire, key, "{}");
          await told(key, before);
          await wire.txn([], [{ op: "delete", key }]);
          await told(`the end of ${key}`, before + 1);
        }
        const before = changed;
        await store.writeGroup(fence, await store.readGroup(group), { slots: SLOTS });
        await store.writeHost(fence, { ...HOST, name: `${group.service}-own` }, 0n);
        await put(wire, "/theseus/requests/default/x", "{}");
        await put(wire, "/theseus/slots/default/a-mark", "{}");
        await told("the mark", before);
        expect(changed).toBe(before + 1);
      } finally {
        stop.abort();
        await following;
      }
    });

    it("takes a leader key under another lease for another leader, whatever its revision", async () => {
      const { store } = on;
      const other = { ...fence, lease: fence.lease + 1n };
      expect(await store.writeGroup(other, await store.readGroup(group), {})).toEqual({ ok: false, why: "fenced" });
    });
  });
}
