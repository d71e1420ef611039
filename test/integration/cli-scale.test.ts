// scale, remove and namespaces, against a server that says what it is told to say.

import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ListContainersResponse, ListGroupsResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { GroupState } from "../../clients/gen/theseus/v1/group.js";
import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import { CliStage, plan, STEADY, story, UPDATING } from "../support/cli-stage.js";
import { groupOf } from "../support/fake-groups.js";
import { type Handlers, Refusal } from "../support/fake-theseus.js";

const stage = new CliStage();
afterEach(() => stage.strike());

describe("scale", () => {
  const two = groupOf("web/dev", { rev: 1, wanted: 4 });
  const handlers = (): Handlers => ({ ...UPDATING, ...story(two, STEADY) });

  it("up needs no yes", async () => {
    expect((await stage.theseus(handlers(), ["scale", "web/dev", "5"])).exit).toBe(0);
    expect(stage.sent("updateGroup")[0]).toMatchObject({ config: { instances: 5 }, updateMask: ["instances"] });
  });

  it("down to half needs one, and says the exact command", async () => {
    const { exit, stderr } = await stage.theseus(handlers(), ["scale", "web/dev", "2"]);
    expect([exit, stage.sent("updateGroup")]).toEqual([2, []]);
    expect(stderr).toContain("[CONFIRMATION_NEEDED]");
    expect(stderr).toContain("  next  theseus scale web/dev 2 --yes\n");
    expect((await stage.theseus(handlers(), ["scale", "web/dev", "2", "--yes"])).exit).toBe(0);
  });

  it("asks a person at a terminal", async () => {
    const yes = await stage.theseus(handlers(), ["scale", "web/dev", "0"], { answer: "y" });
    expect(yes).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining("stops :1 (local), leaves 0\ngo on? [y/N] "),
    });
    const no = await stage.theseus(handlers(), ["scale", "web/dev", "0"], { answer: "" });
    expect(no).toMatchObject({ exit: 130, stderr: expect.stringContaining("nothing was changed") });
    expect((await stage.theseus(handlers(), ["scale", "web/dev", "0", "--no-input"], { answer: "y" })).exit).toBe(2);
  });

  it("of several groups is exit 12 when some fail", async () => {
    const many: Handlers = {
      listGroups: () => ListGroupsResponse.fromPartial({ groups: [groupOf("api/dev"), groupOf("web/dev")] }),
      listContainers: () => ListContainersResponse.fromPartial({}),
      updateGroup: ({ group }) => {
        if (group?.service === "api")
          throw new Refusal({ code: status.ABORTED, reason: "CONFLICT", message: "api/dev changed since you looked" });
        return { group: undefined, plan: plan("web/dev", PlanAction.UPDATE), revision: 50n };
      },
      getGroup: () => ({ group: STEADY }),
    };
    const { exit, stdout, stderr } = await stage.theseus(many, ["scale", "-l", "dev", "1", "--yes"]);
    expect(exit).toBe(12);
    expect(stdout).toContain("web/dev is steady");
    expect(stderr).toContain("api/dev changed since you looked   [CONFLICT]");
  });

  it("refuses what says no group or no number", async () => {
    for (const words of [["web", "3"], ["3"], ["web/dev"], ["web/dev", "x"], ["web/dev:1", "2"], ["web/dev", "1001"]])
      expect({ words, ...(await stage.theseus(handlers(), ["scale", ...words])) }).toMatchObject({ words, exit: 2 });
  });
});

describe("remove", () => {
  const removing = plan("web/dev", PlanAction.REMOVE, { toRevision: 1n });
  const group: Handlers = {
    removeGroup: () => ({ plan: removing, revision: 60n }),
    ...story(STEADY, groupOf("web/dev", { state: GroupState.REMOVING, ready: 1 }), "gone"),
  };

  it("of a group waits until it is gone", async () => {
    const { exit, stdout } = await stage.theseus(group, ["remove", "web/dev", "--yes", "--volumes"]);
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^removed web\/dev · \d+ ms\n$/)]);
    expect(stage.sent("removeGroup")[0]).toMatchObject({ volumes: true, validateOnly: false });
  });

  it("needs a yes", async () => {
    expect(await stage.theseus({ ...group, ...story(STEADY) }, ["remove", "web/dev"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("removes web/dev in namespace default: 2 ready containers"),
    });
    expect(stage.names()).not.toContain("removeGroup");
  });

  it("of what does not exist is exit 4", async () => {
    expect((await stage.theseus(story("gone"), ["remove", "web/dev", "--yes"])).exit).toBe(4);
  });

  it("of a service needs --all-groups", async () => {
    const service: Handlers = {
      listGroups: () => ListGroupsResponse.fromPartial({ groups: [STEADY] }),
      removeService: () => ({ plans: [removing], revision: 60n }),
      ...story("gone"),
    };
    expect(await stage.theseus(service, ["remove", "web", "--yes"])).toMatchObject({
      exit: 5,
      stderr: expect.stringContaining("theseus remove web --all-groups"),
    });
    expect((await stage.theseus(service, ["remove", "web", "--all-groups", "--yes"])).exit).toBe(0);
    expect(stage.sent("removeService")[0]).toMatchObject({ service: "web", allGroups: true });
  });
});

describe("namespaces", () => {
  it("are created, and removed after a yes", async () => {
    const handlers: Handlers = {
      createNamespace: ({ name }) => ({ namespace: { name, createTime: undefined, groups: 0 }, revision: 5n }),
      getNamespace: ({ name }) => ({ namespace: { name, createTime: undefined, groups: 0 } }),
      removeNamespace: () => ({ revision: 6n }),
    };
    expect(await stage.theseus(handlers, ["namespace", "create", "shop"])).toMatchObject({
      exit: 0,
      stdout: "created namespace shop\n",
    });
    expect((await stage.theseus(handlers, ["namespace", "create", "Shop"])).exit).toBe(2);
    expect((await stage.theseus(handlers, ["namespace", "remove", "shop"])).exit).toBe(2);
    expect(await stage.theseus(handlers, ["namespace", "remove", "shop", "--yes"])).toMatchObject({
      exit: 0,
      stdout: "removed namespace shop\n",
    });
  });
});
