// `theseus rollout restart`: every container made anew with the same config, under the group's update policy.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { RestartGroupResponse } from "../../gen/theseus/v1/theseus_service.js";
import { changeFields } from "../change.js";
import { expectedRevision, finishRollout, isDryRun, refIn } from "../change-group.js";
import { confirm } from "../confirm.js";
import { type Context, note, optionalText, requiredArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { usage } from "../failure.js";
import { containersText } from "../output/plan-text.js";
import { formatDuration, parseDuration } from "../quantities.js";
import { formatGroup, parseGroup } from "../references.js";
import { type Server, withServer } from "../server.js";
import { durationOf } from "../update-flags.js";

export function run(context: Context): Promise<ExitCode> {
  const ref = refIn(context, parseGroup(requiredArgument(context, 0)));
  const wait = waitAsked(context);
  const expected = expectedRevision(context);
  return withServer(context, async (server) => {
    const seen = await send(context, server, { ref, wait, expected, validateOnly: true });
    if (isDryRun(context)) return finishRollout({ context, server }, ref, seen);
    const effect = effectText(ref, seen, wait);
    if (context.globals.yes) note(context, effect);
    await confirm(context, [effect]);
    // Exactly what was shown, or nothing.
    const present = seen.plan?.fromRevision ?? expected;
    const changed = await send(context, server, { ref, wait, expected: present, validateOnly: false });
    return finishRollout({ context, server }, ref, changed);
  });
}

/** Milliseconds. @throws Failure USAGE */
function waitAsked(context: Context): number | undefined {
  const text = optionalText(context, "wait");
  if (text === undefined) return undefined;
  const wait = parseDuration(text);
  if (wait !== undefined) return wait;
  throw usage(`"${text}" is not a time to wait between two containers`, ["a whole number with a unit: 500ms 30s 5m"]);
}

interface Restart {
  readonly ref: GroupRef;
  /** Milliseconds between two containers, of this restart alone. */
  readonly wait: number | undefined;
  readonly expected: bigint;
  readonly validateOnly: boolean;
}

function send(
  context: Context,
  { theseus, call }: Server,
  { ref, wait, expected, validateOnly }: Restart,
): Promise<RestartGroupResponse> {
  const pace = wait === undefined ? {} : { wait: durationOf(wait) };
  const request = { group: ref, expectedRevision: expected, validateOnly, ...pace, ...changeFields(context) };
  return theseus.restartGroup(request, call);
}

function effectText(ref: GroupRef, { plan }: RestartGroupResponse, wait: number | undefined): string {
  const pace = wait === undefined ? "" : `, ${formatDuration(wait)} between two of them`;
  const text = `restart ${formatGroup(ref)}: same config as rev ${plan?.fromRevision ?? "now"}`;
  return `${text}. replaces ${containersText(plan?.replaced ?? 0)}${pace}`;
}
