// The catalog's feed: state and every later change, one revision at a time.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { infoKey } from "../../src/etcd/keys.js";
import {
  anInfo,
  becomeLeader,
  CHANGE,
  context,
  type Fixture,
  freshGroup,
  openFixture,
  put,
  type WireFactory,
} from "./fixture.js";
import { Follower, stateOf } from "./follower.js";

export function feedContract(openWire: WireFactory): void {
  describe("the catalog's feed", () => {
    let on: Fixture;
    beforeAll(async () => {
      on = await openFixture(openWire);
      await on.store.createService(freshGroup());
    });
    afterAll(() => on.wire.close());

    async function following<T>(run: (follower: Follower) => Promise<T>): Promise<T> {
      const follower = new Follower(on.store);
      try {
        await follower.watching();
        const result = await run(follower);
        expect(follower.violations).toEqual([]);
        return result;
      } finally {
        await follower.stop();
      }
    }

    it("begins with everything and shows each later revision as one whole delta", async () => {
      await following(async (follower) => {
        expect(follower.snapshots).toBe(1);
        const group = freshGroup(["a"]);
        const refs = [group, { ...group, labels: ["b"] }];
        const { revision } = await on.store.changeGroups(
          refs.map((ref) => ({ kind: "create", ref, config: { image: "x" } })),
          context(),
        );
        await follower.reach(revision);
        expect(follower.deltas.filter((delta) => delta.revision === revision)).toHaveLength(1);
        expect(follower.deltas.at(-1)?.keys).toHaveLength(5);
        expect(follower.state()).toEqual(stateOf(await on.store.readAt(revision)));
      });
    });

    it("tells of broken values and goes on, and forgets what is deleted", async () => {
      await following(async (follower) => {
        const ref = { ...freshGroup(), name: "by-hand" };
        await follower.reach(await put(on.wire, infoKey(ref), "{"));
        expect(follower.entries.get(infoKey(ref))?.entry).toEqual({ kind: "broken", ref, problem: "it is not JSON" });
        await on.store.setContainerInfo(ref, anInfo("by-hand"));
        const { revision } = await on.store.deregisterContainer(ref);
        await follower.reach(revision);
        expect(follower.entries.has(infoKey(ref))).toBe(false);
      });
    });

    it("ignores keys in its range that mean nothing to it", async () => {
      await following(async (follower) => {
        const before = follower.state();
        for (const key of ["/services/Web", "/services/web/a,A", "/rooms/1", "/theseus/drains/x"])
          await put(on.wire, key, "x");
        await follower.reach(await put(on.wire, "/namespaces/default/services/web", "x"));
        expect(follower.state()).toEqual(before);
      });
    });

    it("gives cursors of the newest epoch", async () => {
      const fence = await becomeLeader(on.wire);
      await following(async (follower) => {
        const written = await on.store.writeEpoch(fence, "feed-1", CHANGE.time);
        await follower.reach(written.ok ? written.revision : 0n);
        expect(follower.epoch).toBe("feed-1");
        const next = await put(on.wire, "/theseus/epochs/a-later-one", "{}");
        await follower.reach(next);
        expect(follower.epoch).toBe("a-later-one");
      });
      await following(async (follower) => expect(follower.epoch).toBe("a-later-one"));
    });

    it("tells that nothing proves an epoch yet, until the leader that appended it writes it again, or another is appended", async () => {
      const fence = await becomeLeader(on.wire);
      const written = await on.store.writeEpoch(fence, "feed-2", CHANGE.time);
      if (!written.ok) throw new Error("it was not written");
      const group = { ...freshGroup(), name: "c1" };
      await following(async (follower) => {
        const other = await on.store.registerContainer(group, anInfo("c1"));
        await follower.reach(other.revision);
        expect(follower.isProven).toBe(false);
        const again = await on.store.writeEpoch(written.fence, "feed-2", CHANGE.time);
        await follower.reach(again.ok ? again.revision : 0n);
        expect([follower.epoch, follower.isProven]).toEqual(["feed-2", true]);
        await follower.reach((await on.store.deregisterContainer(group)).revision);
        expect(follower.isProven).toBe(true);
      });
      await following(async (follower) => {
        expect(follower.isProven).toBe(false);
        await follower.reach(await put(on.wire, "/theseus/epochs/feed-3", "{}"));
        expect([follower.epoch, follower.isProven]).toEqual(["feed-3", true]);
      });
    });

    it("reads entries as they were, until that revision is compacted", async () => {
      const ref = { ...freshGroup(), name: "c1" };
      const { revision } = await on.store.registerContainer(ref, anInfo("c1"));
      const { revision: later } = await on.store.deregisterContainer(ref);
      expect(stateOf(await on.store.readAt(revision))).toHaveProperty([infoKey(ref)]);
      expect(stateOf(await on.store.readAt(later))).not.toHaveProperty([infoKey(ref)]);
      await on.wire.compact(later);
      await expect(on.store.readAt(revision)).rejects.toEqual(
        expect.objectContaining({ reason: "PAGE_TOKEN_EXPIRED" }),
      );
    });

    it("lists more keys than one page holds at one revision", async () => {
      const group = freshGroup();
      const names = Array.from({ length: 2300 }, (_, i) => `c${i}`);
      for (let at = 0; at < names.length; at += 100) {
        const ops = names.slice(at, at + 100).map((name) => ({
          op: "put" as const,
          key: infoKey({ ...group, name }),
          value: "{}",
        }));
        await on.wire.txn([], ops);
      }
      expect(await on.store.getGroupContainerNames(group)).toHaveLength(2300);
      await following(async (follower) => expect(follower.entries.size).toBeGreaterThanOrEqual(2300));
      await on.wire.txn([], [{ op: "delete", key: infoKey({ ...group, name: "c0" }).slice(0, -7), end: "/services0" }]);
    });
  });
}
