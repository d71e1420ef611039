import { describe, expect, it } from "@jest/globals";
import { HOUR, MINUTE } from "../../../src/model/instant.js";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, aRollout, changed, doings, NOW, notedRollout, ready, situation } from "../../support/builders.js";

const rollouts = { rollouts: [aRollout({ to: 2 }), aRollout({ to: 1, state: "done" })] };

describe("a rollout whose leader's clock is behind that of the engine, or of the leader before", () => {
  it.each([
    ["started", { container: { startedAt: NOW + HOUR } }],
    ["told ready", { info: { since: NOW + HOUR } }],
  ])("takes a container that was %s in the future for one that has been ready for long enough", (_, later) => {
    const now = changed(aGroup({ instances: 1 }), { image: "web:2" });
    const told = notedRollout(plan(situation(now, [ready(now, 1, later)], { rollouts })), 2);
    expect(told).toMatchObject({ state: "done" });
  });
});

describe("a slot whose back-off was written by a clock that was ahead", () => {
  const group = aGroup({ instances: 1 });
  const until = (notBefore: number) =>
    doings(
      plan(situation(group, [], { slots: { slots: { 1: { generation: 1, failures: 3, notBefore } }, attention: [] } })),
    );

  it("does not wait for longer than any back-off is", () => {
    expect(until(NOW + HOUR)).toEqual(["assign 1"]);
  });

  it("waits for as long as a back-off may be", () => {
    expect(until(NOW + 5 * MINUTE)).toEqual([]);
  });
});
