// TheseusService: remove groups and services. Removing is asked for; the scheduler does it.

import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import {
  RemoveGroupRequest,
  type RemoveGroupResponse,
  RemoveServiceRequest,
  type RemoveServiceResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import type { ChangeContext } from "../model/change.js";
import { isReason } from "../model/errors.js";
import type { GroupRef, ServiceRef } from "../model/reference.js";
import type { CallContext } from "./call.js";
import { readChangeContext } from "./change-request.js";
import { fromPlan } from "./convert-group.js";
import { noSuchService, serviceNotEmpty } from "./error-texts.js";
import { Forecaster } from "./forecaster.js";
import { type ChangeOutcome, changeGroups, type Draft, formerOutcome } from "./group-changes.js";
import { draftOf, readPresent, removal } from "./group-drafts.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { readExpected, readGroupRef, readNamespace, readService } from "./validate.js";
import { at, Violations } from "./violations.js";

export async function removeGroup(
  deps: TheseusDeps,
  request: RemoveGroupRequest,
  context: CallContext,
): Promise<RemoveGroupResponse> {
  const violations = new Violations();
  const { report } = violations;
  const ref = readGroupRef(request.group, at(report, "group"));
  const expected = readExpected(request.expectedRevision, report);
  const codec = { name: "RemoveGroup", toJSON: RemoveGroupRequest.toJSON };
  const change = readChangeContext(request, codec, { namespace: ref.namespace, now: deps.clock.now(), report });
  violations.check();
  const outcome = await changeGroups(deps, {
    draft: async () => {
      const [present, forecaster] = await Promise.all([
        readPresent(deps, ref, expected),
        Forecaster.read(deps.forecaster),
      ]);
      if (present === undefined) throw deps.missing(ref);
      return draftOf([removal(ref, present, request.volumes)], forecaster);
    },
    action: PlanAction.REMOVE,
    context: change,
    validateOnly: request.validateOnly,
    retried: [],
    signal: context.signal,
  });
  const [plan] = outcome.plans.map(fromPlan);
  return { plan, revision: outcome.revision };
}

export async function removeService(
  deps: TheseusDeps,
  request: RemoveServiceRequest,
  context: CallContext,
): Promise<RemoveServiceResponse> {
  const violations = new Violations();
  const { report } = violations;
  const namespace = readNamespace(request.namespace, at(report, "namespace"));
  const service = readService(request.service, at(report, "service"));
  const codec = { name: "RemoveService", toJSON: RemoveServiceRequest.toJSON };
  const change = readChangeContext(request, codec, { namespace, now: deps.clock.now(), report });
  violations.check();
  const refs = await groupsOfService(deps, { namespace, service });
  if (refs.length === 0) return removeEmpty(deps, { namespace, service }, { ...request, context: change });
  if (!request.allGroups) throw serviceNotEmpty(namespace, service, refs);
  const outcome: ChangeOutcome = await changeGroups(deps, {
    draft: () => removalsDraft(deps, { namespace, service }, request.volumes),
    action: PlanAction.REMOVE,
    context: change,
    validateOnly: request.validateOnly,
    retried: ["NO_SUCH_GROUP"],
    signal: context.signal,
  });
  return { plans: outcome.plans.map(fromPlan), revision: outcome.revision };
}

/** Groups with a config, by a linearizable read: one that was created a moment ago is among them. */
async function groupsOfService({ ports }: TheseusDeps, { namespace, service }: ServiceRef): Promise<GroupRef[]> {
  const { groups } = await ports.store.listGroups();
  return groups.filter((ref) => ref.namespace === namespace && ref.service === service);
}

async function removalsDraft(deps: TheseusDeps, service: ServiceRef, volumes: boolean): Promise<Draft> {
  const [refs, forecaster] = await Promise.all([groupsOfService(deps, service), Forecaster.read(deps.forecaster)]);
  const presents = await Promise.all(refs.map((ref) => readPresent(deps, ref, 0)));
  const steps = refs.flatMap((ref, i) => {
    const present = presents[i];
    return present === undefined ? [] : [removal(ref, present, volumes)];
  });
  return draftOf(steps, forecaster);
}

/** Sent again after the groups it removed are gone, a request still gets the answer that it got then. */
async function removeEmpty(
  deps: TheseusDeps,
  service: ServiceRef,
  { validateOnly, context }: { readonly validateOnly: boolean; readonly context: ChangeContext },
): Promise<RemoveServiceResponse> {
  const { changes, ports } = deps;
  const view = deps.catalog.view();
  const former = validateOnly ? undefined : await formerOutcome(changes, context, PlanAction.REMOVE);
  if (former !== undefined) return { plans: former.plans.map(fromPlan), revision: former.revision };
  try {
    if (!validateOnly) return { plans: [], revision: (await changes.removeEmptyService(service, context)).revision };
    if (await ports.directory.serviceExists(service)) return { plans: [], revision: view.revision };
    throw noSuchService(view, service.namespace, service.service);
  } catch (error) {
    if (isReason(error, "NO_SUCH_SERVICE")) throw noSuchService(view, service.namespace, service.service);
    if (!isReason(error, "SERVICE_NOT_EMPTY")) throw error;
    const refs = view.groups(service.namespace, service.service).map(({ ref }) => ref);
    throw serviceNotEmpty(service.namespace, service.service, refs);
  }
}
