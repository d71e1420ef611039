// A rollout that ended otherwise than asked, in words: the first cause with its last lines, what serves now, and what to
// do next. Pure.

import type { Group } from "../../gen/theseus/v1/group.js";
import { type Rollout, RolloutState } from "../../gen/theseus/v1/rollout.js";
import { type Code, EXIT } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { failureText, lengthOf, rolloutObject } from "../output/rollout.js";
import { formatDuration } from "../quantities.js";
import type { Sight } from "./reader.js";
import { readyText } from "./view.js";

export interface Named {
  /** "web/dev" */
  readonly name: string;
  /** Flags that lead a suggested command to the same place. */
  readonly target: string;
}

const CODES: Readonly<Partial<Record<RolloutState, Code>>> = {
  [RolloutState.ROLLED_BACK]: "ROLLED_BACK",
  [RolloutState.ABORTED]: "ROLLED_BACK",
  [RolloutState.ROLLBACK_FAILED]: "ROLLBACK_FAILED",
};

/** ROLLED_BACK (exit 8), ROLLBACK_FAILED or ROLLOUT_FAILED (exit 7). */
export function rolloutFailure(sight: Sight, named: Named): Failure {
  const { rollout, group } = sight;
  if (rollout === undefined)
    return new Failure("INTERNAL", { what: `${named.name} has no rollout`, exit: EXIT.internal });
  return new Failure(CODES[rollout.state] ?? "ROLLOUT_FAILED", {
    what: `rollout ${rollout.id} of ${named.name} ${endText(sight)}`,
    why: whyLines(rollout),
    now: nowText(rollout, group),
    next: nextCommands(rollout, named),
    details: { rollout: rolloutObject(rollout) },
  });
}

function endText({ rollout, group }: Sight): string {
  const { ready = 0, wanted = ready } = group.status ?? {};
  switch (rollout?.state) {
    case RolloutState.ROLLED_BACK:
      return "failed and was rolled back";
    case RolloutState.ABORTED:
      return isBack(rollout) ? "was aborted and taken back" : "was aborted";
    case RolloutState.ROLLBACK_FAILED:
      return `failed and could not be rolled back: ${ready} of ${wanted} serving`;
    default:
      return "failed";
  }
}

/** Of a scale that was aborted nothing is taken back. */
function isBack({ state, rollbackRevision }: Rollout): boolean {
  return state === RolloutState.ROLLED_BACK || (state === RolloutState.ABORTED && rollbackRevision !== 0n);
}

function whyLines(rollout: Rollout): string[] {
  const text = failureText(rollout);
  const lines = (rollout.failure?.lastLines ?? []).map((line) => `  ${line}`);
  const { slot } = rollout.failure ?? { slot: 0 };
  if (text === undefined) return rollout.state === RolloutState.ABORTED ? ["a person asked for it"] : [];
  const title = `last lines${slot === 0 ? "" : ` of :${slot}`} (rev ${rollout.toRevision}):`;
  return lines.length === 0 ? [text] : [text, title, ...lines];
}

function nowText(rollout: Rollout, { status }: Group): string {
  const { state, fromRevision, toRevision, rollbackRevision, readyOld } = rollout;
  const took = ` · took ${formatDuration(lengthOf(rollout, Date.now()))}`;
  const serving = status === undefined ? "" : `, ${readyText(status)}`;
  const as = rollbackRevision === 0n ? "" : ` as rev ${rollbackRevision}`;
  if (isBack(rollout)) return `rev ${fromRevision} serves again${as}${serving}${took}`;
  if (state === RolloutState.ROLLBACK_FAILED)
    return `Theseus does nothing more by itself at rev ${rollbackRevision || toRevision}${serving}`;
  const old = readyOld === 0 ? "" : `, ${readyOld} of them of rev ${fromRevision}`;
  const goesOn = (status?.ready ?? 0) > 0 ? "; what serves goes on serving" : "";
  return `it stands still at rev ${toRevision}${serving}${old}${goesOn}`;
}

function nextCommands(rollout: Rollout, { name, target }: Named): string[] {
  const { failure, fromRevision, toRevision } = rollout;
  // Of what was never started there is nothing to read.
  const slot = failure?.container ? failure.slot : 0;
  const words = [
    slot === 0 ? "" : `logs ${name}:${slot} --previous`,
    fromRevision === 0n ? "" : `rollout diff ${name}@${fromRevision} ${name}@${toRevision}`,
    isBack(rollout) || fromRevision === 0n ? "" : `rollout undo ${name}@${fromRevision}`,
    `describe ${name}`,
  ];
  return words.filter((word) => word !== "").map((word) => `theseus ${word}${target}`);
}
