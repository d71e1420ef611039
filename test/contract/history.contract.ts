// The configs that a group has had: recorded with every change of it, in the same revision, and with its removal.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { below, configKey, historyKey, historyPrefix } from "../../src/etcd/keys.js";
import type { GroupConfig } from "../../src/model/group.js";
import type { GroupRef } from "../../src/model/reference.js";
import type { Fence } from "../../src/model/store.js";
import {
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

const PIN = { asked: "web:1", pinned: "web@sha256:1" };

export function historyContract(openWire: WireFactory): void {
  describe("the history of a group", () => {
    let on: Fixture;
    let fence: Fence;
    let group: GroupRef;
    let uid: string;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    beforeEach(async () => {
      fence = await becomeLeader(on.wire);
      group = freshGroup();
      await on.store.createGroup(group, { image: "web:1" }, CHANGE);
      uid = (await on.store.readConfig(group))?.uid ?? "";
    });
    afterAll(() => on.wire.close());

    const history = () => on.store.readHistory(group.namespace, uid);
    const storedAt = async (revision: number): Promise<bigint | undefined> =>
      (await on.wire.range({ key: historyKey(group.namespace, uid, revision) })).kvs[0]?.modRevision;
    const replace = (config: GroupConfig, from: number) =>
      on.store.changeGroups([{ kind: "replace", ref: group, config, from }], context());
    const forgetAll = () => on.wire.txn([], [{ op: "delete", ...below(historyPrefix(group.namespace, uid)) }]);

    it("has each config as it was asked for, with who asked, newest first", async () => {
      const { service, labels } = group;
      await on.store.changeGroups([{ kind: "replace", ref: group, config: { image: "web:2", weight: 3 }, from: 1 }], {
        ...context(),
        change: { actor: "bob@desk", command: "update", message: "faster", time: CHANGE.time + 5 },
      });
      await on.store.setGroupConfig(group, { image: "web:3" }, CHANGE);
      expect(await history()).toEqual([
        { service, labels, config: { image: "web:3" }, configRevision: 3, change: CHANGE },
        {
          service,
          labels,
          config: { image: "web:2", weight: 3 },
          configRevision: 2,
          change: { actor: "bob@desk", command: "update", message: "faster", time: CHANGE.time + 5 },
        },
        { service, labels, config: { image: "web:1" }, configRevision: 1, change: CHANGE },
      ]);
    });

    it("is written in the very revision of the config, whoever writes it", async () => {
      const revisionOfConfig = async () => (await on.wire.range({ key: configKey(group) })).kvs[0]?.modRevision;
      expect(await storedAt(1)).toBe(await revisionOfConfig());
      const { revision } = await replace({ image: "web:2" }, 1);
      expect(await storedAt(2)).toBe(revision);
      await on.store.setGroupConfig(group, { image: "web:3" }, CHANGE);
      expect(await storedAt(3)).toBe(await revisionOfConfig());
      const several = [freshGroup(), freshGroup(["a"], "default")];
      const made = await on.store.changeGroups(
        several.map((ref) => ({ kind: "create", ref, config: { image: "x" } })),
        context(),
      );
      for (const ref of several) {
        const read = await on.store.readConfig(ref);
        const { kvs } = await on.wire.range({ key: historyKey("default", read?.uid ?? "", 1) });
        expect(kvs[0]?.modRevision).toBe(made.revision);
      }
    });

    it("has nothing of a change that was refused, or asked for a second time", async () => {
      await expect(replace({ image: "y" }, 7)).rejects.toEqual(expect.objectContaining({ reason: "CONFLICT" }));
      const asked = context();
      const change = [{ kind: "replace", ref: group, config: { image: "y" }, from: 1 }] as const;
      await on.store.changeGroups(change, asked);
      await on.store.changeGroups(change, asked);
      expect(await history()).toHaveLength(2);
    });

    it("learns the pin with the config, and keeps what a newer release has put there", async () => {
      const { store, wire } = on;
      const key = historyKey(group.namespace, uid, 1);
      await put(wire, key, JSON.stringify({ ...JSON.parse((await get(wire, key)) ?? ""), future: 1 }));
      expect(await store.writeGroup(fence, await store.readGroup(group), { pin: PIN })).toMatchObject({ ok: true });
      expect(await storedAt(1)).toBe((await store.readGroup(group)).record?.modRevision);
      await replace({ image: "web:1", weight: 2 }, 1);
      expect((await history()).map(({ pin }) => pin)).toEqual([PIN, PIN]);
      await replace({ image: "web:2" }, 2);
      expect((await history())[0]?.pin).toBeUndefined();
      expect(JSON.parse((await get(wire, key)) ?? "")).toMatchObject({ future: 1, change: { actor: "ann@desk" } });
    });

    it("keeps the last config of a removed group, with the time and who asked for it", async () => {
      const { store } = on;
      const removal = { actor: "eve@desk", command: "remove", message: "not needed", time: CHANGE.time + 9 };
      await store.changeGroups([{ kind: "remove", ref: group, from: 1, volumes: false }], {
        ...context(),
        change: removal,
      });
      expect((await history())[0]?.removed).toBeUndefined();
      const before = Date.now();
      await store.writeGroup(fence, await store.readGroup(group), { removeGroup: true });
      expect(await store.groupExists(group)).toBe(false);
      const [last] = await history();
      expect(last).toMatchObject({ configRevision: 1, change: CHANGE, config: { image: "web:1" } });
      expect(last?.removed).toEqual({ at: expect.any(Number), asked: removal });
      expect(last?.removed?.at).toBeGreaterThanOrEqual(before);
    });

    it("keeps the last config also when the keys are simply deleted by the driver", async () => {
      await replace({ image: "web:2" }, 1);
      const { revision } = await on.store.removeGroup(group);
      expect(await storedAt(2)).toBe(revision);
      const [last] = await history();
      expect(last).toMatchObject({
        configRevision: 2,
        config: { image: "web:2" },
        removed: { at: expect.any(Number) },
      });
      expect(last?.removed).not.toHaveProperty("asked");
    });

    it("begins anew with each group of the same name", async () => {
      await replace({ image: "web:2" }, 1);
      await on.store.removeGroup(group);
      await on.store.createGroup(group, { image: "web:9" }, CHANGE);
      const next = (await on.store.readConfig(group))?.uid ?? "";
      expect(next).not.toBe(uid);
      expect(await on.store.readHistory("default", next)).toHaveLength(1);
      expect((await history())[0]).toMatchObject({ configRevision: 2, removed: {} });
    });

    it("is known by uid, in its namespace, from the first config until long after the removal", async () => {
      const { store } = on;
      expect(await store.historyKnows("default", uid)).toBe(true);
      expect(await store.historyKnows("other", uid)).toBe(false);
      expect(await store.historyKnows("default", uid.slice(0, -1))).toBe(false);
      await store.removeGroup(group);
      expect(await store.historyKnows("default", uid)).toBe(true);
      for (const strange of ["", "a/b", "..", "\ud800"]) {
        expect(await store.historyKnows("default", strange)).toBe(false);
        expect(await store.readHistory("default", strange)).toEqual([]);
      }
    });

    it("begins with the next change of a group that is older than history", async () => {
      const { store } = on;
      await forgetAll();
      expect(await store.historyKnows("default", uid)).toBe(false);
      expect(await history()).toEqual([]);
      await replace({ image: "web:2" }, 1);
      expect((await history()).map(({ configRevision }) => configRevision)).toEqual([2]);
      await forgetAll();
      await store.writeGroup(fence, await store.readGroup(group), { pin: PIN });
      expect(await history()).toMatchObject([{ configRevision: 2, pin: PIN, change: CHANGE }]);
      await forgetAll();
      await store.removeGroup(group);
      expect(await history()).toMatchObject([{ configRevision: 2, removed: {} }]);
    });

    it("goes on with the next number when the config was deleted by hand", async () => {
      await replace({ image: "web:2" }, 1);
      await on.wire.txn([], [{ op: "delete", key: configKey(group) }]);
      const made = await on.store.changeGroups([{ kind: "create", ref: group, config: { image: "web:3" } }], context());
      expect(made.groups).toEqual([{ ref: group, configRevision: 3 }]);
      expect((await on.store.getGroupConfig(group)).configRevision).toBe(3);
      expect((await history()).map(({ config }) => config.image)).toEqual(["web:3", "web:2", "web:1"]);
    });
  });
}
