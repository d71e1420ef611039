// get --filter: the language of the viewer, over what the command line has listed.

import { afterEach, describe, expect, it } from "@jest/globals";
import { ContainerState } from "../../clients/gen/theseus/v1/container.js";
import { ListContainersResponse, ListGroupsResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { GroupState } from "../../clients/gen/theseus/v1/group.js";
import { RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import { GetRolloutResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { CliStage } from "../support/cli-stage.js";
import { containerOf, groupOf } from "../support/fake-groups.js";
import type { Handlers } from "../support/fake-theseus.js";

const stage = new CliStage();
afterEach(() => stage.strike());

const GROUPS = [
  groupOf("web/frontend,prod", { image: "registry.example/web:2.4.1" }),
  groupOf("web/canary,prod", { image: "registry.example/web:2.5.0" }),
  groupOf("web/dev", { state: GroupState.FAILING, ready: 0, rev: 3 }),
];
const CONTAINERS = [
  { ...containerOf("web/frontend,prod", 1), host: "node-a", port: 31_001 },
  { ...containerOf("web/frontend,prod", 2), host: "node-b", port: 31_002 },
  { ...containerOf("web/dev", 1, ContainerState.FAILED), host: "node-b", problem: "ended with exit code 1" },
];
const READING: Handlers = {
  listGroups: () => ListGroupsResponse.fromPartial({ groups: GROUPS, revision: 100n }),
  listContainers: () => ListContainersResponse.fromPartial({ containers: CONTAINERS, revision: 100n }),
  getRollout: ({ group }) => {
    const state = group?.labels.includes("canary") ? RolloutState.PAUSED : RolloutState.DONE;
    return GetRolloutResponse.fromPartial({ rollout: { group, state, toRevision: 1n } });
  },
};

const get = (...argv: string[]) => stage.theseus(READING, ["get", ...argv, "-o", "name"]);

describe("get --filter", () => {
  it.each([
    ["prod", "web/frontend,prod\nweb/canary,prod\n"],
    ["prod,!canary", "web/frontend,prod\n"],
    ["canary|dev", "web/canary,prod\nweb/dev\n"],
    ["state:failing", "web/dev\n"],
    ["state:paused", "web/canary,prod\n"],
    ["image:2.5", "web/canary,prod\n"],
    ["rev:3", "web/dev\n"],
    ["host:node-b", "web/frontend,prod\nweb/dev\n"],
    ["port:31001", "web/frontend,prod\n"],
    ['"REGISTRY.example"', "web/frontend,prod\nweb/canary,prod\n"],
    ["~prod svc:web ns:default", "web/frontend,prod\nweb/canary,prod\nweb/dev\n"],
  ])("chooses groups by %s", async (filter, names) => {
    const { stdout, exit } = await get("groups", "--filter", filter);
    expect({ stdout, exit }).toEqual({ stdout: names, exit: 0 });
  });

  it.each([
    ["host:node-b !dev", "web/frontend,prod:2\n"],
    ["state:failed", "web/dev:1\n"],
    ['"exit code"', "web/dev:1\n"],
    ["image:2.4 port:31001", "web/frontend,prod:1\n"],
  ])("chooses containers by %s", async (filter, names) => {
    expect((await get("containers", "--filter", filter)).stdout).toBe(names);
  });

  it("reads containers and rollouts only for a term that looks at them", async () => {
    await get("groups", "--filter", "prod state:failing");
    expect(stage.names()).not.toContain("listContainers");
    expect(stage.names()).not.toContain("getRollout");
    await get("groups", "--filter", "host:node-a");
    expect(stage.names()).toContain("listContainers");
  });

  it("says which term took the last one, and that is no failure", async () => {
    const result = await get("groups", "--filter", "prod state:failing");
    expect(result).toMatchObject({ stdout: "", exit: 0 });
    expect(result.stderr).toContain("0 of 3 groups: state:failing removed the last 2");
    expect((await get("groups", "--filter", "prod state:failing", "--fail-empty")).exit).toBe(4);
  });

  it.each([
    ["prod Foo", '"Foo" is not a label', "at character 6: prod >>Foo<<"],
    ["prod colour:red", 'there is no field "colour:"', ">>colour:red<<"],
    ['"open', "the quote is not closed", '>>"open<<'],
  ])("points at what is wrong with %s before anything is sent", async (filter, problem, place) => {
    const { stderr, stdout, exit } = await get("groups", "--filter", filter);
    expect({ stdout, exit }).toEqual({ stdout: "", exit: 2 });
    expect(stderr).toContain(problem);
    expect(stderr).toContain(place);
    expect(stage.names()).toEqual([]);
  });

  it.each([
    [["hosts"], "--filter is for groups and containers"],
    [["groups", "-w"], "read once"],
    [["group", "web/dev"], "one exact group"],
    [["container", "web/dev:1"], "one exact container"],
  ])("is refused for %s", async (argv, words) => {
    const { stderr, exit } = await get(...argv, "--filter", "prod");
    expect(exit).toBe(2);
    expect(stderr).toContain(words);
  });
});
