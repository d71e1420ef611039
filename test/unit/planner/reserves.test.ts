import { describe, expect, it } from "@jest/globals";
import type { GroupConfig } from "../../../src/model/group.js";
import { NO_ROLLOUTS } from "../../../src/model/rollout.js";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, aHost, aRollout, changed, notedRollout, only, ready, situation } from "../../support/builders.js";

const GIB = 2 ** 30;
const noRestart = { container: { restartPolicy: "no" as const } };
const hosts = [aHost({ mem: 8 * GIB, cpu: 8 })];

/** Three containers on one host of 8 GiB, and a revision with another size. */
function resized(before: Partial<GroupConfig>, after: Partial<GroupConfig>, update: GroupConfig["update"]) {
  const old = aGroup({ instances: 3, restart: "on-failure", update: update ?? {}, ...before });
  return { now: changed(old, after), parts: [1, 2, 3].map((slot) => ready(old, slot, noRestart)) };
}

describe("what a container holds of its host", () => {
  it("is what it was made with: beside large ones there is no more room because the next ones are small", () => {
    const update = { order: "start-first", maxParallel: "3" } as const;
    const { now, parts } = resized({ mem: 2 * GIB }, { mem: 1 * GIB }, update);
    const rollout = aRollout({ policy: { order: "start-first", maxParallel: 3 } });
    const next = plan(situation(now, parts, { hosts, rollouts: { rollouts: [rollout] } }));
    expect(only(next, "assign").intents.map(({ slot }) => slot)).toEqual([1, 2]);
  });

  it.each([
    ["mem", { mem: 1 * GIB }, { mem: 2 * GIB }],
    ["cpu", { cpu: 1 }, { cpu: 2 }],
    ["mem that the old ones had no limit of", {}, { mem: 4 * GIB }],
  ])("is what it was made with: beside small ones there is room for larger ones (%s)", (_, before, after) => {
    const { now, parts } = resized(before, after, { maxParallel: "2" });
    const next = plan(situation(now, parts, { hosts, rollouts: NO_ROLLOUTS }));
    expect(notedRollout(next, 2)?.policy.order).toBe("start-first");
  });

  it("is what the present config says where nobody has written it down", () => {
    const { now, parts } = resized({ mem: 1 * GIB }, { mem: 2 * GIB }, { maxParallel: "2" });
    const older = parts.map(({ intent: { reserves: _, ...intent }, ...part }) => ({ ...part, intent }));
    const next = plan(situation(now, older, { hosts, rollouts: NO_ROLLOUTS }));
    expect(notedRollout(next, 2)?.policy.order).toBe("stop-first");
  });

  it("is written down when it gets its place", () => {
    const group = aGroup({ mem: 2 * GIB, cpu: 0.5 });
    const [intent] = only(plan(situation(group, [])), "assign").intents;
    expect(intent?.reserves).toEqual({ mem: 2 * GIB, cpu: 0.5 });
    const [small] = only(plan(situation(aGroup(), [])), "assign").intents;
    expect(small?.reserves).toEqual({});
  });
});
