// `theseus rollout status`: how a change comes into effect, followed to its end; with --no-wait as it is now. The exit
// code says how it ended.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import { printRollout, refIn } from "../change-group.js";
import { type Context, optionalText, requiredArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { toFailure, usage } from "../failure.js";
import { sameTarget } from "../globals.js";
import { isObjectFormat } from "../output/listing.js";
import { newText, rolloutExit, rolloutObject } from "../output/rollout.js";
import { styleFor } from "../output/style.js";
import { rolloutStateWord } from "../output/words.js";
import { formatDuration } from "../quantities.js";
import { formatGroup, parseGroup } from "../references.js";
import { askedRollout, followRollout, rolloutOf } from "../rollouts.js";
import { type Server, withServer } from "../server.js";
import { bodyOf } from "../wait/frame.js";
import type { Reached } from "../wait/goal.js";
import { readyText } from "../wait/view.js";

export function run(context: Context): Promise<ExitCode> {
  const ref = refIn(context, parseGroup(requiredArgument(context, 0)));
  const rev = revisionAsked(context);
  return withServer(context, async (server) => {
    const rollout = rev === undefined ? await askedRollout(server, ref) : await rolloutOf(server, ref, rev);
    if (context.options["wait"] === false) return printNow(context, server, ref, rollout);
    return printEnd(context, server, ref, rollout);
  });
}

/** @throws Failure USAGE for a text that is no revision. */
function revisionAsked(context: Context): bigint | undefined {
  const text = optionalText(context, "rev")?.replace(/^r-/, "");
  if (text === undefined || /^[1-9]\d{0,9}$/.test(text)) return text === undefined ? undefined : BigInt(text);
  throw usage(`"${text}" is not a revision of a config`, ["a whole number, as `theseus rollout history` shows it"]);
}

async function printNow(context: Context, server: Server, ref: GroupRef, rollout: Rollout): Promise<ExitCode> {
  if (isObjectFormat(context.globals.format)) await printRollout(context, rolloutObject(rollout));
  else context.io.stdout.write(`${(await nowLines(context, server, ref, rollout)).join("\n")}\n`);
  return rolloutExit(rollout);
}

async function nowLines(context: Context, server: Server, ref: GroupRef, rollout: Rollout): Promise<string[]> {
  const { group } = await server.discovery.getGroup({ group: ref }, server.call);
  if (group === undefined) return [`${formatGroup(ref)} ${rolloutStateWord(rollout.state)} at ${newText(rollout)}`];
  const back = rollout.rollbackRevision;
  const view = {
    name: formatGroup(ref),
    namespace: ref.namespace,
    target: sameTarget(context.globals),
    waits: [],
    group,
    rollout,
    back: back === 0n ? undefined : await rolloutOf(server, ref, back).catch(() => undefined),
  };
  const { stdout } = context.io;
  const columns = stdout.isTTY ? stdout.columns || undefined : undefined;
  return bodyOf(view, { now: Date.now(), style: styleFor(stdout, context.globals), columns });
}

async function printEnd(context: Context, server: Server, ref: GroupRef, rollout: Rollout): Promise<ExitCode> {
  const isObject = isObjectFormat(context.globals.format);
  try {
    const goal = { ref, revision: 0n, configRevision: rollout.toRevision };
    const reached = await followRollout({ context, server }, goal);
    if (isObject) await printRollout(context, rolloutObject(reached.rollout ?? rollout));
    else context.io.stdout.write(`${endText(ref, reached.rollout ?? rollout, reached)}\n`);
    return rolloutExit(reached.rollout ?? rollout);
  } catch (error) {
    const { details } = toFailure(error).parts;
    // How it ended is what was asked for; the failure is told besides.
    const last = details?.["rollout"] as Record<string, unknown> | undefined;
    if (isObject && last !== undefined) await printRollout(context, last);
    throw error;
  }
}

function endText(ref: GroupRef, rollout: Rollout, { group, took }: Reached): string {
  const ready = group?.status === undefined ? "" : `, ${readyText(group.status)}`;
  const name = formatGroup(ref);
  return `${name} ${rollout.id} is ${rolloutStateWord(rollout.state)}: rev ${rollout.toRevision}${ready}, ${formatDuration(took)}`;
}
