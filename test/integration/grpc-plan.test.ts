// ApplyGroups over the wire as a plan, and held to one: what is looked up, what a token holds, and that nobody comes in
// between the check and the write.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import { PlanAction, PlannedActionKind } from "../../clients/gen/theseus/v1/plan.js";
import type { FindImage } from "../../src/grpc/image-looks.js";
import { TheseusError } from "../../src/model/errors.js";
import type { Stranger } from "../../src/model/ports.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import { aGroup, anIntent, changed } from "../support/builders.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

const digest = (letter: string): string => `web@sha256:${letter.repeat(64)}`;

let rig: Rig;
let found: FindImage;
let asked: string[] = [];
let strangers: readonly Stranger[] = [];
let ref: GroupRef;
let count = 0;

beforeAll(async () => {
  rig = await startRig({
    findImage: (host, image, policy) => {
      asked.push(`${host} ${image} ${policy}`);
      return found(host, image, policy);
    },
    findStrangers: async () => strangers,
  });
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.store.beforeChange = () => undefined;
  found = async () => ({ pinned: digest("a") });
  asked = [];
  strangers = [];
  ref = groupRef("plan", [`t${++count}`]);
});

/** A group of image web:1 at rev 1, with two containers. */
function standing(): void {
  const group = aGroup({ ref, instances: 2 });
  rig.store.putGroup(ref, group.record);
  for (const slot of [1, 2]) {
    const intent = anIntent(group, { slot });
    rig.store.putContainer({ ...ref, name: intent.name }, { intent });
  }
}

type Asked = { readonly atToken?: string; readonly validateOnly?: boolean; readonly requestId?: string };

const config = { image: "web:2", instances: 2 };
const apply = (more: Asked = {}, to: object = config) =>
  rig.theseus.applyGroups({ groups: [{ ref, config: to }], change: { actor: "ann@desk" }, ...more });
const plan = (to: object = config) => apply({ validateOnly: true }, to);
const record = async () => (await rig.store.readConfig(ref))?.record;
/** Somebody else's change of the same group. */
const interfere = (): void => rig.store.putGroup(ref, changed(aGroup({ ref, instances: 2 }), { weight: 7 }).record);

describe("a plan", () => {
  it("tells order, batches, promise, actions and image, looks once, and writes nothing", async () => {
    standing();
    const { plans, token } = await plan();
    expect(plans[0]).toMatchObject({
      ...{ order: UpdateOrder.START_FIRST, whyNotStartFirst: "", maxParallel: 1, batches: 2, minReady: 2 },
      actions: [
        { slot: 1, kind: PlannedActionKind.REPLACE, fromHost: "local", toHost: "local", batch: 1 },
        { slot: 2, kind: PlannedActionKind.REPLACE, batch: 2 },
      ],
      image: { image: "web:2", fromPinned: "web:1@sha256:0", toPinned: digest("a"), problem: "" },
    });
    expect(token).toMatch(/^\d+-[0-9a-f]{6}\.1\.[0-9a-f]{6}\.a{8}\.[0-9a-f]{6}-/);
    expect(asked).toEqual(["local web:2 missing"]);
    expect(await record()).toMatchObject({ configRevision: 1 });
  });

  it("looks up nothing where the image stays, and nothing for a change that nobody reads first", async () => {
    standing();
    await plan({ image: "web:1", instances: 2, env: { A: "1" } });
    await apply();
    expect(asked).toEqual([]);
  });

  it("says why an image is not known, however that failed", async () => {
    standing();
    found = async () => {
      throw new TheseusError("REGISTRY_UNREACHABLE", { what: "no registry answers", why: ["it is away"] });
    };
    const [told] = (await plan()).plans;
    expect(told?.image).toMatchObject({ toPinned: "", problem: "no registry answers: it is away" });
    expect([told?.refusals, told?.replaced]).toEqual([[], 2]);
  });

  it("refuses every slot for an image that does not exist", async () => {
    found = async () => {
      throw new TheseusError("IMAGE_NOT_FOUND", { what: "there is no web:2" });
    };
    const [told] = (await plan()).plans;
    expect(told?.refusals).toMatchObject([
      { slot: 1, hosts: [{ host: "local", text: "there is no web:2" }] },
      { slot: 2 },
    ]);
    expect(told?.actions).toEqual([]);
  });

  it("refuses a fixed port that a container holds which is not ours, and names it", async () => {
    strangers = [{ id: "1", name: "nginx-by-hand", hostPorts: [8443] }];
    const ports = [{ name: "https", container: 8443, host: 8443 }];
    const [told] = (await plan({ image: "web:2", instances: 1, ports })).plans;
    expect(told?.refusals).toMatchObject([
      { slot: 1, hosts: [{ host: "local", text: "port 8443 is taken by container nginx-by-hand" }] },
    ]);
  });

  it("places the groups of one request beside each other, each container once", async () => {
    standing();
    const other = groupRef("plan", [`other${count}`]);
    const big = { image: "web:2", instances: 2, memBytes: 1_800_000_000n };
    const groups = [ref, other].map((one) => ({ ref: one, config: big }));
    const { plans } = await rig.theseus.applyGroups({ groups, validateOnly: true });
    expect(plans.map(({ refusals }) => refusals.length)).toEqual([0, 0]);
  });
});

describe("apply with a token", () => {
  it("writes what was planned, with the image that was found", async () => {
    standing();
    const { token } = await plan();
    const { plans } = await apply({ atToken: token });
    expect(plans[0]).toMatchObject({ action: PlanAction.UPDATE, toRevision: 2n });
    expect(await record()).toMatchObject({ configRevision: 2, pin: { asked: "web:2", pinned: digest("a") } });
  });

  it("writes the image of a new group too", async () => {
    const { token } = await plan();
    await apply({ atToken: token });
    expect(await record()).toMatchObject({ configRevision: 1, pin: { asked: "web:2", pinned: digest("a") } });
  });

  it("is answered the same when it is sent again", async () => {
    standing();
    const { token } = await plan();
    const requestId = `again-${count}`;
    const { revision } = await apply({ atToken: token, requestId });
    expect(await apply({ atToken: token, requestId })).toMatchObject({ revision, plans: [{ toRevision: 2n }] });
    expect(await record()).toMatchObject({ configRevision: 2 });
  });

  it("is a conflict when somebody else was quicker, also between the check and the write", async () => {
    standing();
    const { token } = await plan();
    rig.store.beforeChange = () => {
      rig.store.beforeChange = () => undefined;
      interfere();
    };
    const failure = await failureOf(apply({ atToken: token }));
    expect(failure).toMatchObject({ reason: "CONFLICT" });
    expect(await record()).toMatchObject({ configRevision: 2, config: { image: "web:1", weight: 7 } });
  });

  it("is a conflict when a group that is not changed was changed by somebody else just before the write", async () => {
    standing();
    const other = groupRef("plan", [`quiet${count}`]);
    rig.store.putGroup(other, aGroup({ ref: other, instances: 1 }).record);
    const groups = [
      { ref, config },
      { ref: other, config: { image: "web:1", instances: 1 } },
    ];
    const { token, plans } = await rig.theseus.applyGroups({ groups, validateOnly: true });
    expect(plans.map(({ action }) => action)).toEqual([PlanAction.UPDATE, PlanAction.NONE]);
    rig.store.beforeChange = () => {
      rig.store.beforeChange = () => undefined;
      rig.store.putGroup(other, changed(aGroup({ ref: other, instances: 1 }), { weight: 7 }).record);
    };
    const failure = await failureOf(rig.theseus.applyGroups({ groups, atToken: token }));
    expect(failure).toMatchObject({ reason: "CONFLICT" });
    expect(await record()).toMatchObject({ configRevision: 1 });
  });

  it("is a conflict when the tag has moved, and when a host was lost", async () => {
    standing();
    const { token } = await plan();
    found = async () => ({ pinned: digest("b") });
    expect(await failureOf(apply({ atToken: token }))).toMatchObject({ reason: "CONFLICT" });
    found = async () => ({ pinned: digest("a") });
    const [host] = rig.store.hosts;
    if (host === undefined) throw new Error("there is a host");
    rig.store.hosts = [{ ...host, problem: { reason: "HOST_UNREACHABLE", text: "it is away", since: 1 } }];
    try {
      expect(await failureOf(apply({ atToken: token }))).toMatchObject({ reason: "CONFLICT" });
    } finally {
      rig.store.hosts = [host];
    }
    expect(await record()).toMatchObject({ configRevision: 1 });
    await apply({ atToken: token });
    expect(await record()).toMatchObject({ configRevision: 2 });
  });

  it("is INVALID_REQUEST with a text that is no token", async () => {
    expect(await failureOf(apply({ atToken: "48812-7c1e" }))).toMatchObject({ reason: "INVALID_REQUEST" });
  });
});
