// One group changed by one command: sent, waited for, and told.

import type { Group } from "../gen/theseus/v1/group.js";
import { GroupPlan, PlanAction } from "../gen/theseus/v1/plan.js";
import type { GroupRef } from "../gen/theseus/v1/reference.js";
import type { UpdateGroupResponse } from "../gen/theseus/v1/theseus_service.js";
import type { Fields } from "../partial.js";
import { changeFields } from "./change.js";
import { type Context, isSet, optionalText } from "./context.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { usage } from "./failure.js";
import { API_VERSION, isObjectFormat, printObject } from "./output/listing.js";
import { groupObject, namespaceOf } from "./output/objects.js";
import { rolloutObject } from "./output/rollout.js";
import { formatGroup, type GroupReference } from "./references.js";
import { announce, type Ended, follow, reportEnds, reportPlan } from "./report.js";
import type { Server } from "./server.js";
import type { Waiting } from "./wait/goal.js";

/** The answer of CreateGroup and UpdateGroup. */
export interface Changed {
  readonly group: Group | undefined;
  readonly plan: GroupPlan | undefined;
  readonly revision: bigint;
}

export function refIn({ globals }: Context, { service, labels }: GroupReference): GroupRef {
  return { namespace: globals.namespace, service, labels: [...labels] };
}

export function isDryRun(context: Context): boolean {
  return isSet(context, "dryRun");
}

/** @throws Failure USAGE for a text that is no revision. */
export function expectedRevision(context: Context): bigint {
  const text = optionalText(context, "expectedRevision");
  if (text === undefined) return 0n;
  if (/^[1-9]\d{0,9}$/.test(text)) return BigInt(text);
  throw usage(`"${text}" is not a revision of a config`, [
    "a whole number, as `theseus get groups` shows it under REV",
  ]);
}

export interface Update {
  readonly ref: GroupRef;
  readonly config: Fields<Group["config"]>;
  readonly mask: readonly string[];
  readonly expected: bigint;
}

export function sendUpdate(
  context: Context,
  { theseus, call }: Server,
  { ref, config, mask, expected }: Update,
): Promise<UpdateGroupResponse> {
  const request = { group: ref, config: config ?? {}, updateMask: mask, expectedRevision: expected };
  return theseus.updateGroup({ ...request, validateOnly: isDryRun(context), ...changeFields(context) }, call);
}

/** Tells the plan, or waits and tells the end. JSON is the group after the change, with its rollout. */
export async function finish(context: Context, server: Server, ref: GroupRef, changed: Changed): Promise<ExitCode> {
  const plan = planOf(changed, ref);
  if (isDryRun(context)) return reportPlan(context, [plan], changed.revision);
  const end = await followed({ context, server }, plan, changed);
  if (!isObjectFormat(context.globals.format)) return reportEnds(context, server, [end], changed.revision);
  return printGroup(context, end, changed.group);
}

/** The same for the commands under `rollout`: JSON is the rollout. */
export async function finishRollout(waiting: Waiting, ref: GroupRef, changed: Changed): Promise<ExitCode> {
  const { context, server } = waiting;
  const plan = planOf(changed, ref);
  if (isDryRun(context)) return reportPlan(context, [plan], changed.revision);
  const end = await followed(waiting, plan, changed);
  if (!isObjectFormat(context.globals.format)) return reportEnds(context, server, [end], changed.revision);
  if (end.failure !== undefined) throw end.failure;
  const rollout = end.reached?.rollout;
  await printRollout(context, rollout === undefined ? beginning(plan) : rolloutObject(rollout));
  return EXIT.ok;
}

function planOf({ plan }: Changed, ref: GroupRef): GroupPlan {
  return plan ?? GroupPlan.fromPartial({ ref, action: PlanAction.NONE });
}

async function followed(waiting: Waiting, plan: GroupPlan, { revision }: Changed): Promise<Ended> {
  announce(waiting.context, [plan]);
  const [end] = await follow(waiting, [plan], revision);
  if (end === undefined) throw new RangeError("one plan has one end");
  return end;
}

/** What is known of a rollout that was not waited for. */
function beginning({ ref, fromRevision, toRevision }: GroupPlan): Record<string, unknown> {
  const group = ref === undefined ? {} : { ref: formatGroup(ref), namespace: namespaceOf(ref) };
  return {
    id: `r-${toRevision}`,
    ...group,
    fromRev: Number(fromRevision),
    toRev: Number(toRevision),
    state: "RUNNING",
  };
}

/** As the object that `rollout` commands print. */
export async function printRollout(context: Context, rollout: Record<string, unknown>): Promise<void> {
  await printObject(context, { apiVersion: API_VERSION, kind: "Rollout", ...rollout }, context.globals.format);
}

async function printGroup(context: Context, { failure, reached }: Ended, sent: Group | undefined): Promise<ExitCode> {
  if (failure !== undefined) throw failure;
  const group = reached?.group ?? sent;
  const object = group === undefined ? {} : groupObject(group);
  const rollout = reached?.rollout === undefined ? {} : { rollout: rolloutObject(reached.rollout) };
  await printObject(context, { apiVersion: API_VERSION, kind: "Group", ...object, ...rollout }, context.globals.format);
  return 0;
}
