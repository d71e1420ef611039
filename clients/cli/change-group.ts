// One group changed by one command: sent, waited for, and told.

import type { Group } from "../gen/theseus/v1/group.js";
import { GroupPlan, PlanAction } from "../gen/theseus/v1/plan.js";
import type { GroupRef } from "../gen/theseus/v1/reference.js";
import type { UpdateGroupResponse } from "../gen/theseus/v1/theseus_service.js";
import type { Fields } from "../partial.js";
import { changeFields } from "./change.js";
import { type Context, isSet, optionalText } from "./context.js";
import type { ExitCode } from "./exit-codes.js";
import { usage } from "./failure.js";
import { API_VERSION, isObjectFormat, printObject } from "./output/listing.js";
import { groupObject } from "./output/objects.js";
import type { GroupReference } from "./references.js";
import { announce, type Ended, follow, reportEnds, reportPlan } from "./report.js";
import type { Server } from "./server.js";

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

/** Tells the plan, or waits and tells the end. JSON is the group after the change. */
export async function finish(context: Context, server: Server, ref: GroupRef, changed: Changed): Promise<ExitCode> {
  const plan = changed.plan ?? GroupPlan.fromPartial({ ref, action: PlanAction.NONE });
  if (isDryRun(context)) return reportPlan(context, [plan], changed.revision);
  announce(context, [plan]);
  const [end] = await follow({ context, server }, [plan], changed.revision);
  if (end === undefined) throw new RangeError("one plan has one end");
  if (!isObjectFormat(context.globals.format)) return reportEnds(context, server, [end], changed.revision);
  return printGroup(context, end, changed.group);
}

async function printGroup(context: Context, { failure, reached }: Ended, sent: Group | undefined): Promise<ExitCode> {
  if (failure !== undefined) throw failure;
  const group = reached?.group ?? sent;
  const object = group === undefined ? {} : groupObject(group);
  await printObject(context, { apiVersion: API_VERSION, kind: "Group", ...object }, context.globals.format);
  return 0;
}
