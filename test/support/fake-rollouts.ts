// Rollouts and revisions as messages, and a server that tells how one goes on, for tests of the command line.

import { status } from "@grpc/grpc-js";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import {
  Revision,
  Rollout,
  RolloutPauseReason,
  RolloutSlotState,
  RolloutState,
} from "../../clients/gen/theseus/v1/rollout.js";

import type { Fields } from "../../clients/partial.js";
import { CHANGED, groupOf, refOf } from "./fake-groups.js";
import { type Handlers, Refusal } from "./fake-theseus.js";

const after = (seconds: number) => new Date(CHANGED.getTime() + seconds * 1000);

/** r-2 of web/dev, from rev 1, start-first, 1 of 2 new, unless said otherwise. */
export function rolloutAs(state: RolloutState, more: Fields<Rollout> = {}): Rollout {
  const to = more.toRevision ?? 2n;
  const isOver = ![RolloutState.RUNNING, RolloutState.PAUSED, RolloutState.ROLLING_BACK].includes(state);
  const rollout: Fields<Rollout> = {
    group: refOf("web/dev"),
    id: `r-${to}`,
    fromRevision: 1n,
    toRevision: to,
    state,
    order: UpdateOrder.START_FIRST,
    maxParallel: 1,
    wanted: 2,
    readyNew: 1,
    readyOld: 1,
    promised: 2,
    startTime: CHANGED,
    change: { actor: "ana@desk", command: "theseus set image web/dev web:2", message: "two", time: CHANGED },
    ...(isOver ? { endTime: after(72) } : { deadlineTime: after(600) }),
    ...more,
  };
  return Rollout.fromPartial(rollout as never);
}

export const RUNNING = rolloutAs(RolloutState.RUNNING, {
  slots: [
    { slot: 1, state: RolloutSlotState.DONE, host: "node-a", sinceTime: after(10) },
    { slot: 2, state: RolloutSlotState.STARTING, host: "node-b", sinceTime: after(20), text: "no answer yet" },
  ],
});
export const PAUSED = rolloutAs(RolloutState.PAUSED, {
  pause: {
    sinceTime: after(30),
    reason: RolloutPauseReason.ASKED,
    change: { actor: "ben@desk", message: "error rate" },
  },
});
export const DONE = rolloutAs(RolloutState.DONE, { readyNew: 2, readyOld: 0 });
export const FAILURE = {
  reason: ErrorReason.CONTAINER_EXITED,
  text: "exit code 1, 3 of 3 tries",
  slot: 2,
  host: "node-b",
  container: "web.dev.2.3-abcdef",
  lastLines: ["starting", "Error: no config"],
};
export const ROLLING_BACK = rolloutAs(RolloutState.ROLLING_BACK, { rollbackRevision: 3n, failure: FAILURE });
export const ROLLED_BACK = rolloutAs(RolloutState.ROLLED_BACK, { rollbackRevision: 3n, failure: FAILURE });
/** r-3, which takes r-2 back. */
export const WAY_BACK = rolloutAs(RolloutState.RUNNING, { toRevision: 3n, rollbackOf: 2n });

/** web/dev after the leader has taken rev 2 back, by whom it was done. */
export const BACK = { ...groupOf("web/dev", { rev: 3 }), lastChange: undefined };

/** GetRollout of rev 2 answers these, one after the other; the last one stays. Rev 3 is the way back. */
export function rolling(...rollouts: readonly Rollout[]): Handlers {
  const left = [...rollouts];
  return {
    getRollout: ({ configRevision }) => {
      if (configRevision === 3n) return { rollout: WAY_BACK, revision: 60n };
      const rollout = left.length > 1 ? left.shift() : left[0];
      if (rollout === undefined)
        throw new Refusal({ code: status.NOT_FOUND, reason: "NO_SUCH_REVISION", message: "nothing is kept of it" });
      return { rollout, revision: 60n };
    },
  };
}

/** A revision of web/dev with this image. */
export function revisionAs(rev: number, image: string, more: Fields<Revision> = {}): Revision {
  const revision: Fields<Revision> = {
    configRevision: BigInt(rev),
    config: { image, instances: 2 },
    change: { actor: "ana@desk", command: `theseus set image web/dev ${image}`, message: `m${rev}`, time: after(rev) },
    rollout: rolloutAs(RolloutState.DONE, { toRevision: BigInt(rev) }),
    ...more,
  };
  return Revision.fromPartial(revision as never);
}
