// TheseusService: create and update one group.

import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import {
  CreateGroupRequest,
  type CreateGroupResponse,
  UpdateGroupRequest,
  type UpdateGroupResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import type { GroupConfig } from "../model/group.js";
import type { CallContext } from "./call.js";
import { readChangeContext } from "./change-request.js";
import { mergeConfig, readMask, replaceConfig } from "./config-merge.js";
import { toConfigPart } from "./convert-config.js";
import { fromPlan } from "./convert-group.js";
import { Forecaster } from "./forecaster.js";
import { changeGroups } from "./group-changes.js";
import { creation, draftOf, type Present, readPresent, replacement } from "./group-drafts.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { readExpected, readGroupRef } from "./validate.js";
import { checkConfig } from "./validate-config.js";
import { at, type Report, Violations } from "./violations.js";

export async function createGroup(
  deps: TheseusDeps,
  request: CreateGroupRequest,
  context: CallContext,
): Promise<CreateGroupResponse> {
  const violations = new Violations();
  const { report } = violations;
  const ref = readGroupRef(request.group, at(report, "group"));
  const config = replaceConfig(undefined, readPart(request.config, report), report);
  checkConfig(config, deps.rules, report);
  const codec = { name: "CreateGroup", toJSON: CreateGroupRequest.toJSON };
  const change = readChangeContext(request, codec, { namespace: ref.namespace, now: deps.clock.now(), report });
  violations.check();
  const outcome = await changeGroups(deps, {
    draft: async () => {
      const forecaster = await Forecaster.read(deps.forecaster, request.validateOnly);
      if (request.validateOnly) await deps.refuseExisting(ref);
      return draftOf([creation(ref, config)], forecaster);
    },
    action: PlanAction.CREATE,
    context: change,
    validateOnly: request.validateOnly,
    retried: [],
    signal: context.signal,
  });
  const [plan] = outcome.plans.map(fromPlan);
  const group = request.validateOnly ? undefined : await deps.groupAt(ref, outcome.revision, context.signal);
  return { group, plan, revision: outcome.revision };
}

export async function updateGroup(
  deps: TheseusDeps,
  request: UpdateGroupRequest,
  context: CallContext,
): Promise<UpdateGroupResponse> {
  const violations = new Violations();
  const { report } = violations;
  const ref = readGroupRef(request.group, at(report, "group"));
  const part = readPart(request.config, report);
  const mask = readMask(request.updateMask ?? [], part, report);
  const expected = readExpected(request.expectedRevision, report);
  const codec = { name: "UpdateGroup", toJSON: UpdateGroupRequest.toJSON };
  const change = readChangeContext(request, codec, { namespace: ref.namespace, now: deps.clock.now(), report });
  violations.check();
  const outcome = await changeGroups(deps, {
    draft: async () => {
      const [present, forecaster] = await Promise.all([
        readPresent(deps, ref, expected),
        Forecaster.read(deps.forecaster, request.validateOnly),
      ]);
      if (present === undefined) throw deps.missing(ref);
      const merged = checkedMerge(deps, present, (problems) =>
        mergeConfig(present.record.config, part, mask, problems),
      );
      return draftOf([replacement(ref, present, merged)], forecaster);
    },
    action: PlanAction.UPDATE,
    context: change,
    validateOnly: request.validateOnly,
    retried: [],
    signal: context.signal,
  });
  const [plan] = outcome.plans.map(fromPlan);
  const group = await deps.groupAt(ref, outcome.revision, context.signal);
  return { group, plan, revision: outcome.revision };
}

function checkedMerge(deps: TheseusDeps, { record }: Present, merge: (report: Report) => GroupConfig): GroupConfig {
  const merging = new Violations();
  const merged = merge(merging.report);
  checkChanged(deps, record.config, merged, merging);
  return merged;
}

/** Only what this change makes wrong is its fault: what was stored before under other rules stays as it is. */
export function checkChanged(
  { rules }: Pick<TheseusDeps, "rules">,
  from: GroupConfig,
  to: GroupConfig,
  after = new Violations(),
): void {
  const before = new Violations();
  checkConfig(from, rules, before.report);
  checkConfig(to, rules, after.report);
  const violations = new Violations();
  violations.addNewOf(after, before);
  violations.check();
}

/** A config as a request has it; what is wrong with it is reported. */
export function readPart(config: CreateGroupRequest["config"], report: Report) {
  if (config === undefined) report("config", "it is required");
  return config === undefined ? {} : toConfigPart(config, report);
}
