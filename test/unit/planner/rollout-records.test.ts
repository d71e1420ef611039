import { describe, expect, it } from "@jest/globals";
import { lastStable, upTo, withRollout } from "../../../src/model/rollout.js";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  aRollout,
  changed,
  doings,
  NOW,
  notedRollout,
  only,
  ready,
  situation,
} from "../../support/builders.js";

const old = aGroup({ restart: "on-failure" });
const noRestart = { container: { restartPolicy: "no" as const } };

describe("the records of rollouts", () => {
  it("tell of the former one that it was superseded, also while the new image cannot be had", () => {
    const third = changed(changed(old, { image: "web:2" }), { image: "web:3", pinned: false });
    const rollouts = { rollouts: [aRollout({ to: 2 }), aRollout({ to: 1, state: "done" })] };
    const next = plan(situation(third, [ready(old, 1, noRestart)], { rollouts }));
    expect(notedRollout(next, 2)).toMatchObject({ state: "superseded", supersededBy: 3, ended: NOW });
    expect(only(next, "noteRollouts").rollouts).toHaveLength(1);
  });

  it("leave one alone that is being taken back by the present config, and say nothing twice", () => {
    const back = changed(changed(old, { image: "web:2" }), { image: "web:3", pinned: false });
    const going = aRollout({ to: 2, state: "rolling_back", backBy: 3 });
    const over = aRollout({ to: 2, state: "superseded", supersededBy: 3 });
    for (const rollout of [going, over]) {
      const next = plan(situation(back, [ready(old, 1, noRestart)], { rollouts: { rollouts: [rollout] } }));
      expect(next.actions.map(({ kind }) => kind)).not.toContain("noteRollouts");
    }
  });

  it("of a history that was lost go, so that the present revision has its own", () => {
    const lost = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((to) => aRollout({ to, state: "done", done: 1 }));
    const present = changed(old, {});
    const next = plan(situation(present, [ready(present, 1, noRestart)], { rollouts: { rollouts: lost } }));
    const [made, ...more] = only(next, "noteRollouts").rollouts;
    expect([made?.to, more]).toEqual([2, []]);
    const stored = withRollout(upTo({ rollouts: lost }, 2), made ?? aRollout());
    expect(stored.rollouts.map(({ to }) => to)).toEqual([2]);
    const after = plan(situation(present, [ready(present, 1, noRestart)], { rollouts: stored }));
    expect(doings(after)).toEqual([]);
    expect(after.actions).toEqual([]);
  });

  it("of a history that was lost go also where nothing else is to be noted", () => {
    const rollouts = { rollouts: [aRollout({ to: 2, state: "done" }), aRollout({ to: 1, state: "done", done: 1 })] };
    const next = plan(situation(old, [ready(old, 1, noRestart)], { rollouts }));
    expect(only(next, "noteRollouts").rollouts).toMatchObject([{ to: 1, state: "done" }]);
  });
});

describe("a slot's progress", () => {
  it("begins with the assignment: its container may have failed before anybody looks again", () => {
    const now = changed(old, { image: "web:2", update: { order: "start-first" } });
    const rollouts = { rollouts: [aRollout({ policy: { order: "start-first" } }), aRollout({ to: 1, state: "done" })] };
    const failures = { slots: { 1: { generation: 3, failures: 4, host: "local" } }, attention: [] };
    const next = plan(situation(now, [ready(old, 1, noRestart)], { rollouts, slots: failures }));
    expect(doings(next)).toContain("assign 1");
    expect(notedRollout(next, 2)?.slots).toEqual({ 1: { begun: NOW, failuresBefore: 4 } });
  });
});

describe("the last stable revision", () => {
  const ran = aRollout({ to: 1, state: "done", done: 3 });
  const empty = aRollout({ to: 2, state: "done", done: 0 });

  it("is one of which something ran: nobody has seen the other one work", () => {
    expect(lastStable({ rollouts: [empty, ran] }, 3)).toBe(1);
    expect(lastStable({ rollouts: [aRollout({ to: 3, state: "done", done: 1 }), empty, ran] }, 4)).toBe(3);
  });

  it("is one that asked for no instances where there is no other", () => {
    expect(lastStable({ rollouts: [empty] }, 3)).toBe(2);
    expect(lastStable({ rollouts: [empty] }, 2)).toBeUndefined();
  });

  it("of which something ran is kept, however many came after it", () => {
    const later = Array.from({ length: 12 }, (_, i) => aRollout({ to: i + 2, state: "done", done: 0 }));
    const { rollouts } = later.reduce(withRollout, { rollouts: [ran] });
    expect(rollouts).toHaveLength(10);
    expect(rollouts.at(-1)).toBe(ran);
  });
});
