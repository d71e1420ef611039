// TheseusService over the wire, one group: created and updated, each rule seen from a client.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { BadRequest, PreconditionFailure, ResourceInfo } from "../../clients/gen/google/rpc/error_details.js";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import { formatGroup, type GroupRef, groupId, groupRef } from "../../src/model/reference.js";
import { aGroup } from "../support/builders.js";
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

describe("creating a group", () => {
  it("stores it, and answers with the group, where its containers go, and the revision to read at", async () => {
    const ref = fresh();
    const answer = await create(ref, { instances: 2, ports: [{ name: "http", container: 80 }], memBytes: 1n << 28n });
    expect(answer.group).toMatchObject({ configRevision: 1n, lastChange: WHO, status: { wanted: 2, ready: 0 } });
    expect(answer.plan).toMatchObject({ action: PlanAction.CREATE, fromRevision: 0n, toRevision: 1n, created: 2 });
    expect(answer.plan?.placements).toEqual([
      { slot: 1, host: "local" },
      { slot: 2, host: "local" },
    ]);
    expect(answer.plan?.fields).toContainEqual({ path: "mem", from: "", to: "256MiB" });
    expect(answer.revision).toBe(rig.store.revision);
    expect(await configOf(ref)).toEqual({
      image: "shop:1",
      instances: 2,
      ports: [{ name: "http", container: 80 }],
      mem: 2 ** 28,
    });
  });

  it("of a group that exists is refused with the command that updates it", async () => {
    const ref = fresh();
    await create(ref);
    const failed = await failureOf(create(ref));
    expect(failed).toMatchObject({ code: 6, reason: "GROUP_EXISTS", now: "nothing was changed" });
    expect(failed.why).toContain("it is at rev 1: created by ann@desk");
    expect(failed.next).toContain(`theseus update shop/${ref.labels[0]}`);
    expect(detailsOf(failed.status, "ResourceInfo", ResourceInfo)).toMatchObject([
      { resourceType: "theseus.v1.Group", resourceName: `default/shop/${ref.labels[0]}` },
    ]);
  });

  it("only to validate changes nothing, and tells of a slot that fits nowhere", async () => {
    const before = rig.store.revision;
    const answer = await create(fresh(), { memBytes: 1n << 40n }, { validateOnly: true });
    expect(answer.plan?.refusals).toMatchObject([{ slot: 1, hosts: [{ host: "local" }] }]);
    expect(answer.group).toBeUndefined();
    expect(rig.store.revision).toBe(before);
  });

  it("with many mistakes is refused with every one of them at once", async () => {
    const config = {
      image: "NOT AN IMAGE",
      instances: 1001,
      memBytes: 1000n,
      env: { SERVICE_NAME: "x", "1": "y" },
      ports: [
        { name: "http", container: 0, host: 70000 },
        { name: "http", container: 80 },
      ],
      health: {
        check: { $case: "http", value: { port: "web", path: "no-slash" } },
        interval: { seconds: -1n, nanos: 0 },
      },
      dockerLabels: { "theseus.cluster": "mine" },
      networks: ["host", "shop"],
      files: [{ at: "etc/app", content: Buffer.alloc(65_537), mode: "9999" }],
      pull: 17,
    };
    const failed = await failureOf(
      rig.theseus.createGroup({ group: { service: "Shop", labels: ["Front End"] }, config } as never),
    );
    const [bad] = detailsOf(failed.status, "BadRequest", BadRequest);
    expect(bad?.fieldViolations.map(({ field }) => field).sort()).toEqual([
      "docker_labels.theseus.cluster",
      "env.1",
      "env.SERVICE_NAME",
      "files",
      "files[0].at",
      "files[0].mode",
      "group.labels[0]",
      "group.service",
      "health.http.path",
      "health.http.port",
      "health.interval",
      "image",
      "instances",
      "mem",
      "networks",
      "networks",
      "ports.http",
      "ports.http.container",
      "ports.http.host",
      "pull",
    ]);
    expect(failed).toMatchObject({ code: 3, reason: "INVALID_REQUEST", now: "nothing was changed" });
    expect(failed.text).toBe("20 things in the request are wrong");
  });

  it("says which characters a label may not have, and what would be one", async () => {
    const failed = await failureOf(create(groupRef("web", ["Front End"])));
    expect(failed).toMatchObject({ reason: "BAD_LABEL", text: '"Front End" is not a valid label' });
    expect(failed.why).toContain("found: capital F, space, capital E; front-end would be one");
  });

  it("that reaches the host is refused unless the server allows it", async () => {
    const config = {
      volumes: [{ source: { $case: "bind", value: "/srv" }, at: "/www" }],
      user: "root",
      networks: ["host"],
    };
    const failed = await failureOf(create(fresh(), config));
    expect(failed).toMatchObject({ code: 7, reason: "HOST_ACCESS_REFUSED" });
    expect(failed.why.split("\n")).toHaveLength(3);
    const allowing = await startRig({ allowHostAccess: true });
    try {
      const answer = await allowing.theseus.createGroup({
        group: fresh(),
        config: { image: "shop:1", ...config } as never,
      });
      expect(answer.group?.config?.user).toBe("root");
    } finally {
      await allowing.close();
    }
  });

  it("with a key that does nothing yet is refused, and with that key's default is not", async () => {
    const failed = await failureOf(create(fresh(), { lost: { after: { seconds: 5n }, onReturn: 2 } }));
    expect(failed).toMatchObject({ code: 3, reason: "NOT_YET_EFFECTIVE" });
    expect(failed.why.split("\n")).toHaveLength(2);
    const answer = await create(fresh(), { lost: { after: { seconds: 30n }, onReturn: 1 } });
    expect(answer.plan?.action).toBe(PlanAction.CREATE);
  });

  it("in a namespace that does not exist says how to make it", async () => {
    const failed = await failureOf(create(groupRef("web", [], "shap"), {}, { validateOnly: true }));
    expect(failed).toMatchObject({ reason: "NO_SUCH_NAMESPACE", next: "theseus namespace create shap" });
  });
});

describe("updating a group", () => {
  it("changes the masked fields alone, and tells them as people write them", async () => {
    const ref = fresh();
    await create(ref, { env: { A: "1", B: "2" }, memBytes: 1n << 28n, stop: { grace: { seconds: 5n, nanos: 0 } } });
    const answer = await update(
      ref,
      { memBytes: 1n << 29n, env: { A: "9", C: "3" }, image: "ignored:1" },
      { updateMask: ["mem", "env.A", "env.B", "stop.grace"] },
    );
    expect(answer.plan?.fields).toEqual([
      { path: "env.A", from: "1", to: "9" },
      { path: "env.B", from: "2", to: "" },
      { path: "mem", from: "256MiB", to: "512MiB" },
      { path: "stop.grace", from: "5s", to: "" },
    ]);
    expect(await configOf(ref)).toEqual({ image: "shop:1", env: { A: "9" }, mem: 2 ** 29 });
    expect(answer.group?.configRevision).toBe(2n);
  });

  it("without a mask takes the fields that are set, one by one", async () => {
    const ref = fresh();
    await create(ref, { env: { A: "1" }, instances: 3, update: { maxParallel: "2" } });
    await update(ref, { env: { B: "2" }, update: { minHealthyTime: { seconds: 1n, nanos: 0 } } });
    expect(await configOf(ref)).toEqual({
      image: "shop:1",
      env: { A: "1", B: "2" },
      instances: 3,
      update: { maxParallel: "2", minHealthyTime: 1000 },
    });
  });

  it('with "*" replaces everything, and keeps the number of instances when none is said', async () => {
    const ref = fresh();
    await create(ref, { env: { A: "1" }, instances: 3 });
    await update(ref, { image: "shop:2" }, { updateMask: ["*"] });
    expect(await configOf(ref)).toEqual({ image: "shop:2", instances: 3 });
  });

  it("that changes nothing makes no new revision", async () => {
    const ref = fresh();
    await create(ref, { env: { A: "1" } });
    const before = rig.store.revision;
    const answer = await update(ref, { env: { A: "1" } });
    expect(answer.plan).toMatchObject({ action: PlanAction.NONE, fromRevision: 1n, toRevision: 1n, fields: [] });
    expect(rig.store.revision).toBe(before);
  });

  it("made from an older revision is refused, and says who changed it", async () => {
    const ref = fresh();
    await create(ref);
    await rig.theseus.updateGroup({
      group: ref,
      config: { instances: 8 },
      change: { actor: "bob@home", message: "black friday" },
    });
    const failed = await failureOf(update(ref, { instances: 2 }, { expectedRevision: 1n }));
    expect(failed).toMatchObject({ code: 10, reason: "CONFLICT", metadata: { expected: "1", actual: "2" } });
    expect(failed.why).toMatch(/it is at rev 2: changed by bob@home at .*, "black friday": instances unset -> 8$/);
    expect(detailsOf(failed.status, "PreconditionFailure", PreconditionFailure)).toHaveLength(1);
  });

  it("made from an older revision is told which fields the others have changed", async () => {
    const ref = fresh();
    const who = { actor: "bob@home", message: "black friday" };
    await create(ref, { env: { LOG_LEVEL: "info", KEPT: "1" } });
    await update(ref, { image: "shop:2", env: { LOG_LEVEL: "debug" } }, { change: who });
    const one = await failureOf(update(ref, { instances: 2 }, { expectedRevision: 1n }));
    expect(one.why).toMatch(
      /it is at rev 2: changed by bob@home at .*, "black friday": image shop:1 -> shop:2, env\.LOG_LEVEL$/,
    );
    expect(one.metadata).toMatchObject({ fields: "env.LOG_LEVEL\nimage", actor: "bob@home", message: "black friday" });
    expect(one.next).toContain(`theseus rollout diff ${formatGroup(ref)}@1 ${formatGroup(ref)}@2`);
    const [{ violations }] = detailsOf(one.status, "PreconditionFailure", PreconditionFailure) as [PreconditionFailure];
    expect(violations.filter(({ type }) => type === "FIELD_CHANGED").map(({ description }) => description)).toEqual([
      "env.LOG_LEVEL",
      "image",
    ]);
    await update(ref, { image: "shop:1", instances: 3 });
    const two = await failureOf(update(ref, { instances: 2 }, { expectedRevision: 1n }));
    expect(two.why?.split("\n")).toEqual([
      "your change was made from rev 1",
      "it is at rev 3, which differs in env.LOG_LEVEL, instances unset -> 3",
      expect.stringMatching(/^ {2}rev 3 changed by .*: image shop:2 -> shop:1, instances unset -> 3$/),
      expect.stringMatching(/^ {2}rev 2 changed by bob@home .*: image shop:1 -> shop:2, env\.LOG_LEVEL$/),
    ]);
  });

  it("of different fields at the same time loses neither edit", async () => {
    const ref = fresh();
    await create(ref);
    await Promise.all([update(ref, { instances: 4 }), update(ref, { env: { A: "1" } }), update(ref, { cpu: 0.5 })]);
    expect(await configOf(ref)).toEqual({ image: "shop:1", instances: 4, env: { A: "1" }, cpu: 0.5 });
  });

  it("is made anew when somebody else was quicker, but not for ever", async () => {
    const ref = fresh();
    await create(ref);
    let others = 0;
    const record = async () => (await rig.store.readConfig(ref))?.record;
    let present = await record();
    rig.store.beforeChange = () => {
      if (present === undefined || others >= 2) return;
      others += 1;
      present = { ...present, configRevision: present.configRevision + 1 };
      rig.store.putGroup(ref, present);
    };
    expect((await update(ref, { instances: 4 })).plan?.toRevision).toBe(4n);
    present = await record();
    others = Number.NEGATIVE_INFINITY;
    expect(await failureOf(update(ref, { instances: 5 }))).toMatchObject({ reason: "CONFLICT", code: 10 });
  });

  it("may leave what was allowed when it was stored, and may not make it worse", async () => {
    const ref = fresh();
    rig.store.putGroup(ref, aGroup({ ref, user: "root" }).record, `uid-${groupId(ref)}`);
    await update(ref, { instances: 2 });
    expect(await failureOf(update(ref, { networks: ["host"] }))).toMatchObject({ reason: "HOST_ACCESS_REFUSED" });
  });

  it("of a port that the health check needs is refused", async () => {
    const ref = fresh();
    await create(ref, {
      ports: [{ name: "http", container: 80 }],
      health: { check: { $case: "tcp", value: { port: "http" } } },
    });
    const failed = await failureOf(update(ref, {}, { updateMask: ["ports.http"] }));
    expect(failed.why).toContain('health.tcp.port: there is no port "http" in this group');
  });

  it("names every path of the mask that does not exist", async () => {
    const failed = await failureOf(update(fresh(), {}, { updateMask: ["imag", "stop.graze", "mem"] }));
    expect(failed.why.split("\n").map((line) => line.split(":")[0])).toEqual([
      "update_mask.paths[0]",
      "update_mask.paths[1]",
    ]);
  });
});
