// What `describe` says of a group's rollout: how it stands, why it stands still or failed, and the way back.

import type { Group } from "../../gen/theseus/v1/group.js";
import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import type { Context } from "../context.js";
import { sameTarget } from "../globals.js";
import { namespaceOf, refOf } from "../output/objects.js";
import { goingOnWords, isOver, lengthOf, newText, pauseText, troubleText } from "../output/rollout.js";
import { type Style, styleFor } from "../output/style.js";
import { rolloutStateWord } from "../output/words.js";
import { formatAge, formatDuration } from "../quantities.js";
import { formatGroup } from "../references.js";
import { askedRollout } from "../rollouts.js";
import type { Server } from "../server.js";
import { clockText } from "../wait/view.js";

/** The newest one that was asked for; undefined where there is none, or the server cannot tell. */
export async function presentRollout(server: Server, group: Group): Promise<Rollout | undefined> {
  if (group.config === undefined) return undefined;
  return askedRollout(server, refOf(group)).catch(() => undefined);
}

/** Lines of the part "rollout". */
export function rolloutLines(context: Context, group: Group, rollout: Rollout | undefined): string[] {
  if (rollout === undefined) return [];
  const ref = refOf(group);
  const target = sameTarget({ ...context.globals, namespace: namespaceOf(ref) });
  const trouble = troubleText(rollout);
  return [
    stateText(rollout, styleFor(context.io.stdout, context.globals), Date.now()),
    ...(rollout.pause === undefined || isOver(rollout)
      ? []
      : [`paused ${pauseText(rollout)}; go on: theseus ${goingOnWords(rollout, formatGroup(ref))}${target}`]),
    ...(trouble === undefined ? [] : [trouble]),
    ...(rollout.failure?.lastLines ?? []).map((line) => `  ${line}`),
  ];
}

function stateText(rollout: Rollout, style: Style, now: number): string {
  const { id, fromRevision, rollbackRevision, supersededBy, promised, readyOld, deadlineTime, endTime } = rollout;
  const revs = fromRevision === 0n ? `rev ${rollout.toRevision}` : `rev ${fromRevision} -> ${rollout.toRevision}`;
  const back = rollbackRevision === 0n ? "" : `, taken back by rev ${rollbackRevision}`;
  const by = supersededBy === 0n ? "" : ` by rev ${supersededBy}`;
  const head = `${id} ${style.state(rolloutStateWord(rollout.state))}${by}: ${revs}`;
  if (isOver(rollout)) {
    const ago = endTime === undefined ? "" : `, ${formatAge(now - endTime.getTime())} ago`;
    return `${head}${back}, after ${formatDuration(lengthOf(rollout, now))}${ago}`;
  }
  const parts = [
    newText(rollout),
    readyOld === 0 ? "" : `${readyOld} old`,
    promised === 0 ? "" : `never below ${promised}`,
    deadlineTime === undefined ? "" : `deadline ${clockText(deadlineTime)}`,
  ];
  return `${head}${back}, ${parts.filter((part) => part !== "").join(", ")}`;
}
