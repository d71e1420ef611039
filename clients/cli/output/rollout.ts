// A rollout in words, as an object, and as an exit code. Pure.

import { ErrorReason } from "../../gen/theseus/v1/error_reason.js";
import { type Rollout, RolloutPauseReason, type RolloutSlot, RolloutState } from "../../gen/theseus/v1/rollout.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { formatGroup } from "../references.js";
import { compact } from "./config-object.js";
import { namespaceOf } from "./objects.js";
import { orderWord, pauseReasonWord, reasonCode, rolloutSlotWord, rolloutStateCode } from "./words.js";

type Json = Record<string, unknown>;

const EXITS: Readonly<Partial<Record<RolloutState, ExitCode>>> = {
  [RolloutState.DONE]: EXIT.ok,
  [RolloutState.FAILED]: EXIT.rolloutFailed,
  [RolloutState.ROLLBACK_FAILED]: EXIT.rolloutFailed,
  [RolloutState.ROLLED_BACK]: EXIT.rolledBack,
  [RolloutState.ABORTED]: EXIT.rolledBack,
  [RolloutState.SUPERSEDED]: EXIT.superseded,
};

/** What a state means to a script: 9 while it goes on, also for a state that this program does not know. */
export function rolloutExit({ state }: Rollout): ExitCode {
  return EXITS[state] ?? EXIT.deadline;
}

/** Nothing more comes of it by itself. */
export function isOver(rollout: Rollout): boolean {
  return rolloutExit(rollout) !== EXIT.deadline;
}

/** "3 of 6 new" */
export function newText({ readyNew, wanted }: Rollout): string {
  return `${readyNew} of ${wanted} new`;
}

/** Why it stands still, and who said so. */
export function pauseText({ pause }: Rollout): string {
  switch (pause?.reason) {
    case undefined:
      return "it stands still";
    case RolloutPauseReason.CANARY:
      return "the canaries are ready and wait to be promoted";
    case RolloutPauseReason.STEP:
      return "a step of the update policy waits to be promoted";
    default: {
      const { actor = "", message = "" } = pause?.change ?? {};
      return `by ${actor || "a person"}${message === "" ? "" : `: "${message}"`}`;
    }
  }
}

/** The words behind "theseus" that make a paused one go on. */
export function goingOnWords({ pause }: Rollout, name: string): string {
  const isBarrier = pause?.reason === RolloutPauseReason.CANARY || pause?.reason === RolloutPauseReason.STEP;
  return `rollout ${isBarrier ? "promote" : "resume"} ${name}`;
}

/** "exit code 1 ..." with the place before it, where the text does not name it. Undefined: it has not failed. */
export function failureText({ failure }: Rollout): string | undefined {
  if (failure === undefined) return undefined;
  const { slot, host, text } = failure;
  const place = [slot === 0 ? "" : `:${slot}`, host === "" || text.includes(host) ? "" : `on ${host}`];
  const where = place.filter((part) => part !== "").join(" ");
  return where === "" ? text : `${where}: ${text}`;
}

/** Why it did not go on as planned: it failed, or a person had it taken back. */
export function troubleText(rollout: Rollout): string | undefined {
  const text = failureText(rollout);
  return text === undefined || rollout.failure?.reason === ErrorReason.CANCELLED ? text : `failed: ${text}`;
}

/** ":4 node-a starting: the text" */
export function slotText({ slot, host, state, text }: RolloutSlot): string {
  const word = rolloutSlotWord(state);
  const words = [`:${slot}`, host, word].filter((part) => part !== "").join(" ");
  return text === "" || text === `it is ${word}` ? words : `${words}: ${text}`;
}

/** Milliseconds from its beginning to its end, or to now. */
export function lengthOf({ startTime, endTime }: Rollout, now: number): number {
  return Math.max(0, (endTime?.getTime() ?? now) - (startTime?.getTime() ?? now));
}

/** As docs and scripts know it: revisions as numbers, the state in capitals. */
export function rolloutObject(rollout: Rollout): Json {
  const { group, order, change } = rollout;
  return {
    ...compact({
      id: rollout.id,
      ref: group === undefined ? undefined : formatGroup(group),
      namespace: group === undefined ? undefined : namespaceOf(group),
      fromRev: Number(rollout.fromRevision) || undefined,
      toRev: Number(rollout.toRevision),
      state: rolloutStateCode(rollout.state),
      order: orderWord(order),
      maxParallel: rollout.maxParallel || undefined,
    }),
    want: rollout.wanted,
    newHealthy: rollout.readyNew,
    oldServing: rollout.readyOld,
    minHealthy: rollout.promised,
    ...progressObject(rollout),
    ...compact({
      startedAt: rollout.startTime?.toISOString(),
      deadlineAt: rollout.deadlineTime?.toISOString(),
      endedAt: rollout.endTime?.toISOString(),
      actor: change?.actor,
      command: change?.command,
      message: change?.message,
      pause: pauseObject(rollout),
      rollbackRev: Number(rollout.rollbackRevision) || undefined,
      rollbackOf: Number(rollout.rollbackOf) || undefined,
      supersededBy: Number(rollout.supersededBy) || undefined,
      slots: rollout.slots.map(slotObject),
    }),
    failure: failureObject(rollout),
  };
}

/** How far it is, for scripts. Of one that is not of the present config only what is ready is known. */
function progressObject(rollout: Rollout): Json {
  const { state, wanted, madeNew, madeOld, readyNew, readyOld, slotsDone, slotsFailed } = rollout;
  const goesOn = state === RolloutState.RUNNING || state === RolloutState.PAUSED;
  const isKnown = goesOn || madeNew + madeOld + slotsDone + slotsFailed > 0;
  const ready = readyNew + readyOld;
  if (!isKnown) return { counts: { wanted, ready } };
  const updated = Math.max(madeNew, readyNew);
  const old = Math.max(madeOld, readyOld);
  return {
    ...(goesOn ? batchOf(rollout) : {}),
    counts: { wanted, updated, ready, available: slotsDone, old, failed: slotsFailed },
  };
}

/** Batches are those of a plan: slots by `maxParallel`. */
function batchOf({ order, wanted, maxParallel, slotsDone }: Rollout): Json {
  const batches = orderWord(order) === undefined || maxParallel < 1 ? 0 : Math.ceil(wanted / maxParallel);
  if (batches === 0) return {};
  return { batch: Math.min(batches, Math.floor(slotsDone / maxParallel) + 1), batches };
}

function pauseObject({ pause }: Rollout): Json | undefined {
  if (pause === undefined) return undefined;
  const { actor, message } = pause.change ?? {};
  return compact({ since: pause.sinceTime?.toISOString(), reason: pauseReasonWord(pause.reason), actor, message });
}

function slotObject({ slot, host, state, sinceTime, text }: RolloutSlot): Json {
  return compact({ slot, host, state: rolloutSlotWord(state).toUpperCase(), since: sinceTime?.toISOString(), text });
}

function failureObject({ failure }: Rollout): Json | null {
  if (failure === undefined) return null;
  const { reason, text, slot, host, time, container, lastLines } = failure;
  return compact({
    code: reasonCode(reason),
    text,
    slot: slot || undefined,
    host,
    at: time?.toISOString(),
    container,
    lastLines: [...lastLines],
  });
}
