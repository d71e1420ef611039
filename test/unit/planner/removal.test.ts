import { describe, expect, it } from "@jest/globals";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  aHost,
  anIntent,
  aRunning,
  assigned,
  created,
  doings,
  exited,
  only,
  ready,
  situation,
} from "../../support/builders.js";

const group = aGroup({ instances: 2, removing: { volumes: true } });
const noRestart = { container: { restartPolicy: "no" as const } };

describe("removing a group", () => {
  it("takes every container the same way out, whether or not it is ready", () => {
    const next = plan(situation(group, [ready(group, 1, noRestart), ready(group, 2), assigned(group, 3)]));
    expect(doings(next)).toEqual(["release 3", "drain 2", "drain 1"]);
    expect(next.actions[0]?.reason).toBe("the group is being removed");
    expect(next.status).toMatchObject({ state: "removing", wanted: 0 });
  });

  it("drops the keys only when no intent and no container is left", () => {
    expect(doings(plan(situation(group, [exited(group, 1, 0, { intent: { phase: "stopping" } })])))).toEqual([
      "remove 1",
    ]);
    expect(only(plan(situation(group, [])), "removeGroup").volumes).toBe(true);
    const { container } = created(group, 1);
    const late = situation(group, container === undefined ? [] : [{ container }], {
      slots: { slots: { 1: { generation: 1, failures: 0 } }, attention: [] },
    });
    expect(doings(plan(late))).toEqual(["removeStray"]);
  });

  it("waits for a host that does not answer", () => {
    const hosts = [aHost({ name: "a" }), aHost({ name: "b", reachable: false })];
    const there = { intent: anIntent(group, { host: "b" }) };
    expect(doings(plan(situation(group, [there], { hosts })))).toEqual(["noteAttention HOST_UNREACHABLE"]);
  });

  it("does not keep started containers without a record for ten minutes", () => {
    const intent = anIntent(group);
    const stray = { container: aRunning(group, intent) };
    const slots = { slots: { 1: { generation: 1, failures: 0 } }, attention: [] };
    expect(doings(plan(situation(group, [stray], { slots })))).toContain("drain 1");
  });

  it("assigns, pins and launches nothing", () => {
    const unpinned = aGroup({ pinned: false, removing: { volumes: false } });
    expect(doings(plan(situation(unpinned, [])))).toEqual(["removeGroup"]);
  });
});
