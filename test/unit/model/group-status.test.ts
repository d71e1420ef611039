import { describe, expect, it } from "@jest/globals";
import type { ContainerInfo, ContainerState } from "../../../src/model/container.js";
import { groupStatus, presentAttention } from "../../../src/model/group-status.js";
import type { Attention } from "../../../src/model/slots.js";
import { aGroup, anInfo, anIntent, changed, NOW } from "../../support/builders.js";

const group = aGroup({ instances: 2 });
const { record } = group;
const trouble: Attention = { reason: "CONTAINER_EXITED", text: "it ended", since: NOW };

function containers(...states: ContainerState[]) {
  return states.map((state, i) => {
    const intent = anIntent(group, { slot: i + 1 });
    return { intent, info: anInfo(group, intent, { state }) };
  });
}

describe("the status of a group", () => {
  it("is steady only when all are ready, of the present config, and nothing needs attention", () => {
    const all = containers("ready", "ready");
    expect(groupStatus({ record, containers: all, attention: [] })).toEqual({
      state: "steady",
      wanted: 2,
      ready: 2,
      outdated: 0,
    });
    expect(groupStatus({ record, containers: all, attention: [trouble] }).state).toBe("degraded");
    const leaving = { intent: anIntent(group, { slot: 3, phase: "draining" }) };
    expect(groupStatus({ record, containers: [...all, leaving], attention: [] }).state).toBe("rolling");
  });

  it("is starting without trouble, degraded or failing with it", () => {
    const of = (states: ContainerState[], attention: Attention[] = []) =>
      groupStatus({ record, containers: containers(...states), attention }).state;
    expect(of([])).toBe("starting");
    expect(of(["ready", "starting"])).toBe("starting");
    expect(of(["ready", "unhealthy"])).toBe("degraded");
    expect(of(["ready"], [trouble])).toBe("degraded");
    expect(of([], [trouble])).toBe("failing");
    expect(of(["unhealthy", "failed"])).toBe("failing");
  });

  it("is rolling while something runs that is not of the present config", () => {
    const after = changed(group, { image: "web:2", pinned: false }).record;
    expect(groupStatus({ record: after, containers: containers("ready", "ready"), attention: [] })).toMatchObject({
      state: "rolling",
      outdated: 2,
    });
  });

  it("is removing when that was asked for, and unknown when no host of it answers", () => {
    const removing = { ...record, removing: { volumes: false } };
    expect(groupStatus({ record: removing, containers: containers("ready"), attention: [] })).toMatchObject({
      state: "removing",
      wanted: 0,
    });
    const silent: Attention = { ...trouble, reason: "HOST_UNREACHABLE", host: "local" };
    expect(groupStatus({ record, containers: containers("ready"), attention: [silent] }).state).toBe("unknown");
    expect(groupStatus({ record, containers: containers("ready"), attention: [{ ...silent, host: "b" }] }).state).toBe(
      "degraded",
    );
  });

  it("counts only managed containers as instances", () => {
    const plain: ContainerInfo = { instanceName: "x", instanceHost: "10.0.0.1", instancePort: 1, portMappings: {} };
    const others = [{ info: plain }, { info: { ...plain, origin: "registered" as const, state: "ready" as const } }];
    expect(groupStatus({ record, containers: [...containers("ready"), ...others], attention: [] }).ready).toBe(1);
  });

  it("counts what is served in a group without a config", () => {
    const plain: ContainerInfo = { instanceName: "x", instanceHost: "10.0.0.1", instancePort: 1, portMappings: {} };
    const states = [undefined, "ready", "stale", "starting", "draining"] as const;
    const all = states.map((state) => ({ info: state === undefined ? plain : { ...plain, state } }));
    expect(groupStatus({ containers: all, attention: [] })).toEqual({
      state: "steady",
      wanted: undefined,
      ready: 3,
      outdated: 0,
    });
  });
});

describe("present attention", () => {
  it("is the group's own and that of the wanted slots", () => {
    const slots = {
      slots: {
        1: { generation: 1, failures: 1, attention: { ...trouble, slot: 1 } },
        9: { generation: 1, failures: 1, attention: trouble },
      },
      attention: [{ ...trouble, reason: "HOST_UNREACHABLE" as const }],
    };
    expect(presentAttention(slots, 2).map(({ reason }) => reason)).toEqual(["HOST_UNREACHABLE", "CONTAINER_EXITED"]);
    expect(presentAttention(slots, undefined)).toHaveLength(1);
  });
});
