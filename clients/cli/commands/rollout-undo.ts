// `theseus rollout undo`: a new revision made from an older one; the number of instances stays.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { UndoGroupResponse } from "../../gen/theseus/v1/theseus_service.js";
import { changeFields } from "../change.js";
import { expectedRevision, finishRollout, isDryRun, refIn } from "../change-group.js";
import { confirm } from "../confirm.js";
import { type Context, note, requiredArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { containersText } from "../output/plan-text.js";
import { whenText } from "../output/revisions.js";
import { formatGroup, parseGroupRevision } from "../references.js";
import { revisionsOf } from "../rollouts.js";
import { type Server, withServer } from "../server.js";

export function run(context: Context): Promise<ExitCode> {
  const reference = parseGroupRevision(requiredArgument(context, 0));
  const ref = refIn(context, reference);
  const asked = { group: ref, toRevision: reference.revision ?? 0n, expectedRevision: expectedRevision(context) };
  return withServer(context, async (server) => {
    const { theseus, call } = server;
    const seen = await theseus.undoGroup({ ...asked, validateOnly: true, ...changeFields(context) }, call);
    if (isDryRun(context)) return finishRollout({ context, server }, ref, seen);
    const effect = await effectText(server, ref, seen);
    if (context.globals.yes) note(context, effect);
    await confirm(context, [effect]);
    // Exactly what was shown, or nothing.
    const exact = { toRevision: seen.madeFrom, expectedRevision: seen.plan?.fromRevision ?? asked.expectedRevision };
    const changed = await theseus.undoGroup({ ...asked, ...exact, ...changeFields(context) }, call);
    return finishRollout({ context, server }, ref, changed);
  });
}

/** "undo web/dev: rev 43 = same config as rev 41 (web:1, applied 21 Nov by ana). replaces 3 containers" */
async function effectText(server: Server, ref: GroupRef, { plan, madeFrom }: UndoGroupResponse): Promise<string> {
  const { revisions } = await revisionsOf(server, ref).catch(() => ({ revisions: [] }));
  const source = revisions.find(({ configRevision }) => configRevision === madeFrom);
  const { time, actor = "" } = source?.change ?? {};
  const when = [whenText(time, Date.now()), actor === "" ? "" : `by ${actor}`].filter((part) => part !== "").join(" ");
  const about = [source?.config?.image ?? "", when === "" ? "" : `applied ${when}`].filter((part) => part !== "");
  const made = `rev ${plan?.toRevision ?? "new"} = same config as rev ${madeFrom}`;
  const of = about.length === 0 ? "" : ` (${about.join(", ")})`;
  return `undo ${formatGroup(ref)}: ${made}${of}. replaces ${containersText(plan?.replaced ?? 0)}`;
}
