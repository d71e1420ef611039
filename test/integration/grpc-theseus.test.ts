// TheseusService over the wire, beyond one group: files, repeated requests, removals, namespaces, hosts, the server.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { BadRequest } from "../../clients/gen/google/rpc/error_details.js";
import { HostState } from "../../clients/gen/theseus/v1/host.js";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import { TheseusError } from "../../src/model/errors.js";
import { type GroupRef, groupId, groupRef } from "../../src/model/reference.js";
import { aGroup, anIntent } from "../support/builders.js";
import { detailsOf, failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());
beforeEach(async () => {
  rig.store.broken = undefined;
  rig.store.beforeChange = () => undefined;
  await rig.settled();
});

const WHO = { actor: "ann@desk", command: "theseus create", message: "first try" };
let count = 0;
/** A group that no other test uses. */
const fresh = (): GroupRef => {
  count += 1;
  return groupRef("shop", [`t${count}`]);
};
const create = (group: GroupRef, config: object = {}, more: object = {}) =>
  rig.theseus.createGroup({ group, config: { image: "shop:1", ...config }, change: WHO, ...more });
const update = (group: GroupRef, config: object, more: object = {}) =>
  rig.theseus.updateGroup({ group, config, ...more });
const configOf = async (group: GroupRef) => (await rig.store.readConfig(group))?.record.config;

describe("applying several groups", () => {
  const spec = (ref: GroupRef, config: object = {}, more: object = {}) => ({
    ref,
    config: { image: "shop:1", ...config },
    ...more,
  });
  const apply = (groups: object[], more: object = {}) => rig.theseus.applyGroups({ groups, ...more } as never);

  it("creates, updates and leaves alone, in the order of the request", async () => {
    const [a, b, c] = [fresh(), fresh(), fresh()];
    await create(a, { instances: 5 });
    await create(b);
    const answer = await apply([spec(a, { image: "shop:2" }), spec(b), spec(c)]);
    expect(answer.plans.map(({ action }) => action)).toEqual([PlanAction.UPDATE, PlanAction.NONE, PlanAction.CREATE]);
    expect(answer.plans[0]?.fields).toEqual([{ path: "image", from: "shop:1", to: "shop:2" }]);
    expect(await configOf(a)).toEqual({ image: "shop:2", instances: 5 });
  });

  it("writes all or none, and names the group of each mistake", async () => {
    const [a, b] = [fresh(), fresh()];
    const failed = await failureOf(apply([spec(a), spec(b, { memBytes: 5n }), spec(a)]));
    const [bad] = detailsOf(failed.status, "BadRequest", BadRequest);
    expect(bad?.fieldViolations.map(({ field }) => field)).toEqual(["groups[1].config.mem", "groups[2].ref"]);
    expect(await configOf(a)).toBeUndefined();
  });

  it("only to plan writes nothing, and places the second group beside the first", async () => {
    const before = rig.store.revision;
    const half = 6n * (1n << 30n);
    const answer = await apply([spec(fresh(), { memBytes: half }), spec(fresh(), { memBytes: half })], {
      validateOnly: true,
    });
    expect(answer.plans[0]?.placements).toHaveLength(1);
    expect(answer.plans[1]?.refusals).toHaveLength(1);
    expect(rig.store.revision).toBe(before);
  });

  it("turns into an update when somebody created the group meanwhile", async () => {
    const ref = fresh();
    rig.store.beforeChange = () => {
      rig.store.beforeChange = () => undefined;
      rig.store.putGroup(ref, aGroup({ ref }).record);
    };
    const answer = await apply([spec(ref, { image: "shop:9" })]);
    expect(answer.plans).toMatchObject([{ action: PlanAction.UPDATE, toRevision: 2n }]);
  });
});

describe("the same request sent again", () => {
  it("has one effect and the same answer, also when the world has moved on", async () => {
    const ref = fresh();
    const made = { requestId: "r-create" };
    const first = await create(ref, {}, made);
    const again = await create(ref, {}, made);
    expect([again.revision, again.plan]).toEqual([first.revision, first.plan]);
    const edit = { requestId: "r-edit", expectedRevision: 1n };
    const edited = await update(ref, { image: "shop:2" }, edit);
    await update(ref, { image: "shop:3" });
    const repeated = await update(ref, { image: "shop:2" }, edit);
    expect([repeated.revision, repeated.plan?.toRevision]).toEqual([edited.revision, 2n]);
    expect((await configOf(ref))?.image).toBe("shop:3");
  });

  it("tells of every group that it named, changed or not", async () => {
    const [a, b] = [fresh(), fresh()];
    await create(b);
    const groups = [a, b].map((ref) => ({ ref, config: { image: "shop:1" } }));
    const asked = { groups, requestId: "r-both" } as never;
    const first = await rig.theseus.applyGroups(asked);
    const again = await rig.theseus.applyGroups(asked);
    const told = ({ plans, revision }: typeof first) => [revision, plans.map(({ ref, action }) => [ref, action])];
    expect(told(again)).toEqual(told(first));
    expect(again.plans.map(({ action }) => action)).toEqual([PlanAction.CREATE, PlanAction.NONE]);
  });

  it("with other content is refused", async () => {
    const ref = fresh();
    await create(ref, {}, { requestId: "r-other" });
    expect(await failureOf(create(ref, { instances: 2 }, { requestId: "r-other" }))).toMatchObject({
      code: 10,
      reason: "REQUEST_ID_REUSED",
    });
  });

  it("after the group is gone answers a removal as before", async () => {
    const ref = fresh();
    await create(ref);
    const asked = { group: ref, requestId: "r-gone" };
    const first = await rig.theseus.removeGroup(asked);
    rig.store.delete(groupId(ref), `${groupId(ref)} config`);
    await rig.settled();
    const again = await rig.theseus.removeGroup(asked);
    expect([again.revision, again.plan?.action]).toEqual([first.revision, PlanAction.REMOVE]);
    expect(await failureOf(rig.theseus.removeGroup({ group: ref }))).toMatchObject({ reason: "NO_SUCH_GROUP" });
  });
});

describe("removing", () => {
  it("a group says how many containers stop, and asking twice is no error", async () => {
    const ref = fresh();
    const group = aGroup({ ref, uid: `uid-${groupId(ref)}` });
    rig.store.putGroup(ref, group.record);
    const intent = anIntent(group);
    rig.store.putContainer({ ...ref, name: intent.name }, { intent });
    const answer = await rig.theseus.removeGroup({ group: ref });
    expect(answer.plan).toMatchObject({ action: PlanAction.REMOVE, stopped: 1 });
    const asked = rig.store.changesAsked;
    await rig.theseus.removeGroup({ group: ref });
    expect(rig.store.changesAsked).toBe(asked);
    expect(await failureOf(update(ref, { instances: 3 }))).toMatchObject({ reason: "GROUP_REMOVING", code: 9 });
  });

  it("a service with groups needs all_groups, and then asks for each", async () => {
    const [a, b] = [groupRef("gone", ["a"]), groupRef("gone", ["b"])];
    await create(a);
    await create(b);
    const failed = await failureOf(rig.theseus.removeService({ service: "gone" }));
    expect(failed).toMatchObject({ code: 9, reason: "SERVICE_NOT_EMPTY", why: "gone/a  gone/b" });
    expect(failed.next).toBe("theseus remove gone --all-groups");
    const { plans } = await rig.theseus.removeService({ service: "gone", allGroups: true });
    expect(plans.map(({ action }) => action)).toEqual([PlanAction.REMOVE, PlanAction.REMOVE]);
    expect((await rig.store.readConfig(a))?.record.removing).toEqual({ volumes: false });
  });

  it("a service that is removed by the same request again gets the same answer, whatever is left of it", async () => {
    const ref = groupRef("twice", ["a"]);
    await create(ref);
    const asked = { service: "twice", allGroups: true, requestId: "r-twice" };
    const { revision } = await rig.theseus.removeService(asked);
    rig.store.delete(groupId(ref), `${groupId(ref)} config`);
    await rig.settled();
    expect(await rig.theseus.removeService(asked)).toMatchObject({
      revision,
      plans: [{ ref: { service: "twice" }, action: PlanAction.REMOVE }],
    });
    rig.store.putService({ namespace: "default", service: "hollow" });
    const hollow = { service: "hollow", requestId: "r-hollow" };
    const first = await rig.theseus.removeService(hollow);
    expect(await rig.theseus.removeService(hollow)).toEqual(first);
    expect(await failureOf(rig.theseus.removeService({ service: "hollow" }))).toMatchObject({
      reason: "NO_SUCH_SERVICE",
    });
  });

  it("a service that is not there names the nearest one", async () => {
    await rig.settled();
    const failed = await failureOf(rig.theseus.removeService({ service: "shopp" }));
    expect(failed).toMatchObject({ code: 5, reason: "NO_SUCH_SERVICE", why: "did you mean: shop" });
  });
});

describe("namespaces, hosts and the server", () => {
  it("namespaces are made, listed, and removed when they are empty", async () => {
    await rig.theseus.createNamespace({ name: "team" });
    await rig.settled();
    expect((await rig.theseus.listNamespaces({})).namespaces.map(({ name }) => name)).toEqual(["default", "team"]);
    expect(await failureOf(rig.theseus.createNamespace({ name: "team" }))).toMatchObject({
      reason: "NAMESPACE_EXISTS",
    });
    await create(groupRef("web", [], "team"));
    await rig.settled();
    expect((await rig.theseus.getNamespace({ name: "team" })).namespace?.groups).toBe(1);
    const failed = await failureOf(rig.theseus.removeNamespace({ name: "team" }));
    expect(failed).toMatchObject({ reason: "NAMESPACE_NOT_EMPTY", next: "theseus remove web --all-groups -n team" });
    expect(await failureOf(rig.theseus.removeNamespace({ name: "default" }))).toMatchObject({
      reason: "INVALID_REQUEST",
    });
    expect(await failureOf(rig.theseus.getNamespace({ name: "taem" }))).toMatchObject({ why: "did you mean: team" });
  });

  it("hosts tell what is reserved on them", async () => {
    const group = aGroup({ ref: fresh(), cpu: 0.5, mem: 2 ** 28 });
    rig.store.putGroup(group.ref, group.record);
    const intent = anIntent(group);
    rig.store.putContainer({ ...group.ref, name: intent.name }, { intent });
    const { host } = await rig.theseus.getHost({ name: "local" });
    expect(host).toMatchObject({ state: HostState.READY, cpu: 4, cpuReserved: 0.5, memBytesReserved: 1n << 28n });
    expect((await rig.theseus.listHosts({})).hosts).toHaveLength(1);
    expect(await failureOf(rig.theseus.getHost({ name: "lokal" }))).toMatchObject({
      reason: "NO_SUCH_HOST",
      why: "there are: local",
    });
  });

  it("the server's status answers also when the store does not", async () => {
    const down = new TheseusError("STORE_UNREACHABLE", {
      what: "no store",
      why: ["connection refused"],
      retryable: true,
    });
    const broken = await startRig({
      election: { leader: () => Promise.reject(down) },
      membership: { serverId: "s9", servers: () => Promise.reject(down), isAwaited: () => Promise.reject(down) },
      problems: () => ["no Docker Engine answers"],
    });
    try {
      const status = await broken.theseus.getServerStatus({});
      expect(status).toMatchObject({ serverId: "s9", storeReachable: false, version: "0.1.0", clusterId: "c0ffee" });
      expect(status.problems).toEqual(["the store does not answer: connection refused", "no Docker Engine answers"]);
    } finally {
      await broken.close();
    }
    const { problems, leaderId, serverIds } = await rig.theseus.getServerStatus({});
    expect([problems, leaderId, serverIds]).toEqual([[], "s1", ["s1"]]);
  });

  it("a change while the store is away fails as unavailable, and may be tried again", async () => {
    rig.store.broken = new TheseusError("STORE_UNREACHABLE", {
      what: "the store is away",
      now: "nothing was changed",
      retryable: true,
    });
    const failed = await failureOf(create(fresh()));
    expect(failed).toMatchObject({ code: 14, reason: "STORE_UNREACHABLE", metadata: { retryable: "true" } });
    expect(failed.status.details.some(({ typeUrl }) => typeUrl.endsWith("RetryInfo"))).toBe(true);
  });
});
