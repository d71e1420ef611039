// What is kept of containers that failed: one for each, a few of each slot, gone with the last of their group.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import {
  below,
  containerKey,
  EVIDENCE_PREFIX,
  evidenceKey,
  evidencePrefix,
  historyPrefix,
} from "../../src/etcd/keys.js";
import type { Evidence } from "../../src/model/evidence.js";
import type { GroupRef } from "../../src/model/reference.js";
import type { Fence } from "../../src/model/store.js";
import {
  anIntent,
  becomeLeader,
  CHANGE,
  type Fixture,
  freshGroup,
  get,
  openFixture,
  put,
  type WireFactory,
} from "./fixture.js";

const AT = Date.UTC(2026, 0, 1);

function anEvidence(container: string, more: Partial<Evidence> = {}): Evidence {
  return {
    ...{ container, slot: 1, generation: 1, configRevision: 1, host: "local", at: AT },
    ...{ reason: "CONTAINER_EXITED", text: `${container} ended by itself`, exitCode: 3, outOfMemory: false },
    health: ["503 in 4 ms"],
    lines: [{ at: 1_767_225_600_123_456_789n, stream: "stderr", text: "no database \ufffd\u001b[0m" }],
    ...more,
  };
}

export function evidenceContract(openWire: WireFactory): void {
  describe("evidence", () => {
    let on: Fixture;
    let fence: Fence;
    let group: GroupRef;
    let key: { namespace: string; uid: string };
    beforeAll(async () => {
      on = await openFixture(openWire);
    });
    beforeEach(async () => {
      fence = await becomeLeader(on.wire);
      group = freshGroup();
      await on.store.createGroup(group, { image: "web:1" }, CHANGE);
      key = { namespace: "default", uid: (await on.store.readConfig(group))?.uid ?? "" };
    });
    afterAll(() => on.wire.close());

    const seen = () => ({ ref: group, uid: key.uid, intents: new Map() });
    const keep = (evidence: Evidence, spared: readonly string[] = []) =>
      on.store.keepEvidence(fence, seen(), evidence, spared);
    const read = async () => (await on.store.readEvidence(key)).evidence;
    const names = async () => (await read()).map(({ container }) => container);

    it("is read as it was kept, newest first, and one by the name of its container", async () => {
      const { exitCode: _, ...running } = anEvidence("web.2", { slot: 2, unread: "no answer", health: [], lines: [] });
      await keep(anEvidence("web.1"));
      const { revision } = (await keep(running)) as { revision: bigint };
      expect(await read()).toEqual([running, anEvidence("web.1")]);
      expect((await on.store.readEvidence(key)).revision).toBeGreaterThanOrEqual(revision);
      expect((await on.store.readEvidence(key, "web.1")).evidence).toEqual([anEvidence("web.1")]);
      expect((await on.store.readEvidence(key, "web.3")).evidence).toEqual([]);
      expect((await on.store.readEvidence({ namespace: "default", uid: "" })).evidence).toEqual([]);
    });

    it("of one container is the first that was kept", async () => {
      expect(await keep(anEvidence("web.1"))).toMatchObject({ ok: true });
      expect(await keep(anEvidence("web.1", { text: "again" }))).toMatchObject({ ok: true });
      const [first, second] = await Promise.all([keep(anEvidence("web.2")), keep(anEvidence("web.2"))]);
      expect([first, second]).toContainEqual(expect.objectContaining({ ok: true }));
      expect(await names()).toEqual(["web.2", "web.1"]);
      expect(await read()).toEqual([anEvidence("web.2"), anEvidence("web.1")]);
    });

    it("is no more than two of a slot and config revision, but for what is spared, and twenty of a group", async () => {
      for (let i = 1; i <= 4; i++) await keep(anEvidence(`a.${i}`), ["a.1"]);
      expect(await names()).toEqual(["a.4", "a.1"]);
      await keep(anEvidence("b", { configRevision: 2 }));
      expect(await names()).toEqual(["b", "a.4", "a.1"]);
      for (let slot = 1; slot <= 30; slot++) await keep(anEvidence(`c.${slot}`, { slot, configRevision: 3 }));
      const expected = Array.from({ length: 20 }, (_, i) => `c.${30 - i}`);
      expect(await names()).toEqual(expected);
    });

    it("is written by the leader alone", async () => {
      const former = fence;
      fence = await becomeLeader(on.wire);
      expect(await on.store.keepEvidence(former, seen(), anEvidence("web.1"), [])).toEqual({
        ok: false,
        why: "fenced",
      });
      expect(await read()).toEqual([]);
    });

    it("is only written of a container whose intent is the one that was seen", async () => {
      const before = await on.store.readGroup(group);
      await on.store.writeGroup(fence, before, { putIntents: [anIntent("web.1", 1)] });
      const { intents } = await on.store.readGroup(group);
      const onWhatWasSeen = () => on.store.keepEvidence(fence, { ...seen(), intents }, anEvidence("web.1"), []);
      const stale = { ok: false, why: "stale" };
      expect(await keep(anEvidence("web.1"))).toEqual(stale);
      await on.wire.txn([], [{ op: "delete", key: containerKey({ ...group, name: "web.1" }) }]);
      expect(await onWhatWasSeen()).toEqual(stale);
      expect(await read()).toEqual([]);
      await on.store.writeGroup(fence, before, { putIntents: [anIntent("web.1", 1)] });
      expect(await onWhatWasSeen()).toEqual(stale);
      const again = { ...seen(), intents: (await on.store.readGroup(group)).intents };
      expect(await on.store.keepEvidence(fence, again, anEvidence("web.1"), [])).toMatchObject({ ok: true });
      expect(await names()).toEqual(["web.1"]);
    });

    it("leaves out one that cannot be understood", async () => {
      await keep(anEvidence("web.1"));
      await keep(anEvidence("web.2"));
      const broken = evidenceKey(key.namespace, key.uid, anEvidence("web.1"));
      expect(await get(on.wire, broken)).toContain("2026-01-01T00:00:00.123456789Z");
      await put(on.wire, broken, "{}");
      expect(await names()).toEqual(["web.2"]);
    });

    it("goes with the last that is known of its group, and not before", async () => {
      await keep(anEvidence("web.1"));
      const stranger = `${EVIDENCE_PREFIX}what/is/this`;
      await put(on.wire, stranger, "?");
      await on.store.removeGroup(group);
      await on.store.forgetEvidence(fence);
      expect(await names()).toEqual(["web.1"]);
      await on.wire.txn([], [{ op: "delete", ...below(historyPrefix(key.namespace, key.uid)) }]);
      await on.store.forgetEvidence(fence);
      const left = await on.wire.range({ ...below(evidencePrefix(key.namespace, key.uid)), keysOnly: true });
      expect(left.kvs).toEqual([]);
      expect(await get(on.wire, stranger)).toBe("?");
    });
  });
}
