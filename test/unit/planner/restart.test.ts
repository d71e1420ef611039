import { describe, expect, it } from "@jest/globals";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, aRollout, changed, doings, notedRollout, ready, situation } from "../../support/builders.js";

const noRestart = { container: { restartPolicy: "no" as const } };

describe("a restart", () => {
  it("replaces every container of an earlier revision although nothing of the config differs", () => {
    const old = aGroup({ instances: 2, update: { order: "stop-first" }, restart: "on-failure" });
    const again = changed(old, {});
    const now = { ...again, record: { ...again.record, restart: 2 } };
    const next = plan(
      situation(now, [ready(old, 1, noRestart), ready(old, 2, noRestart)], { rollouts: { rollouts: [aRollout()] } }),
    );
    expect(doings(next)).toEqual(["drain 1"]);
    expect(next.status).toMatchObject({ outdated: 2 });
  });

  it("has the wait that was asked for it, and leaves that of the config to other rollouts", () => {
    const old = aGroup({ instances: 2, update: { wait: 1000 }, restart: "on-failure" });
    const again = changed(old, {});
    const olds = [ready(old, 1, noRestart), ready(old, 2, noRestart)];
    const waitOf = (record: object) => {
      const group = { ...again, record: { ...again.record, ...record } };
      const before = { rollouts: [aRollout({ to: 1, state: "done" })] };
      return notedRollout(plan(situation(group, olds, { rollouts: before })), 2)?.policy.wait;
    };
    expect(waitOf({ restart: 2, restartWait: 30_000 })).toBe(30_000);
    expect(waitOf({ restart: 2, restartWait: 0 })).toBe(0);
    expect(waitOf({ restart: 2 })).toBe(1000);
    expect(waitOf({ restart: 1, restartWait: 30_000 })).toBe(1000);
  });
});
