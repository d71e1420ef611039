import { describe, expect, it } from "@jest/globals";
import { MINUTE } from "../../../src/model/instant.js";
import type { Rollout } from "../../../src/model/rollout.js";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, aRollout, doings, NOW, only, ready, situation } from "../../support/builders.js";

const group = aGroup();
const since = (age: number) => ({
  info: { since: NOW - age },
  container: { restartPolicy: "no" as const, startedAt: NOW - age - 500 },
});

describe("a container that is ready", () => {
  it("may be restarted by the engine once it has been ready for min_healthy_time", () => {
    const early = plan(situation(group, [ready(group, 1, since(9_000))]));
    expect(early.actions).toEqual([]);
    expect(early.lookAgainAt).toBe(NOW + 1000);
    expect(doings(plan(situation(group, [ready(group, 1, since(10_000))])))).toEqual([
      "setRestartPolicy unless-stopped",
    ]);
  });

  it("may be so ten seconds later at most while others are replaced, and at once when that stands still or is over", () => {
    const during = (rollout: Partial<Rollout>, age: number) => {
      const rollouts = { rollouts: [aRollout({ to: group.record.configRevision, ...rollout })] };
      return plan(situation(group, [ready(group, 1, since(age))], { rollouts }));
    };
    // The only slot is done: the rollout would be over by its next pass.
    const pause = { since: NOW - MINUTE, reason: "asked" } as const;
    expect(doings(during({}, 12_000))).not.toContain("setRestartPolicy unless-stopped");
    expect(doings(during({}, 20_000))).toContain("setRestartPolicy unless-stopped");
    expect(doings(during({ state: "paused", pause }, 12_000))).toContain("setRestartPolicy unless-stopped");
    expect(doings(during({ state: "done" }, 12_000))).toContain("setRestartPolicy unless-stopped");
    expect(doings(during({ replaces: false }, 12_000))).toContain("setRestartPolicy unless-stopped");
  });

  it("is forgiven its slot's failures at the same time", () => {
    const part = ready(group, 1, since(10_000));
    const slots = { slots: { 1: { generation: 1, failures: 2 } }, attention: [] };
    expect(doings(plan(situation(group, [part], { slots })))).toEqual([
      "setRestartPolicy unless-stopped",
      "forgiveSlot 1",
    ]);
  });

  it("is not restarted by the engine where the group does not want that", () => {
    for (const config of [{ restart: "never" }, { restart: "on-failure" }, { lost: { atMostOnce: true } }] as const) {
      const other = aGroup(config);
      expect(plan(situation(other, [ready(other, 1, since(60_000))])).actions).toEqual([]);
      expect(doings(plan(situation(other, [ready(other, 1)])))).toEqual(["setRestartPolicy no"]);
    }
  });

  it("is ours to restart again after two restarts by the engine, until ten quiet minutes have passed", () => {
    const restarted = (age: number, restartPolicy: "no" | "unless-stopped") =>
      situation(group, [
        ready(group, 1, {
          info: { since: NOW - age + 1 },
          container: { restartCount: 2, startedAt: NOW - age, restartPolicy },
        }),
      ]);
    expect(doings(plan(restarted(5 * MINUTE, "unless-stopped")))).toEqual(["setRestartPolicy no"]);
    const watched = plan(restarted(5 * MINUTE, "no"));
    expect(watched.actions).toEqual([]);
    expect(watched.lookAgainAt).toBe(NOW + 5 * MINUTE);
    expect(doings(plan(restarted(10 * MINUTE, "no")))).toEqual(["setRestartPolicy unless-stopped"]);
    expect(plan(restarted(10 * MINUTE, "unless-stopped")).actions).toEqual([]);
  });

  it("counts its time from the engine's last restart", () => {
    const part = ready(group, 1, {
      info: { since: NOW - MINUTE },
      container: { restartPolicy: "no", startedAt: NOW - 4_000, verdict: "passing" },
    });
    expect(plan(situation(group, [part])).lookAgainAt).toBe(NOW + 6_000);
  });
});

describe("a container that does not get ready", () => {
  it("is noticed after 30 seconds", () => {
    const http = aGroup({ ports: [{ name: "http", container: 80 }] });
    const part = (age: number) =>
      ready(http, 1, { container: { verdict: "failing" }, info: { state: "unhealthy", since: NOW - age } });
    const early = plan(situation(http, [part(20_000)]));
    expect(early.actions).toEqual([]);
    expect(early.lookAgainAt).toBe(NOW + 10_000);
    expect(doings(plan(situation(http, [part(30_000)])))).toEqual(["noteAttention CONTAINER_UNHEALTHY"]);
  });

  it("is noticed with what its last check saw", () => {
    const http = aGroup({ ports: [{ name: "http", container: 80 }] });
    const fault = { text: "GET /healthz answered 404", times: 3 };
    const part = ready(http, 1, {
      container: { verdict: "failing", fault },
      info: { state: "unhealthy", since: NOW - 30_000 },
    });
    const [notice] = only(plan(situation(http, [part])), "noteAttention").attention;
    expect(notice?.text).toMatch(/runs and is not ready: its checks fail: GET \/healthz answered 404$/);
    const onProbation = ready(http, 1, {
      container: { verdict: "passing", checked: { passingSince: NOW - 1000, failures: 2 } },
      info: { state: "unhealthy", since: NOW - 30_000 },
    });
    const [other] = only(plan(situation(http, [onProbation])), "noteAttention").attention;
    expect(other?.text).toMatch(/is not ready: its checks failed, and have not passed for long enough since$/);
  });
});
