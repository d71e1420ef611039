// TheseusService over the wire: going back to an older config, and the same config once more.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { BadRequest } from "../../clients/gen/google/rpc/error_details.js";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import type { GroupConfig, Pin } from "../../src/model/group.js";
import { type GroupRef, groupId, groupRef } from "../../src/model/reference.js";
import type { Rollout } from "../../src/model/rollout.js";
import { aGroup, aPin, aRollout, changed, ready } from "../support/builders.js";
import { detailsOf, failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const WHO = { actor: "ann@desk", command: "theseus rollout undo", message: "error rate" };
let count = 0;
let ref: GroupRef;

/** A group whose revisions are these, each a change of the one before; the rollouts of all but the last are done. */
function revisions(configs: readonly (Partial<GroupConfig> & { readonly pin?: Pin })[], rollouts?: readonly Rollout[]) {
  ref = groupRef("again", [`t${++count}`]);
  let group = aGroup({ ref, instances: 2 });
  rig.store.putGroup(ref, group.record);
  for (const { pin, ...config } of configs) {
    group = changed(group, config);
    rig.store.putGroup(ref, { ...group.record, ...(pin && { pin }) });
  }
  const done = configs.map((_, i) => aRollout({ to: i + 1, state: "done" })).reverse();
  rig.store.rollouts.set(`uid-${groupId(ref)}`, { rollouts: rollouts ?? done });
  for (const slot of [1, 2]) {
    const { intent, info } = ready(group, slot);
    rig.store.putContainer({ ...ref, name: intent.name }, { intent, info });
  }
}

const record = async () => (await rig.store.readConfig(ref))?.record;
const undo = (more: object = {}) => rig.theseus.undoGroup({ group: ref, change: WHO, ...more });
const restart = (more: object = {}) => rig.theseus.restartGroup({ group: ref, change: WHO, ...more });

describe("an undo", () => {
  it("makes a new revision of the last stable one, with its image as it ran, and the instances of now", async () => {
    revisions([{ image: "web:2", env: { A: "1" } }, { instances: 5 }], [aRollout({ to: 1, state: "done" })]);
    const { group, plan, madeFrom, revision } = await undo();
    expect(madeFrom).toBe(1n);
    expect(plan).toMatchObject({
      action: PlanAction.UPDATE,
      fromRevision: 3n,
      toRevision: 4n,
      replaced: 2,
      created: 3,
    });
    expect(plan?.fields).toEqual([
      { path: "env.A", from: "1", to: "" },
      { path: "image", from: "web:2", to: "web:1" },
    ]);
    expect(group).toMatchObject({ configRevision: 4n, config: { image: "web:1", instances: 5 }, lastChange: WHO });
    expect(revision).toBe(rig.store.revision);
    expect(await record()).toMatchObject({ config: { image: "web:1", instances: 5 }, pin: aPin("web:1") });
  });

  it("only to validate tells what it would do, and changes nothing", async () => {
    revisions([{ image: "web:2" }]);
    const before = rig.store.revision;
    const { plan, madeFrom } = await undo({ validateOnly: true });
    expect(plan).toMatchObject({ action: PlanAction.UPDATE, toRevision: 3n, replaced: 2 });
    expect(madeFrom).toBe(1n);
    expect(rig.store.revision).toBe(before);
  });

  it("goes to any revision that is kept, stable or not", async () => {
    revisions([{ image: "web:2" }, { image: "web:3" }], []);
    expect((await undo({ toRevision: 2n })).madeFrom).toBe(2n);
    expect(await record()).toMatchObject({ config: { image: "web:2" }, configRevision: 4 });
  });

  it("to the same config and image makes no new revision", async () => {
    revisions([{ image: "web:2" }, { image: "web:1" }]);
    const { plan, madeFrom, group } = await undo({ toRevision: 1n });
    expect(plan).toMatchObject({ action: PlanAction.NONE, fromRevision: 3n, toRevision: 3n, replaced: 0, fields: [] });
    expect([madeFrom, group?.configRevision]).toEqual([1n, 3n]);
    expect((await undo({ toRevision: 3n })).plan).toMatchObject({ action: PlanAction.NONE });
  });

  it("goes back to another image under the same tag", async () => {
    const moved = { asked: "web:1", pinned: "web:1@sha256:moved" };
    revisions([
      { pull: "always", pin: moved },
      { pull: "always", pin: aPin("web:1") },
    ]);
    expect((await undo({ toRevision: 2n })).plan).toMatchObject({ action: PlanAction.UPDATE, replaced: 2, fields: [] });
    expect((await record())?.pin).toEqual(moved);
  });

  it("to a revision that is not kept names those that are", async () => {
    revisions([{ image: "web:2" }]);
    const failed = await failureOf(undo({ toRevision: 9n }));
    expect(failed).toMatchObject({ code: 5, reason: "NO_SUCH_REVISION", why: "kept are: rev 2  rev 1" });
    expect(failed.metadata).toMatchObject({ revision: "9", kept: "2 1" });
  });

  it("where no older revision was ever stable says so", async () => {
    revisions([{ image: "web:2" }], [aRollout({ to: 2, state: "done" })]);
    const failed = await failureOf(undo());
    expect(failed).toMatchObject({ reason: "NO_SUCH_REVISION", why: "none of these was ever stable: rev 1" });
    expect(failed.next).toContain(`theseus rollout undo again/${ref.labels[0]}@1`);
    revisions([]);
    expect((await failureOf(undo())).why).toBe("no older revision is kept");
  });

  it("to a config that reaches the host is refused like any other change to it", async () => {
    revisions([
      { image: "web:2", volumes: [{ bind: "/srv", at: "/srv" }] },
      { image: "web:3", volumes: [] },
    ]);
    expect(await failureOf(undo())).toMatchObject({ code: 7, reason: "HOST_ACCESS_REFUSED" });
    expect((await record())?.configRevision).toBe(3);
  });

  it("is refused when the group is at another revision, is being removed, or is not there", async () => {
    revisions([{ image: "web:2" }]);
    expect(await failureOf(undo({ expectedRevision: 1n }))).toMatchObject({ code: 10, reason: "CONFLICT" });
    const present = await record();
    if (present !== undefined) rig.store.putGroup(ref, { ...present, removing: { volumes: false } });
    expect(await failureOf(undo())).toMatchObject({ reason: "GROUP_REMOVING" });
    ref = groupRef("again", ["none"]);
    expect(await failureOf(undo())).toMatchObject({ reason: "NO_SUCH_GROUP" });
    expect(await failureOf(undo({ toRevision: -1n }))).toMatchObject({ reason: "INVALID_REQUEST" });
  });

  it("that is sent again has one effect, and tells the same", async () => {
    revisions([{ image: "web:2" }, { image: "web:3" }]);
    const first = await undo({ requestId: "u1" });
    const again = await undo({ requestId: "u1" });
    expect([again.revision, again.madeFrom]).toEqual([first.revision, first.madeFrom]);
    expect(first.madeFrom).toBe(2n);
    expect(again.plan).toMatchObject({ fromRevision: 3n, toRevision: 4n });
    expect((await record())?.configRevision).toBe(4);
  });
});

describe("a restart", () => {
  it("makes a new revision of the same config, for which every container is made anew", async () => {
    revisions([{ image: "web:2" }]);
    const { group, plan } = await restart();
    expect(plan).toMatchObject({
      action: PlanAction.UPDATE,
      fromRevision: 2n,
      toRevision: 3n,
      fields: [],
      replaced: 2,
    });
    expect(plan?.placements).toHaveLength(2);
    expect(group).toMatchObject({ configRevision: 3n, config: { image: "web:2" }, lastChange: WHO });
    expect(await record()).toMatchObject({ restart: 3, pin: aPin("web:2") });
  });

  it("with a wait has it for itself alone, in one revision, and leaves the config as it is", async () => {
    revisions([{ update: { wait: 1000 } }]);
    await restart({ wait: { seconds: 30n, nanos: 0 } });
    expect(await record()).toMatchObject({ restart: 3, restartWait: 30_000, config: { update: { wait: 1000 } } });
    await rig.theseus.updateGroup({ group: ref, config: { weight: 7 } });
    expect(await record()).toMatchObject({ restart: 3, configRevision: 4 });
    expect(await record()).not.toHaveProperty("restartWait");
  });

  it("that was asked for goes on in what a later change would do", async () => {
    revisions([{ image: "web:2" }]);
    await restart();
    const weighed = await rig.theseus.updateGroup({ group: ref, config: { weight: 7 }, validateOnly: true });
    expect(weighed.plan).toMatchObject({ action: PlanAction.UPDATE, replaced: 2 });
  });

  it("only to validate changes nothing", async () => {
    revisions([]);
    const before = rig.store.revision;
    expect((await restart({ validateOnly: true })).plan).toMatchObject({ replaced: 2, toRevision: 2n });
    expect(rig.store.revision).toBe(before);
  });

  it("that is sent again restarts once", async () => {
    revisions([]);
    const first = await restart({ requestId: "again" });
    const again = await restart({ requestId: "again" });
    expect(again.revision).toBe(first.revision);
    expect((await record())?.configRevision).toBe(2);
  });

  it("is refused as any change is", async () => {
    revisions([]);
    const without = await failureOf(restart({ wait: { seconds: -1n, nanos: 0 } }));
    expect(without).toMatchObject({ reason: "INVALID_REQUEST", code: 3 });
    const [wrong] = detailsOf(without.status, "BadRequest", BadRequest);
    expect(wrong?.fieldViolations).toMatchObject([{ field: "wait" }]);
    expect(await failureOf(restart({ expectedRevision: 7n }))).toMatchObject({ code: 10, reason: "CONFLICT" });
    ref = groupRef("again", ["none"]);
    expect(await failureOf(restart())).toMatchObject({ code: 5, reason: "NO_SUCH_GROUP" });
  });
});
