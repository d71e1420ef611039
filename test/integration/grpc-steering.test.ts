// TheseusService over the wire: what people ask of a rollout, and what cannot be asked of it.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { RolloutPauseReason, RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import type { GroupConfig } from "../../src/model/group.js";
import { type GroupRef, groupId, groupRef } from "../../src/model/reference.js";
import type { Rollout } from "../../src/model/rollout.js";
import { aGroup, aRollout, changed, NOW } from "../support/builders.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.store.beforeChange = () => undefined;
});

const WHO = { actor: "bob@desk", command: "theseus rollout pause", message: "error rate" };
let count = 0;
let ref: GroupRef;

/** A group at rev 2 whose rollout is this; r-1 was done. */
function goingOn(rollout: Rollout = aRollout(), config: Partial<GroupConfig> = {}): void {
  ref = groupRef("steer", [`t${++count}`]);
  const first = aGroup({ ref });
  rig.store.putGroup(ref, first.record);
  rig.store.putGroup(ref, changed(first, { image: "web:2", ...config }).record);
  rig.store.rollouts.set(`uid-${groupId(ref)}`, { rollouts: [rollout, aRollout({ to: 1, state: "done" })] });
}

const record = async () => (await rig.store.readConfig(ref))?.record;
const steering = async () => (await record())?.steering;
const pause = (more: object = {}) => rig.theseus.pauseRollout({ group: ref, change: WHO, ...more });
const resume = (more: object = {}) => rig.theseus.resumeRollout({ group: ref, change: WHO, ...more });
const promote = (more: object = {}) => rig.theseus.promoteRollout({ group: ref, change: WHO, ...more });
const abort = (more: object = {}) => rig.theseus.abortRollout({ group: ref, change: WHO, ...more });

const steps = ["1", "pause", "2", "pause"];
const atCanary = aRollout({
  ...{ state: "paused", stepsDone: 1, pause: { since: NOW, reason: "canary" } },
  policy: { steps },
});

describe("pausing a rollout", () => {
  it("is written with who asked and why, and told at once", async () => {
    goingOn();
    const { rollout, revision } = await pause();
    expect(rollout).toMatchObject({
      ...{ id: "r-2", state: RolloutState.PAUSED, deadlineTime: undefined },
      pause: { reason: RolloutPauseReason.ASKED, change: WHO },
    });
    expect(revision).toBe(rig.store.revision);
    expect(await record()).toMatchObject({ configRevision: 2, steering: { promotions: 0, paused: WHO } });
  });

  it("a second time is success, and changes nothing", async () => {
    goingOn();
    await pause();
    const before = rig.store.revision;
    const { rollout } = await pause({ change: { ...WHO, actor: "eve@desk" } });
    expect(rollout).toMatchObject({ state: RolloutState.PAUSED, pause: { change: WHO } });
    expect(rig.store.revision).toBe(before);
  });

  it("can be asked before the leader has begun it", async () => {
    goingOn();
    rig.store.rollouts.delete(`uid-${groupId(ref)}`);
    expect((await pause()).rollout).toMatchObject({ state: RolloutState.PAUSED });
  });
});

describe("resuming a rollout", () => {
  it("takes back what was asked, and is success where nothing was", async () => {
    goingOn();
    await pause();
    expect((await resume()).rollout).toMatchObject({ state: RolloutState.RUNNING, pause: undefined });
    expect(await steering()).toEqual({ promotions: 0 });
    const before = rig.store.revision;
    expect((await resume()).rollout).toMatchObject({ state: RolloutState.RUNNING });
    expect(rig.store.revision).toBe(before);
  });

  it("of one that waits for its canaries to be promoted says that", async () => {
    goingOn(atCanary, { update: { canary: 1 } });
    const failed = await failureOf(resume());
    expect(failed).toMatchObject({ code: 9, reason: "NO_ROLLOUT", now: "nothing was changed" });
    expect(failed.why).toContain("waits for somebody to promote it");
    expect(failed.next).toBe(`theseus rollout promote steer/${ref.labels[0]}`);
  });
});

describe("promoting a rollout", () => {
  it("opens the barrier at which it waits, once, however often it is asked", async () => {
    goingOn(atCanary, { update: { canary: 1 } });
    expect((await promote()).rollout).toMatchObject({ state: RolloutState.RUNNING });
    expect((await promote()).rollout).toMatchObject({ state: RolloutState.RUNNING });
    expect(await steering()).toEqual({ promotions: 1 });
  });

  it("is success where it waits for nothing", async () => {
    goingOn();
    const before = rig.store.revision;
    expect((await promote()).rollout).toMatchObject({ state: RolloutState.RUNNING });
    expect(rig.store.revision).toBe(before);
  });

  it("of one that somebody has paused says who, and what to do", async () => {
    goingOn();
    await pause();
    const failed = await failureOf(promote());
    expect(failed).toMatchObject({ reason: "NO_ROLLOUT", next: `theseus rollout resume steer/${ref.labels[0]}` });
    expect(failed.why).toMatch(/^it was paused\nby bob@desk at .*: "error rate"$/);
  });

  it("opens a barrier also while somebody has paused it there, which holds on", async () => {
    goingOn(atCanary);
    await pause();
    expect((await promote()).rollout).toMatchObject({ state: RolloutState.PAUSED });
    expect(await steering()).toMatchObject({ promotions: 1, paused: WHO });
  });
});

describe("aborting a rollout", () => {
  it("is written, and told as going back at once", async () => {
    goingOn();
    await pause();
    expect((await abort()).rollout).toMatchObject({ state: RolloutState.ROLLING_BACK, pause: undefined });
    expect(await steering()).toMatchObject({ promotions: 0, aborted: WHO });
    const before = rig.store.revision;
    expect((await abort()).rollout).toMatchObject({ state: RolloutState.ROLLING_BACK });
    expect(rig.store.revision).toBe(before);
    expect(await failureOf(pause())).toMatchObject({ reason: "NO_ROLLOUT" });
  });

  it("without a stable revision to go back to is refused with those that there are", async () => {
    const { from: _, ...first } = aRollout();
    goingOn(first);
    const failed = await failureOf(abort());
    expect(failed).toMatchObject({ code: 5, reason: "NO_SUCH_REVISION", now: "nothing was changed" });
    expect(failed.why).toBe("none of these was ever stable: rev 1");
    expect(failed.next).toContain(`theseus rollout undo steer/${ref.labels[0]}@1`);
    expect(await steering()).toBeUndefined();
  });

  it("of the way back itself is done already", async () => {
    goingOn(aRollout({ takesBack: 1 }));
    expect((await abort()).rollout).toMatchObject({ state: RolloutState.RUNNING });
    expect(await steering()).toBeUndefined();
  });
});

describe("a rollout that is over", () => {
  it.each([
    ["pause", () => pause(), "paused"],
    ["resume", () => resume(), "resumed"],
    ["promote", () => promote(), "promoted"],
    ["abort", () => abort(), "aborted"],
  ])("is nothing to %s", async (_, ask, done) => {
    goingOn(aRollout({ state: "done", ended: NOW }));
    const failed = await failureOf(ask());
    expect(failed).toMatchObject({ code: 9, reason: "NO_ROLLOUT", now: "nothing was changed" });
    expect(failed.text).toBe(`no rollout of steer/${ref.labels[0]} goes on that could be ${done}`);
    expect(failed.why).toBe("r-2 is done since 2026-01-01T00:00:00.000Z\nann@desk asked for it");
    expect(failed.metadata).toMatchObject({ rollout: "r-2", state: "done" });
  });

  it("and was to be aborted is undone instead; one that failed says why", async () => {
    const failure = { reason: "CONTAINER_EXITED", text: "exited with code 1", at: NOW } as const;
    goingOn(aRollout({ state: "failed", ended: NOW, failure }));
    const failed = await failureOf(abort());
    expect(failed.why).toContain("r-2 has failed since 2026-01-01T00:00:00.000Z: exited with code 1");
    expect(failed.next).toContain(`theseus rollout undo steer/${ref.labels[0]}`);
  });
});

describe("every one of them", () => {
  it("is refused when the group is not at the revision that was meant", async () => {
    goingOn();
    expect(await failureOf(pause({ expectedRevision: 1n }))).toMatchObject({ code: 10, reason: "CONFLICT" });
    expect((await pause({ expectedRevision: 2n })).rollout).toMatchObject({ state: RolloutState.PAUSED });
  });

  it("has one effect and answers again, also after the rollout is over", async () => {
    goingOn();
    const first = await abort({ requestId: "a1" });
    const uid = `uid-${groupId(ref)}`;
    const aborted = aRollout({ state: "aborted", backBy: 3, ended: NOW });
    rig.store.rollouts.set(uid, { rollouts: [aRollout({ to: 3, state: "done", takesBack: 2 }), aborted] });
    const present = await record();
    if (present !== undefined) rig.store.putGroup(ref, { ...present, configRevision: 3 });
    const again = await abort({ requestId: "a1" });
    expect(again.revision).toBe(first.revision);
    expect(again.rollout).toMatchObject({ id: "r-2", state: RolloutState.ABORTED, rollbackRevision: 3n });
    expect(await failureOf(abort({ requestId: "a1", change: { actor: "x" } }))).toMatchObject({
      reason: "REQUEST_ID_REUSED",
    });
  });

  it("is made anew when somebody else was quicker, from what is true then", async () => {
    goingOn();
    rig.store.beforeChange = () => {
      rig.store.beforeChange = () => undefined;
      const group = changed(changed(aGroup({ ref }), {}), { image: "web:3" });
      rig.store.putGroup(ref, group.record);
    };
    expect((await pause()).rollout).toMatchObject({ id: "r-3", state: RolloutState.PAUSED });
    expect(await record()).toMatchObject({ configRevision: 3, steering: { paused: WHO } });
  });

  it("is refused of a group that is not there, or is being removed", async () => {
    goingOn();
    const present = await record();
    if (present !== undefined) rig.store.putGroup(ref, { ...present, removing: { volumes: false } });
    expect(await failureOf(pause())).toMatchObject({ code: 9, reason: "GROUP_REMOVING" });
    ref = groupRef("steer", ["none"]);
    expect(await failureOf(resume())).toMatchObject({ code: 5, reason: "NO_SUCH_GROUP" });
    expect(await failureOf(rig.theseus.promoteRollout({}))).toMatchObject({ code: 3, reason: "INVALID_REQUEST" });
  });
});
