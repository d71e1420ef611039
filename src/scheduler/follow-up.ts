// What an action that went well leads to: what can be begun on it at once, and how soon the group has to be looked at. Pure.

import type { Action } from "../model/action.js";
import { readiness } from "../model/defaults.js";
import { currentPin } from "../model/group-status.js";
import type { Milliseconds } from "../model/instant.js";
import type { PlanInput } from "../model/plan.js";

/** Something else is about to wake the group, or nothing depends on it. */
const NO_HURRY: Milliseconds = 100;

/** What another look would come to in any case: a container that was assigned is launched. */
export function followUps(action: Action, { desired }: PlanInput): readonly Action[] {
  const pin = currentPin(desired?.record);
  if (action.kind !== "assign" || desired === undefined || pin === undefined) return [];
  const { config } = desired.record;
  return action.intents.map((intent) => {
    const reason = `slot ${intent.slot} is to have it`;
    return { kind: "launch", intent, config, image: pin.pinned, reason };
  });
}

/** Within which time the next pass has to begin. */
export function lookAgainIn(action: Action, { imageHasHealthcheck }: PlanInput): Milliseconds {
  switch (action.kind) {
    // The servers' answers wake the group.
    case "drain":
    case "forgiveSlot":
    case "noteAttention":
    case "noteRollouts":
    case "setRestartPolicy":
      return NO_HURRY;
    // What was assigned is being launched.
    case "assign":
      return NO_HURRY;
    // Its checks wake the group.
    case "launch":
      return readiness(action.config, imageHasHealthcheck).kind === "probe" ? NO_HURRY : 0;
    case "adopt":
    case "pinImage":
    case "publish":
    case "raiseSlots":
    case "release":
    case "remove":
    case "removeGroup":
    case "removeStray":
    case "rollBack":
    case "stop":
    case "stopStray":
    case "tryOut":
      return 0;
  }
}
