// Rollouts: what the leader keeps of them, what people ask of the present one, and the changes that make new revisions
// of a config that there was before.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { configKey, rolloutsKey } from "../../src/etcd/keys.js";
import type { GroupRef } from "../../src/model/reference.js";
import type { Rollout } from "../../src/model/rollout.js";
import type { SteeringAct } from "../../src/model/steering.js";
import type { Fence } from "../../src/model/store.js";
import { aRollout } from "../support/builders.js";
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

const reason = (expected: string) => expect.objectContaining({ reason: expected });
const PIN = { asked: "web:1", pinned: "web@sha256:1" };

/** With everything that can be stored of one. */
const WHOLE: Rollout = aRollout({
  ...{ to: 3, from: 2, state: "rolling_back", done: 2, stepsDone: 1, backBy: 4, takesBack: 2, supersededBy: 5 },
  ...{ started: CHANGE.time, silentSince: CHANGE.time, progressAt: CHANGE.time + 1, ended: CHANGE.time + 2 },
  pause: { since: CHANGE.time, reason: "asked", change: CHANGE },
  slots: { 1: { begun: CHANGE.time, failuresBefore: 0 }, 12: { begun: CHANGE.time, failuresBefore: 3 } },
  failure: { reason: "CONTAINER_EXITED", text: "x", at: CHANGE.time, slot: 1, host: "local", container: "c1" },
  policy: { order: "start-first", onFailure: "pause", steps: ["1", "pause", "50%", "5m"] },
});

export function rolloutsContract(openWire: WireFactory): void {
  describe("the rollouts of a group", () => {
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

    const key = () => rolloutsKey(group.namespace, uid);
    const write = async (...rollouts: Rollout[]) =>
      on.store.writeGroup(fence, await on.store.readGroup(group), { rollouts: { rollouts } });
    const steer = (act: SteeringAct, more: object = {}, from = 1) =>
      on.store.changeGroups([{ kind: "steer", ref: group, from, act }], { ...context(), ...more });
    const restart = (from: number) => on.store.changeGroups([{ kind: "restart", ref: group, from }], context());
    const config = () => on.store.getGroupConfig(group);

    it("are read by the leader and by any server as they were written", async () => {
      expect((await on.store.readGroup(group)).rollouts).toBeUndefined();
      expect(await on.store.readRollouts(group.namespace, uid)).toBeUndefined();
      const result = await write(WHOLE, aRollout({ to: 1, state: "done" }));
      if (!result.ok) throw new Error(result.why);
      const expected = {
        value: { rollouts: [WHOLE, aRollout({ to: 1, state: "done" })] },
        modRevision: result.revision,
      };
      expect((await on.store.readGroup(group)).rollouts).toEqual(expected);
      expect(await on.store.readRollouts(group.namespace, uid)).toEqual(expected);
    });

    it("are written only over what was read, and only by the leader in office", async () => {
      const old = await on.store.readGroup(group);
      await write(aRollout());
      const rollouts = { rollouts: [] };
      expect(await on.store.writeGroup(fence, old, { rollouts })).toEqual({ ok: false, why: "stale" });
      await becomeLeader(on.wire);
      expect(await write(WHOLE)).toEqual({ ok: false, why: "fenced" });
      expect(await on.store.readRollouts(group.namespace, uid)).toMatchObject({ value: { rollouts: [{ to: 2 }] } });
    });

    it("keep what a newer release has written beside them", async () => {
      await write(aRollout());
      await put(on.wire, key(), JSON.stringify({ ...JSON.parse((await get(on.wire, key())) ?? ""), future: 1 }));
      await write(aRollout({ done: 1 }));
      expect(JSON.parse((await get(on.wire, key())) ?? "")).toMatchObject({ future: 1, rollouts: [{ done: 1 }] });
    });

    it("that cannot be understood are never guessed", async () => {
      await put(on.wire, key(), '{"rollouts":[{"to":"x"}]}');
      await expect(on.store.readRollouts(group.namespace, uid)).rejects.toEqual(reason("STORE_DAMAGED"));
      await expect(on.store.readGroup(group)).rejects.toEqual(reason("STORE_DAMAGED"));
    });

    it("go with the group", async () => {
      await write(aRollout());
      await on.store.changeGroups([{ kind: "remove", ref: group, from: 1, volumes: false }], context());
      await on.store.writeGroup(fence, await on.store.readGroup(group), { removeGroup: true });
      expect(await get(on.wire, key())).toBeUndefined();
    });

    it("are paused, resumed, promoted and aborted in the config, which stays at its revision", async () => {
      await steer("pause");
      expect(await config()).toMatchObject({ configRevision: 1, steering: { promotions: 0, paused: CHANGE } });
      await steer("promote");
      await steer("promote");
      expect((await config()).steering).toEqual({ promotions: 2, paused: CHANGE });
      await steer("resume");
      expect((await config()).steering).toEqual({ promotions: 2 });
      await steer("abort");
      expect((await config()).steering).toEqual({ promotions: 2, aborted: CHANGE });
      expect(await on.store.readHistory(group.namespace, uid)).toHaveLength(1);
    });

    it("keep who asked first, and nothing is written for what is so already", async () => {
      await steer("pause");
      const { kvs } = await on.wire.range({ key: configKey(group) });
      await steer("pause", { change: { ...CHANGE, actor: "eve@desk" } });
      expect((await on.wire.range({ key: configKey(group) })).kvs).toEqual(kvs);
    });

    it("are promoted past one barrier by many who mean that one", async () => {
      const promote = { kind: "steer", ref: group, from: 1, act: "promote", promotions: 1 } as const;
      await Promise.all(Array.from({ length: 8 }, () => on.store.changeGroups([promote], context())));
      expect((await config()).steering).toEqual({ promotions: 1 });
    });

    it("are asked once for each request, and only of the revision that was meant", async () => {
      const asked = context();
      const first = await steer("promote", asked);
      expect(first).toMatchObject({ replayed: false, groups: [{ ref: group, configRevision: 1 }] });
      expect(await steer("promote", asked)).toEqual({ ...first, replayed: true });
      expect((await config()).steering).toEqual({ promotions: 1 });
      await expect(steer("pause", {}, 2)).rejects.toEqual(reason("CONFLICT"));
      group = freshGroup();
      await expect(steer("pause")).rejects.toEqual(reason("NO_SUCH_GROUP"));
    });

    it("are asked nothing more of once the group is being removed", async () => {
      await on.store.changeGroups([{ kind: "remove", ref: group, from: 1, volumes: false }], context());
      await expect(steer("pause")).rejects.toEqual(reason("GROUP_REMOVING"));
      await expect(restart(1)).rejects.toEqual(reason("GROUP_REMOVING"));
    });

    it("of an older revision leave nothing that was asked to the next one", async () => {
      await steer("pause");
      await on.store.changeGroups([{ kind: "replace", ref: group, config: { image: "web:2" }, from: 1 }], context());
      expect((await config()).steering).toBeUndefined();
      await steer("pause", {}, 2);
      await restart(2);
      expect((await config()).steering).toBeUndefined();
    });

    it("of a restart have a revision of their own, with the same config and image", async () => {
      await on.store.writeGroup(fence, await on.store.readGroup(group), { pin: PIN });
      const { groups, revision } = await restart(1);
      expect(groups).toEqual([{ ref: group, configRevision: 2 }]);
      expect(await config()).toMatchObject({ config: { image: "web:1" }, configRevision: 2, pin: PIN, restart: 2 });
      const [recorded] = await on.store.readHistory(group.namespace, uid);
      expect(recorded).toMatchObject({ configRevision: 2, pin: PIN, config: { image: "web:1" } });
      expect((await on.wire.range({ key: configKey(group) })).kvs[0]?.modRevision).toBe(revision);
      await expect(restart(1)).rejects.toEqual(reason("CONFLICT"));
    });

    it("of later revisions still know of the restart, and not of its wait", async () => {
      await on.store.changeGroups([{ kind: "restart", ref: group, from: 1, wait: 30_000 }], context());
      expect(await config()).toMatchObject({ configRevision: 2, restart: 2, restartWait: 30_000 });
      await on.store.changeGroups([{ kind: "replace", ref: group, config: { image: "web:1" }, from: 2 }], context());
      expect(await config()).toMatchObject({ configRevision: 3, restart: 2 });
      expect(await config()).not.toHaveProperty("restartWait");
    });

    it("that go back to before a restart undo it too", async () => {
      await restart(1);
      const change = { kind: "replace", ref: group, config: { image: "web:1" } } as const;
      await on.store.changeGroups([{ ...change, from: 2, madeFrom: 1 }], context());
      expect(await config()).not.toHaveProperty("restart");
      await restart(3);
      await on.store.changeGroups([{ ...change, from: 4, madeFrom: 4 }], context());
      expect(await config()).toMatchObject({ configRevision: 5, restart: 4 });
    });

    it("of an undo have the image that is named, and the instances of now", async () => {
      await on.store.changeGroups(
        [{ kind: "replace", ref: group, config: { image: "web:2", instances: 4 }, from: 1 }],
        context(),
      );
      const back = { kind: "replace", ref: group, config: { image: "web:1" }, from: 2, pin: PIN } as const;
      await on.store.changeGroups([back], context());
      expect(await config()).toMatchObject({ config: { image: "web:1", instances: 4 }, configRevision: 3, pin: PIN });
      const [recorded] = await on.store.readHistory(group.namespace, uid);
      expect(recorded).toMatchObject({ configRevision: 3, pin: PIN });
    });
  });
}
