import { describe, expect, it } from "@jest/globals";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, aHost, doings, NOW, only, ready, situation } from "../../support/builders.js";

const group = aGroup({ instances: 2, cpu: 3 });
const parts = [ready(group, 1)];
const noteOf = (options = {}) => only(plan(situation(group, parts, options)), "noteAttention");

describe("attention", () => {
  it("is stored once, not again while it stays the same", () => {
    const { attention } = noteOf();
    expect(attention).toMatchObject([{ reason: "NO_HOST_FITS", slot: 2, since: NOW }]);
    const stored = {
      slots: { 1: { generation: 1, failures: 0 } },
      attention: attention.map((one) => ({ ...one, since: 5 })),
    };
    expect(plan(situation(group, parts, { slots: stored })).actions).toEqual([]);
  });

  it("keeps its time while the same thing is said with others", () => {
    const stored = { slots: {}, attention: noteOf().attention.map((one) => ({ ...one, since: 5 })) };
    const wider = aGroup({ instances: 3, cpu: 3 });
    const { attention } = only(plan(situation(wider, parts, { slots: stored })), "noteAttention");
    expect(attention.map(({ slot, since }) => [slot, since])).toEqual([
      [2, 5],
      [3, NOW],
    ]);
  });

  it("is taken back when its cause is gone", () => {
    const stored = { slots: { 1: { generation: 1, failures: 0 } }, attention: noteOf().attention };
    const one = aGroup({ instances: 1, cpu: 3 });
    const next = plan(situation(one, [ready(one, 1)], { slots: stored }));
    expect(doings(next)).toEqual(["noteAttention"]);
    expect(only(next, "noteAttention")).toMatchObject({ attention: [], reason: "nothing needs attention any more" });
  });

  it("is not written where there is no group to write it for", () => {
    const next = plan(situation(undefined, [ready(group, 1)], { hosts: [aHost({ reachable: false })] }));
    expect(next.actions).toEqual([]);
    expect(next.status.state).toBe("unknown");
  });

  it("of a slot keeps the group from being steady until it is forgiven", () => {
    const one = aGroup();
    const attention = { reason: "CONTAINER_EXITED", text: "it ended", slot: 1, since: 5 } as const;
    const slots = { slots: { 1: { generation: 1, failures: 1, attention } }, attention: [] };
    const young = ready(one, 1, { info: { since: NOW - 1000 }, container: { restartPolicy: "no" } });
    expect(plan(situation(one, [young], { slots })).status.state).toBe("degraded");
  });
});
