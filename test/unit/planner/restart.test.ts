import { describe, expect, it } from "@jest/globals";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, aRollout, changed, doings, ready, situation } from "../../support/builders.js";

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
});
