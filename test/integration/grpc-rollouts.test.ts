// TheseusService over the wire: how a rollout stands, and what has become of a group's config revisions.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import { RolloutPauseReason, RolloutSlotState, RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import { TheseusError } from "../../src/model/errors.js";
import type { Group } from "../../src/model/plan.js";
import { type GroupRef, groupId, groupRef } from "../../src/model/reference.js";
import type { Rollout } from "../../src/model/rollout.js";
import { aGroup, aRollout, changed, NOW, type Part, ready, starting } from "../support/builders.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

let count = 0;
const fresh = (): GroupRef => groupRef("roll", [`t${++count}`]);
const uidOf = (ref: GroupRef): string => `uid-${groupId(ref)}`;
const getRollout = async (group: GroupRef, configRevision = 0n) =>
  (await rig.theseus.getRollout({ group, configRevision })).rollout;

/** The revisions of one group as they are stored one after the other, its containers and its rollouts. */
async function stored(revisions: readonly Group[], parts: readonly Part[], rollouts: readonly Rollout[]) {
  const ref = revisions[0]?.ref ?? fresh();
  for (const { record } of revisions) rig.store.putGroup(ref, record);
  for (const { intent, info } of parts)
    rig.store.putContainer({ ...ref, name: intent?.name ?? "" }, { ...(intent && { intent }), ...(info && { info }) });
  rig.store.rollouts.set(uidOf(ref), { rollouts });
  await rig.settled();
  return ref;
}

/** Two of image web:1, and the same of web:2 as rev 2. */
function twoRevisions(): readonly [Group, Group] {
  const first = aGroup({ ref: fresh(), instances: 2 });
  return [first, changed(first, { image: "web:2" })];
}

describe("GetRollout", () => {
  it("tells a rollout that goes on, slot by slot, with what serves and what is promised", async () => {
    const [first, second] = twoRevisions();
    const parts = [ready(first, 2), ready(second, 1, { intent: { generation: 2 } })];
    const slots = { 1: { begun: NOW, failuresBefore: 0 } };
    const ref = await stored([first, second], parts, [aRollout({ slots }), aRollout({ to: 1, state: "done" })]);
    expect(await getRollout(ref)).toMatchObject({
      group: ref,
      ...{ id: "r-2", fromRevision: 1n, toRevision: 2n, state: RolloutState.RUNNING, order: UpdateOrder.STOP_FIRST },
      ...{ maxParallel: 1, wanted: 2, readyNew: 1, readyOld: 1, promised: 1 },
      ...{ startTime: new Date(NOW), deadlineTime: new Date(NOW + 600_000), endTime: undefined },
      change: { actor: "ann@desk" },
      slots: [
        { slot: 1, state: RolloutSlotState.DONE, host: "local", text: "" },
        { slot: 2, state: RolloutSlotState.WAITING, host: "", text: "the old one serves" },
      ],
    });
  });

  it("tells one that stands still at its canaries, without a deadline", async () => {
    const [first, second] = twoRevisions();
    const pause = { since: NOW, reason: "canary" } as const;
    const policy = { steps: ["1", "pause"] };
    const waiting = aRollout({ state: "paused", pause, stepsDone: 1, policy });
    const withCanary = changed(first, { image: "web:2", update: { canary: 1 } });
    const ref = await stored([first, withCanary], [ready(second, 1, { intent: { generation: 2 } })], [waiting]);
    expect(await getRollout(ref)).toMatchObject({
      state: RolloutState.PAUSED,
      deadlineTime: undefined,
      pause: { sinceTime: new Date(NOW), reason: RolloutPauseReason.CANARY, change: undefined },
    });
  });

  it("tells why one failed, and by which revision it was taken back", async () => {
    const [first, second] = twoRevisions();
    const back = changed(second, { image: "web:1" });
    const cause = { reason: "CONTAINER_EXITED", text: "exited with code 1", at: NOW, slot: 1, host: "local" } as const;
    const failure = { ...cause, container: "roll.1.2" };
    const failed = aRollout({ state: "rolled_back", failure, backBy: 3, ended: NOW });
    const way = aRollout({ to: 3, state: "done", takesBack: 2, ended: NOW });
    const ref = await stored([first, second, back], [ready(back, 1), ready(back, 2)], [way, failed]);
    expect(await getRollout(ref, 2n)).toMatchObject({
      ...{ state: RolloutState.ROLLED_BACK, rollbackRevision: 3n, endTime: new Date(NOW), slots: [] },
      ...{ readyNew: 0, readyOld: 2 },
      failure: { text: "exited with code 1", slot: 1, host: "local", container: "roll.1.2", time: new Date(NOW) },
    });
    expect(await getRollout(ref)).toMatchObject({ state: RolloutState.DONE, rollbackOf: 2n, readyNew: 2, slots: [] });
  });

  it("tells a rollout that the leader has not begun as running", async () => {
    const [first, second] = twoRevisions();
    const attention = [{ reason: "IMAGE_NOT_FOUND", text: "there is no image web:2", since: NOW }] as const;
    rig.store.slots = { slots: {}, attention };
    const unpinned = { ...second, record: { ...second.record } };
    const { pin: _, ...record } = unpinned.record;
    const ref = await stored([first, { ...second, record }], [ready(first, 1), ready(first, 2)], []);
    expect(await getRollout(ref)).toMatchObject({
      ...{ id: "r-2", state: RolloutState.RUNNING, fromRevision: 0n, wanted: 2, readyNew: 0, readyOld: 2, promised: 1 },
      slots: [{ text: "there is no image web:2" }, { text: "there is no image web:2" }],
    });
    rig.store.slots = undefined;
  });

  it("is answered also where the config was put back behind its rollouts", async () => {
    const [first] = twoRevisions();
    const ref = await stored([first], [ready(first, 1)], [aRollout({ to: 9, state: "done" })]);
    expect(await getRollout(ref)).toMatchObject({ id: "r-1", state: RolloutState.RUNNING, readyNew: 1 });
    expect(await getRollout(ref, 9n)).toMatchObject({ id: "r-9", state: RolloutState.DONE, readyNew: 0, readyOld: 1 });
  });

  it("counts containers of before a restart as old", async () => {
    const [first] = twoRevisions();
    const restarted = { ...first, record: { ...first.record, configRevision: 2, restart: 2 } };
    const again = ready(restarted, 1, { intent: { generation: 2 } });
    const ref = await stored([first, restarted], [again, ready(first, 2)], [aRollout()]);
    expect(await getRollout(ref)).toMatchObject({ readyNew: 1, readyOld: 1 });
  });

  it("says which slot starts", async () => {
    const [first, second] = twoRevisions();
    const starts = starting(second, 1, { intent: { generation: 2 } });
    const ref = await stored([first, second], [starts, ready(first, 2)], [aRollout()]);
    expect((await getRollout(ref))?.slots[0]).toMatchObject({ state: RolloutSlotState.STARTING, host: "local" });
  });

  it("counts containers that there are, and slots, of the present rollout alone, also once it is over", async () => {
    const [first, second] = twoRevisions();
    const starts = starting(second, 1, { intent: { generation: 2 } });
    const ref = await stored([first, second], [starts, ready(first, 1), ready(first, 2)], [aRollout()]);
    expect(await getRollout(ref)).toMatchObject({
      ...{ readyNew: 0, readyOld: 2, madeNew: 1, madeOld: 2, slotsDone: 0, slotsFailed: 0 },
    });
    const done = aRollout({ state: "done", ended: NOW });
    const [before, after] = twoRevisions();
    const whole = await stored([before, after], [ready(after, 1), ready(after, 2)], [done]);
    expect(await getRollout(whole)).toMatchObject({ madeNew: 2, madeOld: 0, slotsDone: 2, slots: [] });
    expect(await getRollout(whole, 1n)).toMatchObject({ state: RolloutState.SUPERSEDED, madeNew: 0, slotsDone: 0 });
  });

  it("of a revision that nothing is kept of names those that are kept", async () => {
    const [first, second] = twoRevisions();
    const ref = await stored([first, second], [], [aRollout()]);
    const failed = await failureOf(getRollout(ref, 9n));
    expect(failed).toMatchObject({ code: 5, reason: "NO_SUCH_REVISION", now: "nothing was changed" });
    expect(failed.text).toBe(`nothing is kept of rev 9 of roll/${ref.labels[0]}`);
    expect(failed.why).toBe("kept are: rev 2  rev 1");
    expect(failed.next).toBe(`theseus rollout history roll/${ref.labels[0]}`);
  });

  it("of a group that is not there is refused, and so is a revision that is none", async () => {
    expect(await failureOf(getRollout(fresh()))).toMatchObject({ code: 5, reason: "NO_SUCH_GROUP" });
    expect(await failureOf(getRollout(fresh(), -1n))).toMatchObject({ code: 3, reason: "INVALID_REQUEST" });
    expect(await failureOf(rig.theseus.getRollout({}))).toMatchObject({ code: 3, reason: "INVALID_REQUEST" });
  });

  it("says so when what is stored cannot be understood, or the store does not answer", async () => {
    const [first] = twoRevisions();
    const ref = await stored([first], [], []);
    rig.store.broken = new TheseusError("STORE_DAMAGED", { what: "a value in the store cannot be understood" });
    expect(await failureOf(getRollout(ref))).toMatchObject({ code: 9, reason: "STORE_DAMAGED" });
    rig.store.broken = new TheseusError("STORE_UNREACHABLE", { what: "etcd does not answer" });
    expect(await failureOf(getRollout(ref))).toMatchObject({ code: 14, reason: "STORE_UNREACHABLE" });
    rig.store.broken = undefined;
  });
});

describe("ListRevisions", () => {
  it("tells every config that is kept with what became of it, newest first", async () => {
    const [first, second] = twoRevisions();
    const third = changed(second, { image: "web:3" });
    const rollouts = [aRollout({ to: 3, from: 1 }), aRollout({ to: 1, state: "done", ended: NOW })];
    const ref = await stored([first, second, third], [ready(third, 1)], rollouts);
    const { revisions } = await rig.theseus.listRevisions({ group: ref });
    expect(revisions).toMatchObject([
      {
        ...{ configRevision: 3n, pinnedImage: "web:3@sha256:0", change: { actor: "ann@desk" } },
        ...{ config: { image: "web:3" }, rollout: { state: RolloutState.RUNNING, readyNew: 1, slots: [] } },
      },
      { configRevision: 2n, rollout: { state: RolloutState.SUPERSEDED, supersededBy: 3n } },
      { configRevision: 1n, rollout: { state: RolloutState.DONE, id: "r-1" } },
    ]);
  });

  it("of a group that is older than history has its present config", async () => {
    const [first] = twoRevisions();
    const ref = await stored([first], [], []);
    rig.store.history.clear();
    const { revisions } = await rig.theseus.listRevisions({ group: ref });
    expect(revisions).toMatchObject([{ configRevision: 1n, rollout: { state: RolloutState.RUNNING } }]);
  });

  it("of a group that is not there is refused", async () => {
    expect(await failureOf(rig.theseus.listRevisions({ group: fresh() }))).toMatchObject({ reason: "NO_SUCH_GROUP" });
  });
});
