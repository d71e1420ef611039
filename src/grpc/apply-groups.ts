// TheseusService: make groups so, all or none; or tell what that would come to, and later do exactly that.

import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import { ApplyGroupsRequest, type ApplyGroupsResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import type { GroupChange } from "../model/change.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { CallContext } from "./call.js";
import { readChangeContext } from "./change-request.js";
import { replaceConfig } from "./config-merge.js";
import { conflict } from "./conflict.js";
import { fromPlan, type PlannedChange } from "./convert-group.js";
import { Forecaster, type HostLoad } from "./forecaster.js";
import { changeGroups, type Draft } from "./group-changes.js";
import { creation, draftOf, type Present, readPresent, replacement, type Step } from "./group-drafts.js";
import { readPart } from "./groups.js";
import { planConflict } from "./plan-conflict.js";
import { differences } from "./plan-differences.js";
import { type PlanToken, readToken, writeToken } from "./plan-token.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { readExpected, readGroupRef } from "./validate.js";
import { checkConfig } from "./validate-config.js";
import { at, type Report, Violations } from "./violations.js";

/** In one transaction of the store, each with a handful of keys. */
const MOST_GROUPS = 30;

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
  const token = readAtToken(request.atToken, report);
  const codec = { name: "ApplyGroups", toJSON: ApplyGroupsRequest.toJSON };
  const change = readChangeContext(request, codec, {
    namespace: refs[0]?.namespace ?? DEFAULT_NAMESPACE,
    now: deps.clock.now(),
    report,
  });
  violations.check();
  const { validateOnly } = request;
  let hosts: readonly HostLoad[] = [];
  const { plans, revision } = await changeGroups(deps, {
    draft: async () => {
      const drafted = await draftApply(deps, specs, { validateOnly, token });
      hosts = drafted.hosts;
      return drafted;
    },
    action: PlanAction.UPDATE,
    context: change,
    validateOnly,
    retried: ["GROUP_EXISTS", "NO_SUCH_GROUP"],
    signal: context.signal,
  });
  return { plans: plans.map(fromPlan), revision, token: validateOnly ? writeToken(revision, { plans, hosts }) : "" };
}

type Asked = { readonly validateOnly: boolean; readonly token: PlanToken | undefined };

async function draftApply(
  deps: TheseusDeps,
  specs: readonly Spec[],
  { validateOnly, token }: Asked,
): Promise<Draft & { readonly hosts: readonly HostLoad[] }> {
  const [forecaster, ...presents] = await Promise.all([
    Forecaster.read(deps.forecaster, validateOnly || token !== undefined),
    ...specs.map(({ ref, expected }) => readPresent(deps, ref, expected)),
  ]);
  const hosts = forecaster.loads();
  if (validateOnly) for (const { ref } of specs) deps.refuseMissingNamespace(ref.namespace);
  for (const [i, { ref, expected }] of specs.entries()) {
    if (presents[i] === undefined && expected !== 0) throw await conflict(deps.ports.store, ref, expected, undefined);
  }
  const draft = await draftOf(
    specs.map((spec, i) => applied(spec, presents[i])),
    forecaster,
  );
  if (token === undefined) return { ...draft, hosts };
  const found = differences(token, { plans: draft.plans, hosts });
  if (found.length > 0) throw await planConflict(deps.ports.store, token, found);
  return { plans: draft.plans, changes: heldTo(draft), hosts };
}

/** With the images that were found, and only while the groups that stay as they are do so. */
function heldTo({ plans, changes }: Draft): readonly GroupChange[] {
  if (changes.length === 0) return [];
  const kept = plans.filter(({ ref }) => !changes.some((change) => groupId(change.ref) === groupId(ref)));
  return [
    ...changes.map((change) => pinned(change, plans)),
    ...kept.map(({ ref, fromRevision }) => ({ kind: "keep" as const, ref, from: fromRevision })),
  ];
}

/** The image as it was looked up just now: wherever its tag goes from here on. */
function pinned(change: GroupChange, plans: readonly PlannedChange[]): GroupChange {
  const plan = plans.find(({ ref }) => groupId(ref) === groupId(change.ref));
  const found = plan?.forecast.image?.pinned;
  if (found === undefined || (change.kind !== "create" && change.kind !== "replace")) return change;
  return { ...change, pin: change.pin ?? { asked: change.config.image, pinned: found } };
}

type Spec = ReturnType<typeof readSpec>;

function readSpec(deps: TheseusDeps, spec: ApplyGroupsRequest["groups"][number], report: Report) {
  const ref = readGroupRef(spec.ref, at(report, "ref"));
  const inConfig = at(report, "config");
  const part = readPart(spec.config, inConfig);
  checkConfig(replaceConfig(undefined, part, inConfig), deps.rules, inConfig);
  return { ref, part, expected: readExpected(spec.expectedRevision, report) };
}

function readAtToken(text: string, report: Report): PlanToken | undefined {
  if (text === "") return undefined;
  const token = readToken(text);
  if (token === undefined)
    report("at_token", "it is no token of a plan: take the whole text that `theseus plan` prints");
  return token;
}

function applied({ ref, part }: Spec, present: Present | undefined): Step {
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
