import { describe, expect, it } from "@jest/globals";
import { isHeldBack, type RolloutFacts, toldRollout } from "../../../src/grpc/told-rollout.js";
import type { Change, ConfigRecord, UpdatePolicy } from "../../../src/model/group.js";
import type { HistoryRecord } from "../../../src/model/history.js";
import { MINUTE } from "../../../src/model/instant.js";
import { ROLLOUTS_KEPT, type Rollout } from "../../../src/model/rollout.js";
import type { Steering } from "../../../src/model/steering.js";
import { aGroup, aRollout, NOW } from "../../support/builders.js";

const BOB: Change = { actor: "bob@desk", command: "pause", message: "too slow", time: NOW + MINUTE };

type Given = {
  readonly rollouts?: readonly Rollout[];
  readonly steering?: Steering;
  readonly update?: UpdatePolicy;
  readonly removing?: { readonly volumes: boolean };
};

/** A group of four at rev 3, with the configs of all three. */
function facts({ rollouts = [], steering, update = {}, removing }: Given = {}): RolloutFacts {
  const at = (configRevision: number): ConfigRecord => {
    const { record } = aGroup({ image: `web:${configRevision}`, instances: 4, configRevision, update });
    return { ...record, change: { ...record.change, time: NOW - 10 * MINUTE + configRevision * MINUTE } };
  };
  const { service, labels } = aGroup().ref;
  const history = [3, 2, 1].map((revision): HistoryRecord => ({ service, labels, ...at(revision) }));
  const asked = { ...(steering && { steering }), ...(removing && { removing, change: BOB }) };
  return { record: { ...at(3), ...asked }, rollouts: { rollouts }, history };
}

const told = (given: Given, to = 3, now = NOW) => toldRollout(facts(given), to, now);
const third = (options: Parameters<typeof aRollout>[0] = {}) => aRollout({ to: 3, from: 2, ...options });

describe("a rollout that goes on is told", () => {
  it("with what it promises, and until when it has to come further", () => {
    const rollouts = [third({ policy: { maxParallel: 2 } })];
    expect(told({ rollouts })).toMatchObject({
      ...{ to: 3, from: 2, state: "running", order: "stop-first", maxParallel: 2, wanted: 4, promised: 2 },
      ...{ started: NOW, deadline: NOW + 10 * MINUTE, ended: undefined, pause: undefined },
      change: { actor: "ann@desk" },
    });
  });

  it("as never below all of them, where the new one starts first or nothing is replaced", () => {
    expect(told({ rollouts: [third({ policy: { order: "start-first", maxParallel: 2 } })] })?.promised).toBe(4);
    expect(told({ rollouts: [third({ replaces: false })] })).toMatchObject({ promised: 4, order: undefined });
  });

  it("as standing still from the moment that a person asked for it", () => {
    const steering = { promotions: 0, paused: BOB };
    const pause = { since: BOB.time, reason: "asked", change: BOB };
    expect(told({ rollouts: [third()], steering })).toMatchObject({ state: "paused", pause, deadline: undefined });
    const noticed = third({ state: "paused", pause: { since: NOW, reason: "asked", change: BOB } });
    expect(told({ rollouts: [noticed], steering })).toMatchObject({ pause: { since: NOW } });
  });

  it("as going on from the moment that it was resumed, its deadline moved by as long as it stood", () => {
    const paused = third({ state: "paused", pause: { since: NOW, reason: "asked", change: BOB } });
    expect(told({ rollouts: [paused] }, 3, NOW + 3 * MINUTE)).toMatchObject({
      state: "running",
      pause: undefined,
      deadline: NOW + 13 * MINUTE,
    });
  });

  it("as being taken back from the moment that somebody asked for that", () => {
    const steering = { promotions: 0, aborted: BOB };
    expect(told({ rollouts: [third()], steering })).toMatchObject({ state: "rolling_back", deadline: undefined });
  });
});

describe("a barrier of the policy", () => {
  const steps = { steps: ["1", "pause", "2", "pause"] };
  const atCanary = third({ state: "paused", stepsDone: 1, policy: steps, pause: { since: NOW, reason: "canary" } });

  it("holds until it is opened, and each one for itself", () => {
    expect(isHeldBack(atCanary, undefined)).toBe(true);
    expect(isHeldBack(atCanary, { promotions: 1 })).toBe(false);
    const atStep = third({ state: "paused", stepsDone: 3, policy: steps, pause: { since: NOW, reason: "step" } });
    expect(isHeldBack(atStep, { promotions: 1 })).toBe(true);
    expect(isHeldBack(atStep, { promotions: 2 })).toBe(false);
    expect(isHeldBack(third({ stepsDone: 2, policy: steps }), undefined)).toBe(false);
  });

  it("is told as what it is: canaries, or a step", () => {
    const update = { canary: 1 };
    expect(told({ rollouts: [atCanary], update })).toMatchObject({ state: "paused", pause: { reason: "canary" } });
    expect(told({ rollouts: [atCanary] })).toMatchObject({ state: "paused", pause: { reason: "step" } });
    expect(told({ rollouts: [atCanary], update, steering: { promotions: 1 } })?.state).toBe("running");
  });

  it("does not hide that a person has asked it to stand still besides", () => {
    const steering = { promotions: 0, paused: BOB };
    expect(told({ rollouts: [atCanary], steering })?.pause).toEqual({ since: NOW, reason: "asked", change: BOB });
  });
});

describe("a rollout that the leader has not begun is told", () => {
  it("as running, from the last stable revision", () => {
    const rollouts = [aRollout({ to: 2, state: "superseded" }), aRollout({ to: 1, state: "done" })];
    expect(told({ rollouts, update: { maxParallel: "50%" } })).toMatchObject({
      ...{ to: 3, from: 1, state: "running", order: undefined, maxParallel: 2, wanted: 4, promised: 2 },
      ...{ started: NOW - 7 * MINUTE, deadline: undefined, stored: undefined },
    });
  });

  it("as what people have asked for meanwhile", () => {
    expect(told({ steering: { promotions: 0, paused: BOB } })).toMatchObject({
      state: "paused",
      pause: { since: BOB.time, reason: "asked" },
    });
    expect(told({ steering: { promotions: 0, aborted: BOB } })?.state).toBe("rolling_back");
  });
});

describe("a rollout of an older revision is told", () => {
  it("as it ended, with what was wanted then, whatever is asked of the present one", () => {
    const rollouts = [third(), aRollout({ to: 2, state: "done", ended: NOW - MINUTE })];
    const steering = { promotions: 0, paused: BOB };
    expect(told({ rollouts, steering }, 2)).toMatchObject({ state: "done", wanted: 4, ended: NOW - MINUTE });
  });

  it("as superseded as soon as there is a newer config, unless that takes it back", () => {
    const rollouts = [aRollout({ to: 2 })];
    expect(told({ rollouts }, 2)).toMatchObject({ state: "superseded", supersededBy: 3, deadline: undefined });
    const failing = [aRollout({ to: 2, state: "rolling_back", backBy: 3 })];
    expect(told({ rollouts: failing }, 2)).toMatchObject({ state: "rolling_back", backBy: 3 });
  });

  it("as superseded by the next one where the leader never got to it", () => {
    const rollouts = [third(), aRollout({ to: 1, state: "done" })];
    expect(told({ rollouts }, 2)).toMatchObject({
      ...{ state: "superseded", supersededBy: 3, from: 1, started: NOW - 8 * MINUTE, ended: NOW - 7 * MINUTE },
    });
  });

  it("not at all where nothing is kept of it", () => {
    const kept = Array.from({ length: ROLLOUTS_KEPT }, (_, i) => aRollout({ to: 12 - i, state: "done" }));
    expect(told({ rollouts: kept }, 2)).toBeUndefined();
    expect(told({ rollouts: [third()] }, 4)).toBeUndefined();
  });
});

it("a removal does not pass for the change that the rollout is of", () => {
  const rollouts = [third({ state: "done" })];
  expect(told({ rollouts, removing: { volumes: false } })).toMatchObject({ wanted: 0, change: { actor: "ann@desk" } });
});
