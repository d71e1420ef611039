// What the store holds for `theseus recover`: the record of what waits for a word, and groups taken up again.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { groupKey, namespaceKey, RECOVERY_KEY, serviceKey, slotsKey } from "../../src/etcd/keys.js";
import { configTexts } from "../../src/etcd/recovery-codec.js";
import { type RecoveryRecord, type StrayItem, tokenOf, withWord } from "../../src/model/recovery.js";
import type { GroupRef } from "../../src/model/reference.js";
import type { Fence } from "../../src/model/store.js";
import {
  anInfo,
  anIntent,
  becomeLeader,
  CHANGE,
  context,
  type Fixture,
  failure,
  freshGroup,
  get,
  openFixture,
  put,
  type WireFactory,
} from "./fixture.js";

const CONFIG = { image: "web:2", instances: 2, env: { B: "2", A: "1" }, health: { check: { kind: "none" } } } as const;
const PIN = { asked: "web:2", pinned: "web@sha256:2" };
const RECORD = { config: CONFIG, configRevision: 8, change: { ...CHANGE, message: "recovered" }, pin: PIN };
const SLOTS = { slots: { 1: { generation: 4, failures: 0, host: "local" } }, attention: [] };

function item(group: GroupRef, more: Partial<StrayItem> = {}): StrayItem {
  return {
    kind: "container",
    ...{ id: "abc", name: "web.1.4-aaaaaa", host: "local", group, groupUid: "u9", slot: 1, generation: 4 },
    ...{ reason: "newer", ifAdopted: "stays", ifRemoved: "goes", takes: ["adopt", "remove"] },
    ...more,
  };
}

export function recoveryContract(openWire: WireFactory): void {
  describe("what waits for a word", () => {
    let on: Fixture;
    let fence: Fence;
    let group: GroupRef;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    beforeEach(async () => {
      fence = await becomeLeader(on.wire);
      group = freshGroup();
    });
    afterEach(() => on.wire.txn([], [{ op: "delete", key: RECOVERY_KEY }]));
    afterAll(() => on.wire.close());

    const write = async (record: RecoveryRecord) => {
      const before = await on.store.readRecovery();
      return on.store.writeRecovery(fence, record, before?.modRevision ?? 0n);
    };
    const say = (record: RecoveryRecord, asked = context()) => {
      const word = { word: "adopt", token: tokenOf(record.items), change: CHANGE } as const;
      return on.store.giveWord((present) => withWord(present, word), asked);
    };

    it("is one record, written by the leader alone, and gone when nothing waits", async () => {
      const { store, wire } = on;
      expect(await store.readRecovery()).toBeUndefined();
      const outlook = { reason: "another", ifAdopted: "is it", ifRemoved: "no", takes: ["adopt"] as const };
      const engine = { kind: "engine", id: "E:2", host: "local", ...outlook } as const;
      const record: RecoveryRecord = { items: [item(group), engine], more: 3, words: [] };
      expect(await write(record)).toMatchObject({ ok: true });
      expect((await store.readRecovery())?.value).toEqual(record);
      expect(await store.writeRecovery(fence, record, 0n)).toEqual({ ok: false, why: "stale" });
      const former = fence;
      fence = await becomeLeader(wire);
      const modRevision = (await store.readRecovery())?.modRevision ?? 0n;
      expect(await store.writeRecovery(former, record, modRevision)).toEqual({ ok: false, why: "fenced" });
      expect(await write({ items: [], more: 0, words: [] })).toMatchObject({ ok: true });
      expect(await get(wire, RECOVERY_KEY)).toBeUndefined();
    });

    it("takes a word of exactly what was shown, once for each request", async () => {
      const { store } = on;
      const shown: RecoveryRecord = { items: [item(group)], more: 0, words: [] };
      await write(shown);
      const asked = context();
      const first = await say(shown, asked);
      expect((await store.readRecovery())?.value.words).toEqual([{ word: "adopt", ids: ["abc"], change: CHANGE }]);
      await write({ items: [], more: 0, words: [] });
      expect(await say(shown, asked)).toEqual({ ...first, replayed: true });
      expect(await store.readRecovery()).toBeUndefined();
    });

    it("refuses a word when the list changed since, and names what did", async () => {
      const shown: RecoveryRecord = { items: [item(group)], more: 0, words: [] };
      await write({ ...shown, items: [item(group, { id: "def", name: "web.2.1-bbbbbb" })] });
      expect(await failure(say(shown))).toMatchObject({
        reason: "CONFLICT",
        facts: { why: ["new: web.2.1-bbbbbb", expect.stringContaining("1 of those that were shown")] },
      });
      expect(await failure(say({ items: [], more: 0, words: [] }))).toMatchObject({ reason: "CONFLICT" });
    });

    it("that cannot be understood counts as nothing, and the leader writes over it", async () => {
      await put(on.wire, RECOVERY_KEY, "{nonsense");
      expect((await on.store.readRecovery())?.value.items).toEqual([]);
      expect(await write({ items: [item(group)], more: 0, words: [] })).toMatchObject({ ok: true });
    });

    it("keeps others from making a group over containers that the store does not know", async () => {
      const { store } = on;
      await write({ items: [item(group)], more: 0, words: [] });
      const refused = await failure(store.createGroup(group, { image: "x" }, CHANGE));
      expect(refused).toMatchObject({ reason: "STORE_DAMAGED", facts: { next: ["theseus recover"] } });
      expect(await store.groupExists(group)).toBe(false);
      await store.createGroup({ ...group, labels: ["other"] }, { image: "x" }, CHANGE);
    });
  });

  describe("a group that is taken up again", () => {
    let on: Fixture;
    let fence: Fence;
    let group: GroupRef;
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    beforeEach(async () => {
      fence = await becomeLeader(on.wire);
      group = freshGroup();
    });
    afterAll(() => on.wire.close());

    const founding = {
      uid: "u9",
      record: RECORD,
      putIntents: [anIntent("c1", 1, { generation: 4, phase: "running" })],
      putInfos: [["c1", anInfo("c1")]] as const,
      slots: SLOTS,
    };

    it("is written whole in one revision, with the namespace, the service and the history that it had not", async () => {
      const { store, wire } = on;
      const ref = { ...group, namespace: `ns-${group.service}` };
      const result = await store.writeGroup(fence, await store.readGroup(ref), founding);
      if (!result.ok) throw new Error(result.why);
      const read = await store.readGroup(ref);
      expect(read).toMatchObject({ uid: "u9", slots: { value: SLOTS }, record: { value: RECORD } });
      expect(read.intents.get("c1")?.modRevision).toBe(result.revision);
      expect(read.infos.has("c1")).toBe(true);
      for (const key of [namespaceKey(ref.namespace), serviceKey(ref), groupKey(ref)]) {
        expect((await wire.range({ key })).kvs[0]?.modRevision).toBe(result.revision);
      }
      expect(await store.readHistory(ref.namespace, "u9")).toMatchObject([{ configRevision: 8, config: CONFIG }]);
    });

    it("leaves the service as it is where that is there, and fails when somebody made the group meanwhile", async () => {
      const { store } = on;
      await store.createGroup({ ...group, labels: ["other"] }, { image: "x" }, CHANGE);
      const snapshot = await store.readGroup(group);
      expect(await store.writeGroup(fence, snapshot, founding)).toMatchObject({ ok: true });
      expect(await failure(store.writeGroup(fence, snapshot, founding))).toMatchObject({ reason: "CONFLICT" });
    });

    it("takes the place of another uid, whose slots go", async () => {
      const { store, wire } = on;
      await store.createGroup(group, { image: "web:1" }, CHANGE);
      const before = await store.readGroup(group);
      await store.writeGroup(fence, before, { slots: SLOTS });
      const written = await store.writeGroup(fence, await store.readGroup(group), founding);
      expect(written).toMatchObject({ ok: true });
      expect(await store.readGroup(group)).toMatchObject({ uid: "u9", record: { value: RECORD } });
      expect(await get(wire, slotsKey(group.namespace, before.uid ?? ""))).toBeUndefined();
    });

    it("gets a config of the leader's own making under its own uid, in its history too", async () => {
      const { store } = on;
      await store.createGroup(group, { image: "web:1" }, CHANGE);
      const { uid = "" } = await store.readGroup(group);
      const { uid: _, ...write } = founding;
      expect(await store.writeGroup(fence, await store.readGroup(group), write)).toMatchObject({ ok: true });
      expect(await store.readGroup(group)).toMatchObject({ uid, record: { value: RECORD } });
      const revisions = (await store.readHistory(group.namespace, uid)).map(({ configRevision }) => configRevision);
      expect(revisions).toEqual([8, 1]);
    });
  });

  describe("the config that a container carries", () => {
    it("is the same text for the same config, and reads back as it was", () => {
      const { env, ...rest } = CONFIG;
      const text = configTexts.write(CONFIG);
      expect(configTexts.write({ env: { A: "1", B: "2" }, ...rest })).toBe(text);
      expect(configTexts.read(text)).toEqual(CONFIG);
      expect(configTexts.read(`{"image":7}`)).toBeUndefined();
      expect(configTexts.read("none")).toBeUndefined();
    });
  });
}
