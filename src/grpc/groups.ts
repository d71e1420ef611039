// TheseusService: create, update and apply groups.

import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import {
  ApplyGroupsRequest,
  type ApplyGroupsResponse,
  CreateGroupRequest,
  type CreateGroupResponse,
  UpdateGroupRequest,
  type UpdateGroupResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { CallContext } from "./call.js";
import { readChangeContext } from "./change-request.js";
import { mergeConfig, readMask, replaceConfig } from "./config-merge.js";
import { toConfigPart } from "./convert-config.js";
import { fromPlan } from "./convert-group.js";
import { conflict } from "./error-texts.js";
import { Forecaster } from "./forecaster.js";
import { changeGroups } from "./group-changes.js";
import { creation, draftOf, type Present, readPresent, replacement, type Step } from "./group-drafts.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { readExpected, readGroupRef } from "./validate.js";
import { checkConfig } from "./validate-config.js";
import { at, type Report, Violations } from "./violations.js";

/** In one transaction of the store, each with a handful of keys. */
const MOST_GROUPS = 30;

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
      const forecaster = await Forecaster.read(deps.forecaster);
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
        Forecaster.read(deps.forecaster),
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

/** Only what this change makes wrong is its fault: what was stored before under other rules stays as it is. */
function checkedMerge(deps: TheseusDeps, { record }: Present, merge: (report: Report) => Present["record"]["config"]) {
  const before = new Violations();
  checkConfig(record.config, deps.rules, before.report);
  const after = new Violations();
  const merged = merge(after.report);
  checkConfig(merged, deps.rules, after.report);
  const violations = new Violations();
  violations.addNewOf(after, before);
  violations.check();
  return merged;
}

export async function applyGroups(
  deps: TheseusDeps,
  request: ApplyGroupsRequest,
  context: CallContext,
): Promise<ApplyGroupsResponse> {
  const violations = new Violations();
  const { report } = violations;
  const specs = request.groups.map((spec, i) => readSpec(deps, spec, at(report, `groups[${i}]`)));
  const refs = specs.map(({ ref }) => ref);
  checkTogether(refs, report);
  const codec = { name: "ApplyGroups", toJSON: ApplyGroupsRequest.toJSON };
  const change = readChangeContext(request, codec, {
    namespace: refs[0]?.namespace ?? DEFAULT_NAMESPACE,
    now: deps.clock.now(),
    report,
  });
  violations.check();
  const outcome = await changeGroups(deps, {
    draft: async () => {
      const [forecaster, ...presents] = await Promise.all([
        Forecaster.read(deps.forecaster),
        ...specs.map(({ ref, expected }) => readPresent(deps, ref, expected)),
      ]);
      if (request.validateOnly) for (const { ref } of specs) deps.refuseMissingNamespace(ref.namespace);
      const steps = specs.map((spec, i) => applied(spec, presents[i]));
      return draftOf(steps, forecaster);
    },
    action: PlanAction.UPDATE,
    context: change,
    validateOnly: request.validateOnly,
    retried: ["GROUP_EXISTS", "NO_SUCH_GROUP"],
    signal: context.signal,
  });
  return { plans: outcome.plans.map(fromPlan), revision: outcome.revision };
}

type Spec = ReturnType<typeof readSpec>;

function readSpec(deps: TheseusDeps, spec: ApplyGroupsRequest["groups"][number], report: Report) {
  const ref = readGroupRef(spec.ref, at(report, "ref"));
  const inConfig = at(report, "config");
  const part = readPart(spec.config, inConfig);
  checkConfig(replaceConfig(undefined, part, inConfig), deps.rules, inConfig);
  return { ref, part, expected: readExpected(spec.expectedRevision, report) };
}

function applied({ ref, part, expected }: Spec, present: Present | undefined): Step {
  if (present === undefined && expected !== 0) throw conflict(ref, expected, undefined);
  const ignore: Report = () => undefined;
  const config = replaceConfig(present?.record.config, part, ignore);
  return present === undefined ? creation(ref, config) : replacement(ref, present, config);
}

function checkTogether(refs: readonly GroupRef[], report: Report): void {
  if (refs.length === 0) report("groups", "there is none");
  if (refs.length > MOST_GROUPS) report("groups", `${refs.length} groups, at most ${MOST_GROUPS} are taken at once`);
  const ids = refs.map(groupId);
  for (const [i, id] of ids.entries()) {
    if (ids.indexOf(id) < i) report(`groups[${i}].ref`, "this group is in the request twice");
  }
}

function readPart(config: CreateGroupRequest["config"], report: Report) {
  if (config === undefined) report("config", "it is required");
  return config === undefined ? {} : toConfigPart(config, report);
}
