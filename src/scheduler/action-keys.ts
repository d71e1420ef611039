// What an action must have to itself while it runs: two actions with a key in common never run at the same time. Pure.

import type { Action } from "../model/action.js";

/** Keys are within one group. */
export function actionKeys(action: Action): string[] {
  switch (action.kind) {
    case "pinImage":
    case "noteAttention":
    case "removeGroup":
      return [action.kind];
    case "noteRollouts":
    case "rollBack":
      return ["rollout"];
    // May take minutes, in which the rollout is paused, taken back or replaced.
    case "tryOut":
      return [`trial of ${action.rollout.to}`];
    // One at a time: the next plan counts on what this one wrote.
    case "assign":
    case "adopt":
    case "raiseSlots":
      return ["assign"];
    case "launch":
    case "release":
      return [nameKey(action.intent.name)];
    case "publish":
      return [nameKey(action.name)];
    case "drain":
    case "stop":
    case "remove":
      return [nameKey(action.intent.name), ...(action.containerId === undefined ? [] : [idKey(action.containerId)])];
    case "setRestartPolicy":
    case "removeStray":
    case "stopStray":
      return [idKey(action.containerId)];
    case "forgiveSlot":
      return [`slot ${action.slot}`];
  }
}

/** The host whose engine the action needs; undefined: it needs only the store, or several. */
export function actionHost(action: Action): string | undefined {
  switch (action.kind) {
    case "pinImage":
    case "setRestartPolicy":
    case "removeStray":
    case "stopStray":
      return action.host;
    case "launch":
    case "tryOut":
    case "remove":
      return action.intent.host;
    case "drain":
    case "stop":
      return action.containerId === undefined ? undefined : action.intent.host;
    case "assign":
    case "adopt":
    case "raiseSlots":
    case "publish":
    case "release":
    case "forgiveSlot":
    case "noteAttention":
    case "noteRollouts":
    case "rollBack":
    case "removeGroup":
      return undefined;
  }
}

export const nameKey = (name: string): string => `name ${name}`;
const idKey = (id: string): string => `id ${id}`;
