// The next state of a watch for those who take their time: what comes while it settles is taken as one.

import type { Follower } from "../../follower.js";
import { pause } from "../../pause.js";
import type { ServiceState } from "../../watch-fold.js";

export interface Pace {
  /** Milliseconds between hearing of a change and taking the newest state. */
  readonly settle: number;
  readonly signal: AbortSignal;
}

/** @throws TheseusClientError: CANCELLED, or why no server will ever answer. */
export async function nextChange(
  follower: Follower,
  since: ServiceState | undefined,
  pace: Pace,
): Promise<ServiceState> {
  const state = await follower.changed(since);
  // Nobody waits for the first one to get better.
  if (since === undefined || pace.settle === 0) return state;
  await pause(pace.settle, pace.signal);
  return follower.latest ?? state;
}

/** The same state again after so many milliseconds, or a newer one before. */
export async function laterOrChanged(
  follower: Follower,
  state: ServiceState,
  pace: Pace,
  milliseconds: number,
): Promise<ServiceState> {
  const newer = await follower.changedWithin(milliseconds, state);
  return newer === undefined ? state : nextChange(follower, state, pace);
}
