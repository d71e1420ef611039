import { describe, expect, it } from "@jest/globals";
import type { UpdatePolicy } from "../../../src/model/group.js";
import { MINUTE, SECOND } from "../../../src/model/instant.js";
import { NO_ROLLOUTS, type Rollout, type RolloutsRecord, withRollout } from "../../../src/model/rollout.js";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  aHost,
  aRollout,
  changed,
  doings,
  draining,
  NOW,
  notedRollout,
  only,
  ready,
  situation,
  starting,
} from "../../support/builders.js";

const noRestart = { container: { restartPolicy: "no" as const } };
const second = { intent: { generation: 2 }, ...noRestart };
const fresh = { info: { since: NOW - SECOND }, container: { startedAt: NOW - SECOND, restartPolicy: "no" as const } };

function update(policy: UpdatePolicy = {}, instances = 3) {
  const old = aGroup({ instances, update: policy, restart: "on-failure" });
  return { old, now: changed(old, { image: "web:2" }) };
}

const over = (rollout: Rollout): { rollouts: RolloutsRecord } => ({
  rollouts: { rollouts: [rollout, aRollout({ to: 1, state: "done" })] },
});

describe("a slot that was done", () => {
  const long = { progressAt: NOW - SECOND, done: 1, started: NOW - 20 * MINUTE };
  const begun = { 1: { begun: NOW - 20 * MINUTE, failuresBefore: 0 } };

  it("is forgotten by the rollout, so that its deadline is over", () => {
    const { old, now } = update();
    const parts = [ready(now, 1, noRestart), ready(old, 2, noRestart), ready(old, 3, noRestart)];
    const next = plan(situation(now, parts, over(aRollout({ ...long, slots: begun }))));
    expect(notedRollout(next, 2)?.slots).toEqual({});
  });

  it("has the whole healthy_deadline again when its checks fail later", () => {
    const { old, now } = update();
    const flapping = ready(now, 1, { ...noRestart, info: { state: "unhealthy", since: NOW - SECOND } });
    const failing = { ...flapping, container: { ...flapping.container, health: "unhealthy" as const } };
    const parts = [failing, ready(old, 2, noRestart), ready(old, 3, noRestart)];
    const input = situation(now, parts, { ...over(aRollout(long)), imageHasHealthcheck: true });
    const noted = notedRollout(plan(input), 2);
    expect(noted).toMatchObject({ state: "running", slots: { 1: { begun: NOW } } });
  });
});

describe("a rollout that waits as its policy says", () => {
  it("does not fail for a step that takes longer than progress_deadline", () => {
    const { old, now } = update();
    const parts = [ready(now, 1, noRestart), ready(old, 2, noRestart), ready(old, 3, noRestart)];
    const waits = (progressAt: number) =>
      plan(
        situation(now, parts, over(aRollout({ progressAt, done: 1, stepsDone: 1, policy: { steps: ["1", "1h"] } }))),
      );
    expect(doings(waits(NOW - 11 * MINUTE))).toEqual([]);
    expect(notedRollout(waits(NOW - 11 * MINUTE), 2)).toBeUndefined();
    expect(notedRollout(waits(NOW - 60 * MINUTE), 2)).toMatchObject({ state: "running", stepsDone: 2 });
  });

  it("does not fail for a wait between batches that is longer than progress_deadline", () => {
    const { old, now } = update();
    const parts = [ready(now, 1, noRestart), ready(old, 2, noRestart), ready(old, 3, noRestart)];
    const rollout = aRollout({ progressAt: NOW - 11 * MINUTE, done: 1, policy: { wait: 20 * MINUTE } });
    const next = plan(situation(now, parts, over(rollout)));
    expect(doings(next)).toEqual([]);
    expect(next.lookAgainAt).toBe(NOW + 9 * MINUTE);
  });

  it("goes on after its wait where a failure does not hold up the rest", () => {
    const { old, now } = update({ order: "stop-first" });
    const parts = [starting(now, 1), ready(old, 2, noRestart), ready(old, 3, noRestart)];
    const rollout = aRollout({
      policy: { wait: SECOND, onFailure: "continue", maxParallel: 2 },
      slots: { 1: { begun: NOW - 6 * MINUTE, failuresBefore: 0 } },
    });
    expect(doings(plan(situation(now, parts, over(rollout))))).toContain("drain 2");
  });
});

describe("canaries", () => {
  it("are nothing to wait for where nothing is replaced", () => {
    const small = aGroup({ instances: 1, update: { canary: 1 }, restart: "on-failure" });
    const large = changed(small, { instances: 3 });
    const next = plan(situation(large, [ready(small, 1, noRestart)], { rollouts: NO_ROLLOUTS }));
    expect(notedRollout(next, 2)).toMatchObject({ state: "running", policy: { steps: [] } });
  });
});

describe("a revision that takes over from an unfinished one", () => {
  it("waits for min_healthy_time although nothing old is left to begin with", () => {
    const { old, now } = update({}, 1);
    const third = changed(now, { weight: 50 });
    const parts = [ready(old, 1, noRestart), ready(now, 1, { ...fresh, intent: { generation: 2 } })];
    const noted = notedRollout(plan(situation(third, parts, over(aRollout()))), 3);
    expect(noted).toMatchObject({ replaces: true, state: "running" });
    const alone = plan(situation(third, [ready(now, 1, fresh)], over(aRollout())));
    expect(notedRollout(alone, 3)).toMatchObject({ replaces: true, state: "running" });
  });

  it("keeps what serves while its own image is not known", () => {
    const { old, now } = update({}, 2);
    const third = changed(now, { image: "web:3", pinned: false });
    const parts = [ready(old, 1, noRestart), ready(old, 2, noRestart), ready(now, 1, { ...fresh, ...second })];
    expect(doings(plan(situation(third, parts, over(aRollout()))))).toEqual(["publish 1 ready", "pinImage"].slice(1));
  });
});

describe("start-first", () => {
  const startFirst = (maxParallel: number) => over(aRollout({ policy: { order: "start-first", maxParallel } }));

  it("starts no more than instances and max_parallel while others leave and a slot is empty", () => {
    const { old, now } = update();
    const parts = [ready(old, 1, noRestart), ready(old, 2, noRestart), draining(old, 4), draining(old, 5)];
    const { intents } = only(plan(situation(now, parts, startFirst(2))), "assign");
    expect(intents.map(({ slot }) => slot)).toEqual([3]);
  });

  it("gives a slot no third container while its second one leaves", () => {
    const { old, now } = update();
    const gone = draining(now, 1, { intent: { generation: 2 } });
    const third = changed(now, { image: "web:3" });
    const parts = [...[1, 2, 3].map((slot) => ready(old, slot, noRestart)), gone];
    const rollouts = aRollout({ to: 3, policy: { order: "start-first", maxParallel: 2 } });
    const { intents } = only(plan(situation(third, parts, over(rollouts))), "assign");
    expect(intents.map(({ slot }) => slot)).toEqual([2]);
  });
});

describe("start-first where more are there than it may start", () => {
  it("stops one that does not serve for its successor when nothing else is under way", () => {
    const old = aGroup({ instances: 5, restart: "on-failure", ports: [{ name: "http", container: 80 }] });
    const now = changed(old, { image: "web:2", instances: 3 });
    const [passing, failing] = (["passing", "failing"] as const).map((verdict) => ({
      container: { restartPolicy: "no" as const, verdict },
      info: { state: verdict === "passing" ? ("ready" as const) : ("unhealthy" as const) },
    }));
    const parts = [1, 2, 3, 4, 5].map((slot) => ready(old, slot, slot === 2 || slot === 3 ? failing : passing));
    const rollout = aRollout({ policy: { order: "start-first" } });
    const first = plan(situation(now, parts, over(rollout)));
    expect(doings(first).filter((text) => !text.startsWith("noteAttention"))).toEqual(["drain 2"]);
    const under = [...parts.slice(0, 1), draining(old, 2), ...parts.slice(2)];
    const next = plan(situation(now, under, over(rollout)));
    expect(doings(next)).not.toContain("drain 3");
  });
});

describe("a rollout while a host is silent", () => {
  const { old, now } = update();
  const young = starting(now, 1, { intent: { host: "b" }, container: { host: "b" }, info: { host: "b" } });
  const parts = [young, ready(old, 2, noRestart), ready(old, 3, noRestart)];
  const hosts = (reachable: boolean) => ({ hosts: [aHost(), aHost({ name: "b", reachable })] });
  const slots = { 1: { begun: NOW - 21 * MINUTE, failuresBefore: 0 } };
  const before = aRollout({ progressAt: NOW - 22 * MINUTE, slots });

  it("notes since when, once", () => {
    const noted = notedRollout(plan(situation(now, parts, { ...over(before), ...hosts(false) })), 2);
    expect(noted).toMatchObject({ state: "running", silentSince: NOW });
    const again = { ...over(aRollout({ ...before, silentSince: NOW - MINUTE })), ...hosts(false) };
    expect(notedRollout(plan(situation(now, parts, again)), 2)).toBeUndefined();
  });

  it("has as long as before once the host answers again", () => {
    const rollout = aRollout({ ...before, silentSince: NOW - 20 * MINUTE });
    const noted = notedRollout(plan(situation(now, parts, { ...over(rollout), ...hosts(true) })), 2);
    expect(noted).toMatchObject({
      state: "running",
      progressAt: NOW - 2 * MINUTE,
      slots: { 1: { begun: NOW - MINUTE } },
    });
    expect(noted?.silentSince).toBeUndefined();
  });
});

describe("the record of rollouts", () => {
  it("keeps the last stable revision, however many came after it", () => {
    const first = { rollouts: [aRollout({ to: 1, state: "done" })] };
    const numbers = Array.from({ length: 12 }, (_, i) => i + 2);
    const all = numbers.reduce<RolloutsRecord>(
      (record, to) => withRollout(record, aRollout({ to, state: "superseded" })),
      first,
    );
    expect(all.rollouts.map(({ to }) => to)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 1]);
  });
});

describe("a way back", () => {
  it("waits for nobody, whatever its policy says of canaries", () => {
    const bad = aGroup({
      instances: 3,
      image: "web:2",
      update: { canary: 1 },
      restart: "on-failure",
      configRevision: 2,
    });
    const back = changed(bad, { image: "web:1" });
    const canary = ready(bad, 1, { ...noRestart, info: { state: "unhealthy" } });
    const parts = [canary, ready(back, 2, noRestart), ready(back, 3, noRestart)];
    const failed = aRollout({ state: "rolling_back", backBy: 3 });
    const noted = notedRollout(plan(situation(back, parts, over(failed))), 3);
    expect(noted).toMatchObject({ takesBack: 2, state: "running", policy: { steps: [] } });
  });
});
