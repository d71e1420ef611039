// What leaves the store by itself: old configs and answers, by the leader alone, and never what nobody understands.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createStore } from "../../src/etcd/driver.js";
import {
  below,
  configKey,
  groupKey,
  HISTORY_PREFIX,
  historyKey,
  historyPrefix,
  requestKey,
} from "../../src/etcd/keys.js";
import { REMOVED_KEPT } from "../../src/model/history.js";
import type { GroupRef } from "../../src/model/reference.js";
import type { Fence } from "../../src/model/store.js";
import { silent, testParts } from "../support/parts.js";
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

const HOUR = 3_600_000;

export function boundsContract(openWire: WireFactory): void {
  describe("the store's bounds", () => {
    let on: Fixture;
    let fence: Fence;
    let group: GroupRef;
    let uid: string;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    beforeEach(async () => {
      await on.wire.txn([], [{ op: "delete", ...below(HISTORY_PREFIX) }]);
      fence = await becomeLeader(on.wire);
      group = freshGroup();
      await on.store.createGroup(group, { image: "web:1" }, CHANGE);
      uid = (await on.store.readConfig(group))?.uid ?? "";
    });
    afterAll(() => on.wire.close());

    const changed = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) await on.store.setGroupConfig(group, { image: "web:1", weight: i }, CHANGE);
    };
    const keysOf = async (id = uid): Promise<string[]> =>
      (await on.wire.range(below(historyPrefix("default", id)))).kvs.map(({ key }) => key);
    const keyOf = (revision: number): string => historyKey("default", uid, revision);

    it("leave the newest ten configs of a group, and nobody is shown more before that", async () => {
      await changed(13);
      expect(await keysOf()).toHaveLength(14);
      expect((await on.store.readHistory("default", uid)).map(({ configRevision }) => configRevision)).toEqual([
        14, 13, 12, 11, 10, 9, 8, 7, 6, 5,
      ]);
      await on.store.forgetHistory(fence, Date.now());
      expect(await keysOf()).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map(keyOf));
    });

    it("leave only the last config of a removed group, for 30 days", async () => {
      await changed(3);
      await on.store.removeGroup(group);
      const now = Date.now();
      await on.store.forgetHistory(fence, now);
      expect(await keysOf()).toEqual([keyOf(4)]);
      await on.store.forgetHistory(fence, now + REMOVED_KEPT - HOUR);
      expect(await on.store.historyKnows("default", uid)).toBe(true);
      await on.store.forgetHistory(fence, now + REMOVED_KEPT + HOUR);
      expect(await on.store.historyKnows("default", uid)).toBe(false);
    });

    it("are kept over more groups and configs than one transaction takes", async () => {
      const record = await get(on.wire, keyOf(1));
      for (let many = 0; many < 120; many++) {
        const ops = Array.from({ length: 12 }, (_, i) => ({
          op: "put" as const,
          key: historyKey("default", `crowd${many}`, i + 1),
          value: record ?? "",
        }));
        await on.wire.txn([], ops);
      }
      const now = Date.now();
      await on.store.forgetHistory(fence, now);
      const { kvs } = await on.wire.range(below(HISTORY_PREFIX));
      // No group has these uids: each is counted as removed, and keeps its last config.
      expect(kvs.filter(({ key }) => key.includes("/crowd"))).toHaveLength(120);
      expect(await keysOf()).toEqual([keyOf(1)]);
      await on.store.forgetHistory(fence, now + REMOVED_KEPT + HOUR);
      expect((await on.wire.range(below(HISTORY_PREFIX))).kvs.map(({ key }) => key)).toEqual([keyOf(1)]);
    });

    it("count a group whose keys another hand has deleted as removed from the day that was found", async () => {
      await changed(1);
      await on.wire.txn(
        [],
        [
          { op: "delete", key: groupKey(group) },
          { op: "delete", key: configKey(group) },
        ],
      );
      const now = Date.now();
      await on.store.forgetHistory(fence, now);
      expect(await on.store.readHistory("default", uid)).toMatchObject([{ configRevision: 2, removed: { at: now } }]);
      await on.store.forgetHistory(fence, now + HOUR);
      expect((await on.store.readHistory("default", uid))[0]?.removed).toEqual({ at: now });
    });

    it("skip what nobody understands, log it once, and go on with the rest", async () => {
      const logged: string[] = [];
      const log = { ...silent, warn: (fields: object) => void logged.push(String(Reflect.get(fields, "key"))) };
      const store = createStore(on.wire, { ...testParts(), log: { ...log, child: () => log } });
      await changed(2);
      const strange = [`${HISTORY_PREFIX}default/${uid}/first`, historyKey("default", "other", 1)];
      for (const key of strange) await put(on.wire, key, "not even JSON");
      const nameless = historyKey("default", "nameless", 1);
      await put(
        on.wire,
        nameless,
        (await get(on.wire, keyOf(1)))?.replace(/"service":"[^"]*"/, '"service":"A/B"') ?? "",
      );
      for (let times = 0; times < 2; times++) await store.forgetHistory(fence, Date.now() + REMOVED_KEPT);
      for (const key of [...strange, nameless]) expect(await get(on.wire, key)).toBeDefined();
      expect(logged.sort()).toEqual([...strange, nameless].sort());
      await put(on.wire, keyOf(2), '{"config": 5}');
      for (let times = 0; times < 2; times++) {
        expect((await store.readHistory("default", uid)).map(({ configRevision }) => configRevision)).toEqual([3, 1]);
      }
      expect(logged.filter((key) => key === keyOf(2))).toHaveLength(1);
    });

    it("are nothing to a server that is not the leader any more", async () => {
      await changed(12);
      await becomeLeader(on.wire);
      await on.store.forgetHistory(fence, Date.now());
      expect(await keysOf()).toHaveLength(13);
    });

    it("forget old answers and keep young ones", async () => {
      const aged = (id: string, time: number) =>
        on.store.changeGroups([{ kind: "create", ref: freshGroup(), config: { image: "x" } }], {
          ...context(id),
          change: { ...CHANGE, time },
        });
      await aged("old-one", CHANGE.time - 5000);
      await aged("young-one", CHANGE.time + 5000);
      await on.store.forgetRequests(fence, CHANGE.time);
      expect(await get(on.wire, requestKey("default", "old-one"))).toBeUndefined();
      expect(await get(on.wire, requestKey("default", "young-one"))).toBeDefined();
    });
  });
}
