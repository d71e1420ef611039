import { describe, expect, it } from "@jest/globals";
import { rolloutObject } from "../../../clients/cli/output/rollout.js";
import { RolloutState } from "../../../clients/gen/theseus/v1/rollout.js";
import { rolloutAs } from "../../support/fake-rollouts.js";

const counts = { madeNew: 2, madeOld: 1, slotsDone: 1, slotsFailed: 0 };

describe("a rollout for scripts", () => {
  it.each([RolloutState.RUNNING, RolloutState.PAUSED])(
    "has its batch and counts while it goes on, state %i",
    (state) => {
      expect(rolloutObject(rolloutAs(state, counts))).toMatchObject({
        ...{ batch: 2, batches: 2 },
        counts: { wanted: 2, updated: 2, ready: 2, available: 1, old: 1, failed: 0 },
      });
      const begun = rolloutAs(state, { readyNew: 0, readyOld: 0 });
      expect(rolloutObject(begun)["counts"]).toEqual({
        ...{ wanted: 2, updated: 0, ready: 0, available: 0, old: 0, failed: 0 },
      });
    },
  );

  it("has counts and no batch where it is over and that of the present config", () => {
    const told = rolloutObject(rolloutAs(RolloutState.DONE, { ...counts, madeOld: 0, readyOld: 0, slotsDone: 2 }));
    expect(told).not.toHaveProperty("batch");
    expect(told).not.toHaveProperty("batches");
    expect(told["counts"]).toEqual({ wanted: 2, updated: 2, ready: 1, available: 2, old: 0, failed: 0 });
  });

  it.each([RolloutState.DONE, RolloutState.ROLLED_BACK, RolloutState.ROLLING_BACK])(
    "tells of a past one only what is known, state %i",
    (state) => {
      const told = rolloutObject(rolloutAs(state));
      expect(told).not.toHaveProperty("batch");
      expect(told["counts"]).toEqual({ wanted: 2, ready: 2 });
    },
  );
});
