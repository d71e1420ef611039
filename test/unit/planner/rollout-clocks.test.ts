import { describe, expect, it } from "@jest/globals";
import { MINUTE, SECOND } from "../../../src/model/instant.js";
import type { Rollout } from "../../../src/model/rollout.js";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  aRollout,
  changed,
  NOW,
  notedRollout,
  only,
  ready,
  situation,
  starting,
} from "../../support/builders.js";

const HOUR = 60 * MINUTE;
const noRestart = { container: { restartPolicy: "no" as const } };
const old = aGroup({ instances: 2, restart: "on-failure" });
const now = changed(old, { image: "web:2" });
const parts = [starting(now, 1), ready(old, 2, noRestart)];

/** Slot 1 has been on its way since then, as a leader has written that is no more. */
function seen(begun: number, leadsSince: number | undefined) {
  const rollout = aRollout({ started: begun, progressAt: begun, slots: { 1: { begun, failuresBefore: 0 } } });
  const rollouts = { rollouts: [rollout, aRollout({ to: 1, state: "done", done: 2 })] };
  return plan(situation(now, parts, { rollouts, ...(leadsSince === undefined ? {} : { leadsSince }) }));
}

const stateOf = (next: ReturnType<typeof seen>): Rollout["state"] | undefined => {
  const back = next.actions.find(({ kind }) => kind === "rollBack");
  return back === undefined ? notedRollout(next, 2)?.state : "rolling_back";
};

describe("a rollout that another leader has begun", () => {
  it("has no more time than it was given: a deadline counts from what is stored", () => {
    expect(stateOf(seen(NOW - 6 * MINUTE, NOW - 2 * MINUTE))).toBe("rolling_back");
    const next = seen(NOW - 4 * MINUTE, NOW - 2 * MINUTE);
    expect(stateOf(next)).toBeUndefined();
    expect(next.lookAgainAt).toBeLessThanOrEqual(NOW + MINUTE);
  });

  it("does not fail at once by a clock that is ahead, nor because nobody was there: the new leader looks first", () => {
    const next = seen(NOW - HOUR, NOW - 10 * SECOND);
    expect(stateOf(next)).toBeUndefined();
    expect(next.lookAgainAt).toBeLessThanOrEqual(NOW + 50 * SECOND);
    expect(stateOf(seen(NOW - HOUR, NOW - MINUTE))).toBe("rolling_back");
  });

  it("does not wait for a time that a clock ahead of ours has written", () => {
    const next = seen(NOW + HOUR, NOW - 20 * SECOND);
    expect(notedRollout(next, 2)).toMatchObject({
      state: "running",
      progressAt: NOW - 20 * SECOND,
      slots: { 1: { begun: NOW - 20 * SECOND } },
    });
  });

  it("fails in time where this leader has begun it", () => {
    expect(only(seen(NOW - 5 * MINUTE, NOW - 5 * MINUTE), "rollBack").to).toBe(1);
    expect(stateOf(seen(NOW - 5 * MINUTE, undefined))).toBe("rolling_back");
  });
});
