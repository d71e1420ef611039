// `theseus rollout abort`: stops the rollout that goes on, and takes it back now.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import { type Rollout, RolloutState } from "../../gen/theseus/v1/rollout.js";
import { changeFields } from "../change.js";
import { expectedRevision, printRollout, refIn } from "../change-group.js";
import { confirm } from "../confirm.js";
import { type Context, isSet, note, requiredArgument } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { sameTarget } from "../globals.js";
import { isObjectFormat } from "../output/listing.js";
import { containersText } from "../output/plan-text.js";
import { isOver, newText, rolloutObject } from "../output/rollout.js";
import { rolloutStateWord } from "../output/words.js";
import { formatDuration } from "../quantities.js";
import { formatGroup, parseGroup } from "../references.js";
import { followRollout, rolloutOf } from "../rollouts.js";
import { type Server, withServer } from "../server.js";
import type { Reached } from "../wait/goal.js";
import { readyText } from "../wait/view.js";

export function run(context: Context): Promise<ExitCode> {
  const ref = refIn(context, parseGroup(requiredArgument(context, 0)));
  const expected = expectedRevision(context);
  return withServer(context, async (server) => {
    const rollout = await rolloutOf(server, ref);
    if (isOver(rollout)) throw nothingGoesOn(context, ref, rollout);
    const effect = effectText(ref, rollout);
    if (context.globals.yes) note(context, effect);
    await confirm(context, [effect]);
    return abort(context, server, { ref, rollout, expected: expected || rollout.toRevision });
  });
}

interface Abort {
  readonly ref: GroupRef;
  readonly rollout: Rollout;
  readonly expected: bigint;
}

async function abort(context: Context, server: Server, { ref, rollout, expected }: Abort): Promise<ExitCode> {
  const request = { group: ref, expectedRevision: expected, ...changeFields(context) };
  const sent = await server.theseus.abortRollout(request, server.call);
  if (isSet(context, "detach")) return report(context, ref, sent.rollout ?? rollout, "is being taken back");
  const goal = { ref, revision: sent.revision, configRevision: rollout.toRevision, aborted: true };
  const reached = await followRollout({ context, server }, goal);
  const ended = reached.rollout ?? rollout;
  if (ended.state === RolloutState.DONE) throw nothingGoesOn(context, ref, ended);
  return report(context, ref, ended, endText(ended, reached));
}

async function report(context: Context, ref: GroupRef, rollout: Rollout, text: string): Promise<ExitCode> {
  if (isObjectFormat(context.globals.format)) await printRollout(context, rolloutObject(rollout));
  else context.io.stdout.write(`${rollout.id} of ${formatGroup(ref)} ${text}\n`);
  return EXIT.ok;
}

function endText({ fromRevision, rollbackRevision }: Rollout, { group, took }: Reached): string {
  const ready = group?.status === undefined ? "" : `, ${readyText(group.status)}`;
  const as = rollbackRevision === 0n ? "" : ` as rev ${rollbackRevision}`;
  return `is taken back: rev ${fromRevision} serves again${as}${ready}, ${formatDuration(took)}`;
}

function effectText(ref: GroupRef, rollout: Rollout): string {
  const { id, fromRevision, readyNew } = rollout;
  const back = fromRevision === 0n ? "there is no older revision to go back to" : `goes back to rev ${fromRevision}`;
  return `abort ${id} of ${formatGroup(ref)} at ${newText(rollout)}: ${back}, replaces ${containersText(readyNew)}`;
}

function nothingGoesOn(context: Context, ref: GroupRef, { id, state }: Rollout): Failure {
  const name = formatGroup(ref);
  return new Failure("NO_ROLLOUT", {
    what: `no rollout of ${name} goes on`,
    why: [`the newest one, ${id}, is ${rolloutStateWord(state)}`],
    now: "nothing was changed",
    next: [`theseus rollout undo ${name}${sameTarget(context.globals)}`],
  });
}
