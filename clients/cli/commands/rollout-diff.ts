// `theseus rollout diff`: what differs between two config revisions of a group.

import { GroupPlan, PlanAction } from "../../gen/theseus/v1/plan.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Revision } from "../../gen/theseus/v1/rollout.js";
import { refIn } from "../change-group.js";
import { type Context, requiredArgument } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { usage } from "../failure.js";
import { sameTarget } from "../globals.js";
import { diffFields } from "../output/config-fields.js";
import { API_VERSION, isObjectFormat, printObject } from "../output/listing.js";
import { planObject } from "../output/objects.js";
import { planText, summaryOf } from "../output/plan-text.js";
import { styleFor } from "../output/style.js";
import { formatGroup, parseGroupRevision } from "../references.js";
import { noSuchRevision, revisionsOf } from "../rollouts.js";
import { withServer } from "../server.js";

export function run(context: Context): Promise<ExitCode> {
  const [from, to] = [0, 1].map((at) => parseGroupRevision(requiredArgument(context, at)));
  if (from === undefined || to === undefined) throw new RangeError("two references are required");
  const ref = refIn(context, from);
  const name = formatGroup(ref);
  if (formatGroup(to) !== name)
    throw usage("two revisions of one group are compared", [`${name} and ${formatGroup(to)} are two groups`]);
  return withServer(context, async (server) => {
    const { revisions, revision } = await revisionsOf(server, ref);
    const target = sameTarget(context.globals);
    const find = (asked: bigint | undefined) => found(ref, asked, revisions, target);
    return print(context, planBetween(ref, find(from.revision), find(to.revision)), revision);
  });
}

/** Without a number the newest one. @throws Failure NO_SUCH_REVISION */
function found(ref: GroupRef, asked: bigint | undefined, kept: readonly Revision[], target: string): Revision {
  const newest = [...kept].sort((a, b) => Number(b.configRevision - a.configRevision))[0];
  const one = asked === undefined ? newest : kept.find(({ configRevision }) => configRevision === asked);
  if (one === undefined) throw noSuchRevision(ref, asked ?? 0n, kept, target);
  return one;
}

function planBetween(ref: GroupRef, from: Revision, to: Revision): GroupPlan {
  const fields = diffFields(from.config, to.config);
  const action = fields.length === 0 ? PlanAction.NONE : PlanAction.UPDATE;
  const revisions = { fromRevision: from.configRevision, toRevision: to.configRevision };
  return GroupPlan.fromPartial({ ref, action, ...revisions, fields });
}

async function print(context: Context, plan: GroupPlan, revision: bigint): Promise<ExitCode> {
  const { globals, io } = context;
  if (isObjectFormat(globals.format)) {
    const changes = [planObject(plan)];
    const object = { apiVersion: API_VERSION, kind: "Plan", revision: String(revision), changes };
    await printObject(context, { ...object, summary: summaryOf([plan]) }, globals.format);
  } else io.stdout.write(planText(plan, styleFor(io.stdout, globals), false));
  return globals.detailedExitcode && plan.action !== PlanAction.NONE ? EXIT.changes : EXIT.ok;
}
