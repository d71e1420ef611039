// What people ask of a rollout that goes on: asked by anybody, done by the leader.

import type { Change } from "./changed-by.js";

/** What people ask of the rollout of the present config; it stands in the config record and goes with it. */
export type Steering = {
  /** It is to stand still. */
  readonly paused?: Change;
  /** How many barriers (canaries, steps that wait for a person) have been opened. */
  readonly promotions: number;
  /** It is to be taken back. */
  readonly aborted?: Change;
};

export type SteeringAct = "pause" | "resume" | "promote" | "abort";

const UNSTEERED: Steering = { promotions: 0 };

/**
 * What is asked once that is asked too; the same where it was asked already.
 * @param promotions how many barriers a promotion opens in all.
 */
export function steered(
  present: Steering = UNSTEERED,
  act: SteeringAct,
  change: Change,
  promotions = present.promotions + 1,
): Steering {
  const { paused, ...rest } = present;
  switch (act) {
    case "pause":
      return paused === undefined ? { ...present, paused: change } : present;
    case "resume":
      return paused === undefined ? present : rest;
    case "promote":
      return promotions > present.promotions ? { ...present, promotions } : present;
    case "abort":
      return present.aborted === undefined ? { ...rest, aborted: change } : present;
  }
}
