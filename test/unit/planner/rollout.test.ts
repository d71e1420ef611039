import { describe, expect, it } from "@jest/globals";
import type { UpdatePolicy } from "../../../src/model/group.js";
import { MINUTE, SECOND } from "../../../src/model/instant.js";
import type { PlanInput } from "../../../src/model/plan.js";
import { NO_ROLLOUTS, type Rollout } from "../../../src/model/rollout.js";
import type { Steering } from "../../../src/model/steering.js";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  aHost,
  aRollout,
  assigned,
  changed,
  doings,
  exited,
  NOW,
  notedRollout,
  only,
  type Part,
  ready,
  situation,
  slotsOf,
  starting,
} from "../../support/builders.js";

const noRestart = { container: { restartPolicy: "no" as const } };
const ann = { actor: "ann@desk", command: "rollout pause", message: "", time: NOW };

/** Three containers of revision 1, and revision 2 with another image; no restarts by the engine, which would be told too. */
function update(policy: UpdatePolicy, instances = 3) {
  const old = aGroup({ instances, update: policy, restart: "on-failure" });
  return { old, now: changed(old, { image: "web:2" }) };
}

function seen(
  group: ReturnType<typeof aGroup>,
  parts: readonly Part[],
  rollout: Rollout,
  more: Partial<PlanInput> = {},
) {
  return plan(
    situation(group, parts, { rollouts: { rollouts: [rollout, aRollout({ to: 1, state: "done" })] }, ...more }),
  );
}

describe("a rollout", () => {
  it("begins with a new config revision: from the last stable one, with the policy of that moment", () => {
    const { old, now } = update({ maxParallel: "50%", order: "stop-first", onFailure: "pause" }, 4);
    const parts = [1, 2, 3, 4].map((slot) => ready(old, slot, noRestart));
    const before = { rollouts: [aRollout({ to: 1, state: "done" })] };
    const noted = notedRollout(plan(situation(now, parts, { rollouts: before })), 2);
    expect(noted).toMatchObject({ to: 2, from: 1, state: "running", replaces: true, started: NOW });
    expect(noted?.policy).toMatchObject({
      maxParallel: 2,
      order: "stop-first",
      onFailure: "pause",
      minHealthyTime: 10_000,
    });
  });

  it("does not begin before the image is known, so nothing is stopped for one that cannot be had", () => {
    const old = aGroup({ instances: 1 });
    const now = changed(old, { image: "web:2", pinned: false });
    expect(doings(plan(situation(now, [ready(old, 1)])))).toContain("pinImage");
    expect(notedRollout(plan(situation(now, [ready(old, 1)])), 2)).toBeUndefined();
  });

  it("is done when everything is of the new config and stable, and nothing else is left", () => {
    const { now } = update({});
    const parts = [1, 2, 3].map((slot) => ready(now, slot, noRestart));
    expect(notedRollout(seen(now, parts, aRollout()), 2)).toMatchObject({ state: "done", done: 3, ended: NOW });
  });

  it("waits until a container has been ready for min_healthy_time", () => {
    const { old, now } = update({ order: "stop-first" });
    const young = ready(now, 1, {
      info: { since: NOW - 9 * SECOND },
      container: { startedAt: NOW - 9 * SECOND, restartPolicy: "no" },
    });
    const next = seen(now, [young, ready(old, 2, noRestart), ready(old, 3, noRestart)], aRollout());
    expect(doings(next)).toEqual([]);
    expect(next.lookAgainAt).toBe(NOW + SECOND);
  });

  it("takes its order from where there is room: start-first beside the old ones, else stop-first", () => {
    const { old, now } = update({});
    const parts = [1, 2, 3].map((slot) => ready(old, slot, noRestart));
    const order = (input: Partial<PlanInput>): string | undefined =>
      notedRollout(plan(situation(now, parts, { rollouts: NO_ROLLOUTS, ...input })), 2)?.policy.order;
    expect(order({})).toBe("start-first");
    const sized = aGroup({ instances: 3, cpu: 1 });
    const full = [1, 2, 3].map((slot) => ready(sized, slot, noRestart));
    const small = { hosts: [aHost({ cpu: 3 })], rollouts: NO_ROLLOUTS };
    const noted = notedRollout(plan(situation(changed(sized, { image: "web:2" }), full, small)), 2);
    expect(noted?.policy.order).toBe("stop-first");
  });

  it.each([
    ["a fixed host port", { ports: [{ name: "http", container: 80, host: 8080 }] }],
    ["a volume of its own", { volumes: [{ name: "data", at: "/data" }] }],
    ["at_most_once", { lost: { atMostOnce: true } }],
  ])("is stop-first for %s", (_, config) => {
    const old = aGroup(config);
    const now = changed(old, { image: "web:2" });
    const noted = notedRollout(plan(situation(now, [ready(old, 1, noRestart)], { rollouts: NO_ROLLOUTS })), 2);
    expect(noted?.policy.order).toBe("stop-first");
  });

  it("gives way to a newer one in place", () => {
    const { old, now } = update({});
    const third = changed(now, { image: "web:3" });
    const noted = plan(situation(third, [ready(old, 1)], { rollouts: { rollouts: [aRollout()] } }));
    expect(notedRollout(noted, 2)).toMatchObject({ state: "superseded", supersededBy: 3, ended: NOW });
    expect(notedRollout(noted, 3)).toMatchObject({ state: "running" });
  });
});

describe("stop-first", () => {
  it("stops as many as the window takes, and no more than can be spared", () => {
    const { old, now } = update({ order: "stop-first", maxParallel: "2" }, 4);
    const rollout = aRollout({ policy: { maxParallel: 2 } });
    const all = [1, 2, 3, 4].map((slot) => ready(old, slot, noRestart));
    expect(doings(seen(now, all, rollout))).toEqual(["drain 2", "drain 1"]);
    const short = [...all.slice(0, 3), starting(old, 4, noRestart)];
    expect(doings(seen(now, short, rollout))).toEqual(["drain 4", "drain 1"]);
  });

  it("begins the next as soon as one is done, without waiting for the others of its window", () => {
    const { old, now } = update({ order: "stop-first", maxParallel: "2" }, 4);
    const parts = [ready(now, 1, noRestart), starting(now, 2), ready(old, 3, noRestart), ready(old, 4, noRestart)];
    expect(doings(seen(now, parts, aRollout({ policy: { maxParallel: 2 } })))).toEqual(["drain 3"]);
  });

  it("with a wait lets the window empty, and waits", () => {
    const { old, now } = update({ order: "stop-first", wait: 5 * SECOND });
    const parts = [ready(now, 1, noRestart), ready(old, 2, noRestart), ready(old, 3, noRestart)];
    const rollout = aRollout({ done: 1, policy: { wait: 5 * SECOND }, progressAt: NOW - 4 * SECOND });
    expect(doings(seen(now, parts, rollout))).toEqual([]);
    expect(seen(now, parts, rollout).lookAgainAt).toBe(NOW + SECOND);
    expect(doings(seen(now, parts, { ...rollout, progressAt: NOW - 5 * SECOND }))).toEqual(["drain 2"]);
  });
});

describe("start-first", () => {
  const rollout = aRollout({ policy: { order: "start-first" } });

  it("starts the successor beside the old one, which stays until that is stable", () => {
    const { old, now } = update({ order: "start-first" });
    const olds = [1, 2, 3].map((slot) => ready(old, slot, noRestart));
    expect(only(seen(now, olds, rollout), "assign").intents).toMatchObject([{ slot: 1, generation: 2 }]);
    const young = ready(now, 1, {
      intent: { generation: 2 },
      info: { since: NOW - SECOND, generation: 2 },
      ...noRestart,
    });
    expect(doings(seen(now, [...olds, young], rollout))).toEqual([]);
    const stable = ready(now, 1, { intent: { generation: 2 }, info: { generation: 2 }, ...noRestart });
    expect(doings(seen(now, [...olds, stable], rollout))).toEqual(["drain 1"]);
  });

  it("starts no more than instances and max_parallel together", () => {
    const { old, now } = update({ order: "start-first", maxParallel: "2" }, 3);
    const olds = [1, 2, 3].map((slot) => ready(old, slot, noRestart));
    const wide = aRollout({ policy: { order: "start-first", maxParallel: 2 } });
    expect(only(seen(now, olds, wide), "assign").intents.map(({ slot }) => slot)).toEqual([1, 2]);
    const begun = (phase: "draining" | "stopping") => {
      const surplus = ready(old, 4, { ...noRestart, intent: { phase } });
      return only(seen(now, [...olds, surplus], wide), "assign").intents.map(({ slot }) => slot);
    };
    expect(begun("draining")).toEqual([1]);
    // From when its stop is committed it counts as gone.
    expect(begun("stopping")).toEqual([1, 2]);
  });

  it("keeps the old one that serves when a newer update comes, and drops the one in between", () => {
    const { old, now } = update({ order: "start-first" });
    const third = changed(now, { image: "web:3" });
    const between = starting(now, 1, { intent: { generation: 2 }, info: { generation: 2 }, ...noRestart });
    const parts = [...[1, 2, 3].map((slot) => ready(old, slot, noRestart)), between];
    const next = seen(third, parts, aRollout({ to: 3, policy: { order: "start-first" } }));
    expect(only(next, "drain").intent.generation).toBe(2);
  });
});

describe("a rollout that is paused", () => {
  const { old, now } = update({ order: "stop-first" });
  const parts = [ready(now, 1, noRestart), ready(old, 2, noRestart), ready(old, 3, noRestart)];
  const steered = (steering: Steering) => ({ ...now, record: { ...now.record, steering } });

  it("replaces nothing, and no deadline comes nearer", () => {
    const asked = steered({ promotions: 0, paused: ann });
    const noted = seen(asked, parts, aRollout({ done: 1 }));
    expect(doings(noted)).toEqual([]);
    expect(notedRollout(noted, 2)).toMatchObject({
      state: "paused",
      pause: { since: NOW, reason: "asked", change: ann },
    });
    const pause = { since: NOW - 20 * MINUTE, reason: "asked" } as const;
    const slots = { 2: { begun: NOW - 26 * MINUTE, failuresBefore: 0 } };
    const long = aRollout({ done: 1, state: "paused", pause, progressAt: NOW - 25 * MINUTE, slots });
    expect(notedRollout(seen(asked, parts, long), 2)).toBeUndefined();
  });

  it("goes on where it stood when it is resumed", () => {
    const pause = { since: NOW - 20 * MINUTE, reason: "asked" } as const;
    const slots = { 2: { begun: NOW - 21 * MINUTE, failuresBefore: 0 } };
    const long = aRollout({ done: 1, state: "paused", pause, progressAt: NOW - 25 * MINUTE, slots });
    const noted = seen(steered({ promotions: 0 }), parts, long);
    expect(notedRollout(noted, 2)).toMatchObject({ state: "running", progressAt: NOW - 5 * MINUTE });
    expect(notedRollout(noted, 2)?.slots[2]?.begun).toBe(NOW - MINUTE);
    expect(doings(noted)).toEqual(["drain 2"]);
  });

  it("stops after its canaries until they are promoted", () => {
    const policy = { steps: ["1", "pause"] };
    expect(
      doings(
        seen(
          now,
          [1, 2, 3].map((slot) => ready(old, slot, noRestart)),
          aRollout({ policy }),
        ),
      ),
    ).toEqual(["drain 1"]);
    const waiting = seen(now, parts, aRollout({ done: 1, policy }));
    expect(notedRollout(waiting, 2)).toMatchObject({ state: "paused", stepsDone: 1 });
    expect(doings(waiting)).toEqual([]);
    const pause = { since: NOW, reason: "canary" } as const;
    const stood = aRollout({ done: 1, policy, state: "paused", stepsDone: 1, pause });
    expect(doings(seen(steered({ promotions: 1 }), parts, stood))).toEqual(["drain 2"]);
  });

  it("goes up by shares, and rests as long as a step says", () => {
    const policy = { maxParallel: 3, steps: ["34%", "5m", "100%"] };
    const olds = [1, 2, 3].map((slot) => ready(old, slot, noRestart));
    expect(doings(seen(now, olds, aRollout({ policy })))).toEqual(["drain 1"]);
    const resting = aRollout({ done: 1, stepsDone: 1, policy, progressAt: NOW - 4 * MINUTE });
    expect(doings(seen(now, parts, resting))).toEqual([]);
    expect(seen(now, parts, resting).lookAgainAt).toBe(NOW + MINUTE);
    expect(doings(seen(now, parts, { ...resting, progressAt: NOW - 5 * MINUTE }))).toEqual(["drain 3", "drain 2"]);
  });
});

describe("a rollout that fails", () => {
  const { old, now } = update({ order: "stop-first" });
  const rest = [ready(old, 2, noRestart), ready(old, 3, noRestart)];
  const begun = { 1: { begun: NOW - MINUTE, failuresBefore: 0 } };
  const attention = {
    reason: "CONTAINER_EXITED",
    text: "web.dev.1.4-abc ended by itself with exit code 1",
    slot: 1,
    host: "local",
    since: NOW,
  } as const;

  function failures(count: number) {
    const slots = slotsOf(rest.flatMap(({ intent }) => intent));
    const slot = { generation: 4, failures: count, notBefore: NOW + MINUTE, attention };
    return { slots: { ...slots, slots: { ...slots.slots, 1: slot } } };
  }

  it("after three failures of one slot goes back to the last stable revision", () => {
    expect(doings(seen(now, rest, aRollout({ slots: begun }), failures(2)))).toEqual([]);
    const back = only(seen(now, rest, aRollout({ slots: begun }), failures(3)), "rollBack");
    expect(back).toMatchObject({ to: 1, rollout: { to: 2, state: "rolling_back", backBy: 3 } });
    expect(back.rollout.failure).toMatchObject({ reason: "CONTAINER_EXITED", slot: 1, container: "web.dev.1.4-abc" });
    expect(back.rollout.failure?.text).toContain("3 of 3 tries");
  });

  it("beside an old container that is stable, too: that one forgives its slot nothing", () => {
    const beside = aRollout({ slots: begun, policy: { order: "start-first" } });
    const parts = [ready(old, 1, noRestart), ...rest];
    expect(doings(seen(now, parts, beside, failures(2)))).toEqual([]);
    expect(doings(seen(now, parts, beside, failures(3)))).toEqual(["rollBack 2 to 1"]);
  });

  it("does not count what the slot had failed before", () => {
    const earlier = { 1: { begun: NOW - MINUTE, failuresBefore: 2 } };
    expect(doings(seen(now, rest, aRollout({ slots: earlier }), failures(4)))).toEqual([]);
    expect(doings(seen(now, rest, aRollout({ slots: earlier }), failures(5)))).toEqual(["rollBack 2 to 1"]);
  });

  it("when a container is not stable within healthy_deadline", () => {
    const slow = { 1: { begun: NOW - 5 * MINUTE, failuresBefore: 0 } };
    const fault = { text: "GET /healthz answered 404", times: 3 };
    const next = seen(now, [starting(now, 1, { container: { fault } }), ...rest], aRollout({ slots: slow }));
    expect(only(next, "rollBack").rollout.failure).toMatchObject({
      reason: "CONTAINER_UNHEALTHY",
      text: expect.stringMatching(/checks have not passed: GET \/healthz answered 404, 3 times$/),
      slot: 1,
      host: "local",
    });
  });

  it("and names how the slot failed last when its time is over between two tries", () => {
    const slow = { 1: { begun: NOW - 5 * MINUTE, failuresBefore: 0 } };
    const between = only(seen(now, rest, aRollout({ slots: slow }), failures(1)), "rollBack").rollout.failure;
    expect(between).toMatchObject({ reason: "CONTAINER_EXITED", slot: 1, container: "web.dev.1.4-abc" });
    expect(between?.text).toBe(`${attention.text}; slot 1 was not ready within 300 s`);
    const again = [starting(now, 1), ...rest];
    expect(only(seen(now, again, aRollout({ slots: slow }), failures(2)), "rollBack").rollout.failure).toEqual(between);
  });

  it("when nothing gets on for progress_deadline", () => {
    const next = seen(now, [assigned(now, 1), ...rest], aRollout({ progressAt: NOW - 10 * MINUTE }));
    expect(only(next, "rollBack").rollout.failure?.text).toContain("no slot was done within 600 s");
  });

  it("stands still where its policy says pause, and what serves goes on", () => {
    const rollout = aRollout({ slots: begun, policy: { onFailure: "pause" } });
    const next = seen(now, rest, rollout, failures(3));
    expect(notedRollout(next, 2)).toMatchObject({ state: "failed", ended: NOW, failure: { slot: 1 } });
    expect(doings(next)).toEqual([]);
  });

  it("goes on without the slot where its policy says continue", () => {
    const rollout = aRollout({ slots: begun, policy: { onFailure: "continue" } });
    const next = seen(now, rest, rollout, failures(3));
    expect(notedRollout(next, 2)).toMatchObject({ state: "running", failure: { slot: 1 } });
  });

  it("has nowhere to go back to where nothing was stable before", () => {
    const { from: _, ...first } = aRollout({ slots: begun });
    expect(notedRollout(seen(now, rest, first, failures(3)), 2)).toMatchObject({ state: "failed" });
  });

  it("is rolled back when the way back is done, and has failed for good when that fails too", () => {
    const failed = aRollout({
      state: "rolling_back",
      backBy: 3,
      failure: { reason: "CONTAINER_EXITED", text: "it exits", at: NOW },
    });
    const back = aGroup({ ...old.record.config, configRevision: 3 });
    const rollouts = (rollout: Rollout) => ({ rollouts: { rollouts: [rollout, failed] } });
    const parts = [1, 2, 3].map((slot) => ready(back, slot));
    const way = aRollout({ to: 3, takesBack: 2 });
    const done = plan(situation(back, parts, rollouts(way)));
    expect(notedRollout(done, 3)).toMatchObject({ state: "done" });
    expect(notedRollout(done, 2)).toMatchObject({ state: "rolled_back", ended: NOW });
    const stuck = plan(situation(back, parts.slice(1), { ...rollouts({ ...way, slots: begun }), ...failures(3) }));
    expect(notedRollout(stuck, 3)).toMatchObject({ state: "failed" });
    expect(notedRollout(stuck, 2)).toMatchObject({ state: "rollback_failed" });
    expect(stuck.actions.some(({ kind }) => kind === "rollBack")).toBe(false);
  });

  it("is over as soon as what served before serves alone again, however young that is", () => {
    const failed = aRollout({ state: "rolling_back", backBy: 3, policy: { order: "start-first" } });
    const back = aGroup({ ...old.record.config, configRevision: 3, update: { minHealthyTime: 10 * MINUTE } });
    const young = {
      info: { since: NOW - SECOND },
      container: { startedAt: NOW - SECOND, restartPolicy: "no" as const },
    };
    const parts = [1, 2, 3].map((slot) => ready(back, slot, young));
    const begun = plan(situation(back, parts, { rollouts: { rollouts: [failed] } }));
    expect(notedRollout(begun, 3)).toMatchObject({ state: "done", takesBack: 2 });
    expect(notedRollout(begun, 2)).toMatchObject({ state: "rolled_back" });
  });

  it("is taken back at once when a person asks, in that person's words", () => {
    const failureOf = (message: string) => {
      const steering = { promotions: 0, aborted: { ...ann, message } };
      const asked = { ...now, record: { ...now.record, steering } };
      return only(seen(asked, [starting(now, 1), ...rest], aRollout()), "rollBack").rollout.failure;
    };
    expect(failureOf("")).toMatchObject({ reason: "CANCELLED", text: "ann@desk asked to take it back" });
    expect(failureOf("wrong image")?.text).toBe('ann@desk asked to take it back: "wrong image"');
  });

  it("is taken back when a person asks although it could not begin: its image is not to be had", () => {
    const { record } = changed(old, { image: "web:2", pinned: false });
    const asked = { ...now, record: { ...record, steering: { promotions: 0, aborted: ann } } };
    const before = { rollouts: { rollouts: [aRollout({ to: 1, state: "done" })] } };
    expect(only(plan(situation(asked, [ready(old, 1, noRestart), ...rest], before)), "rollBack")).toMatchObject({
      to: 1,
    });
  });

  it("is left alone while a host is silent: its containers may well be running", () => {
    const silent = { hosts: [aHost(), aHost({ name: "far", reachable: false })] };
    const away = ready(old, 3, { intent: { host: "far" } });
    const parts = [starting(now, 1), ready(old, 2, noRestart), away];
    const late = aRollout({ progressAt: NOW - 11 * MINUTE });
    expect(doings(seen(now, parts, late, silent))).not.toContain("rollBack 2 to 1");
  });

  it("ends a container of the failed revision although it is newer than the one that serves", () => {
    const back = aGroup({ ...old.record.config, configRevision: 3, update: { order: "start-first" } });
    const bad = exited(now, 1, 1, { intent: { generation: 2 } });
    const parts = [bad, ...[1, 2, 3].map((slot) => ready(back, slot, noRestart))];
    expect(doings(seen(back, parts, aRollout({ to: 3, takesBack: 2, policy: { order: "start-first" } })))).toEqual([
      "remove 1",
    ]);
  });
});
