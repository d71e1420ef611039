// The four lines of failures that calls about rollouts find themselves. Every command in them works as printed.

import { TheseusError } from "../model/errors.js";
import { formatGroup, type GroupRef } from "../model/reference.js";
import { rolloutId } from "../model/rollout.js";
import type { SteeringAct } from "../model/steering.js";
import { inNamespace } from "./error-texts.js";
import type { ToldRollout } from "./told-rollout.js";

/** @param kept the revisions that are kept, newest first. */
export function noSuchRevision(ref: GroupRef, to: number, kept: readonly number[]): TheseusError {
  const name = formatGroup(ref);
  return new TheseusError("NO_SUCH_REVISION", {
    what: `nothing is kept of rev ${to} of ${name}`,
    why: [kept.length === 0 ? "no older revision is kept" : `kept are: ${kept.map((one) => `rev ${one}`).join("  ")}`],
    now: "nothing was changed",
    next: [`theseus rollout history ${name}${inNamespace(ref.namespace)}`],
    group: ref,
    metadata: { group: name, revision: String(to), kept: kept.join(" ") },
  });
}

/** @param of the present revision. @param kept the revisions that are kept, newest first. */
export function nothingToGoBackTo(ref: GroupRef, of: number, kept: readonly number[]): TheseusError {
  const name = formatGroup(ref);
  const flag = inNamespace(ref.namespace);
  const older = kept.filter((one) => one < of);
  const [newest] = older;
  return new TheseusError("NO_SUCH_REVISION", {
    what: `${name} has no stable revision before rev ${of} to go back to`,
    why: [
      older.length === 0
        ? "no older revision is kept"
        : `none of these was ever stable: ${older.map((one) => `rev ${one}`).join("  ")}`,
    ],
    now: "nothing was changed",
    next: [
      ...(newest === undefined ? [] : [`theseus rollout undo ${name}@${newest}${flag}`]),
      `theseus rollout history ${name}${flag}`,
    ],
    group: ref,
    metadata: { group: name, revision: String(of), kept: older.join(" ") },
  });
}

/** The rollout of the present revision is over, or is taken back. */
export function noRollout(ref: GroupRef, told: ToldRollout, act: SteeringAct): TheseusError {
  const name = formatGroup(ref);
  const flag = inNamespace(ref.namespace);
  const history = `theseus rollout history ${name}${flag}`;
  const undo = `theseus rollout undo ${name}${flag}`;
  return refusal(ref, told, {
    what: `no rollout of ${name} goes on that could be ${PAST[act]}`,
    why: [`${rolloutId(told.to)} ${howItStands(told)}`, ...whoAsked(told)],
    next: act === "abort" && told.state !== "rolling_back" ? [undo, history] : [history],
  });
}

/** It waits, but not for this. */
export function waitsForElse(ref: GroupRef, told: ToldRollout, act: "resume" | "promote"): TheseusError {
  const name = formatGroup(ref);
  const other = act === "resume" ? "promote" : "resume";
  const why = act === "resume" ? "nobody paused it: its policy waits for somebody to promote it" : "it was paused";
  return refusal(ref, told, {
    what: `${rolloutId(told.to)} of ${name} does not wait to be ${PAST[act]}`,
    why: [why, ...whoPaused(told)],
    next: [`theseus rollout ${other} ${name}${inNamespace(ref.namespace)}`],
  });
}

const PAST = { pause: "paused", resume: "resumed", promote: "promoted", abort: "aborted" } as const;

function refusal(
  ref: GroupRef,
  { to, state }: ToldRollout,
  text: { readonly what: string; readonly why: readonly string[]; readonly next: readonly string[] },
): TheseusError {
  const metadata = { group: formatGroup(ref), rollout: rolloutId(to), state };
  return new TheseusError("NO_ROLLOUT", { ...text, now: "nothing was changed", group: ref, metadata });
}

function howItStands({ state, ended, failure, supersededBy, backBy }: ToldRollout): string {
  const since = ended === undefined ? "" : ` since ${new Date(ended).toISOString()}`;
  const cause = failure === undefined ? "" : `: ${failure.text}`;
  switch (state) {
    case "running":
      return "goes on";
    case "paused":
      return "stands still";
    case "done":
      return `is done${since}`;
    case "failed":
      return `has failed${since}${cause}`;
    case "rolling_back":
      return `is being taken back${cause}`;
    case "rolled_back":
    case "aborted":
      if (backBy === undefined) return `was ${state === "aborted" ? "aborted" : "taken back"}${since}${cause}`;
      return `was taken back by rev ${backBy}${since}${cause}`;
    case "rollback_failed":
      return `could not be taken back${since}${cause}`;
    case "superseded":
      return `gave way${supersededBy === undefined ? "" : ` to rev ${supersededBy}`}${since}`;
  }
}

function whoAsked({ change }: ToldRollout): string[] {
  if (change === undefined || change.actor === "") return [];
  return [`${change.actor} asked for it${change.message === "" ? "" : `: "${change.message}"`}`];
}

function whoPaused({ pause }: ToldRollout): string[] {
  if (pause?.change === undefined) return [];
  const { actor, message, time } = pause.change;
  return [
    `by ${actor === "" ? "somebody" : actor} at ${new Date(time).toISOString()}${message === "" ? "" : `: "${message}"`}`,
  ];
}
