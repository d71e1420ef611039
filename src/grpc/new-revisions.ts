// TheseusService: new config revisions that nobody has to write down: of an older one, and of the present one once more.

import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import {
  RestartGroupRequest,
  type RestartGroupResponse,
  UndoGroupRequest,
  type UndoGroupResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import type { Milliseconds } from "../model/instant.js";
import type { GroupRef } from "../model/reference.js";
import { lastStable } from "../model/rollout.js";
import type { CallContext } from "./call.js";
import { readChangeContext } from "./change-request.js";
import { conflict } from "./conflict.js";
import { fromPlan } from "./convert-group.js";
import { toLength } from "./convert-time.js";
import { Forecaster } from "./forecaster.js";
import { changeGroups, type Draft } from "./group-changes.js";
import { draftOf, goingBack, readPresent, restart, type Step } from "./group-drafts.js";
import { checkChanged } from "./groups.js";
import { keptOf, readRollouts, type StoredRollouts, withHistory } from "./rollout-reader.js";
import { noSuchRevision, nothingToGoBackTo } from "./rollout-texts.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { readConfigRevision, readExpected, readGroupRef } from "./validate.js";
import { checkLength } from "./validate-lengths.js";
import { at, type Report, Violations } from "./violations.js";

export async function undoGroup(
  deps: TheseusDeps,
  request: UndoGroupRequest,
  { signal }: CallContext,
): Promise<UndoGroupResponse> {
  const violations = new Violations();
  const { report } = violations;
  const ref = readGroupRef(request.group, at(report, "group"));
  const to = readConfigRevision(request.toRevision, "to_revision", report);
  const expected = readExpected(request.expectedRevision, report);
  const codec = { name: "UndoGroup", toJSON: UndoGroupRequest.toJSON };
  const context = readChangeContext(request, codec, { namespace: ref.namespace, now: deps.clock.now(), report });
  violations.check();
  const { validateOnly } = request;
  const draft = (): Promise<Draft> => draftUndo(deps, ref, { to, expected });
  const order = { draft, action: PlanAction.UPDATE, context, validateOnly, retried: [], signal };
  const { plans, revision } = await changeGroups(deps, order);
  const group = await deps.groupAt(ref, revision, signal);
  const [plan] = plans;
  const madeFrom = to === 0 ? await goneBackTo(deps, ref, plan?.fromRevision) : to;
  return { group, plan: plan && fromPlan(plan), madeFrom: BigInt(madeFrom), revision };
}

type Asked = { readonly to: number; readonly expected: number };

async function draftUndo(deps: TheseusDeps, ref: GroupRef, { to, expected }: Asked): Promise<Draft> {
  const [present, forecaster] = await Promise.all([readRollouts(deps, ref), Forecaster.read(deps.forecaster)]);
  const { record } = present;
  if (expected !== 0 && record.configRevision !== expected)
    throw await conflict(deps.ports.store, ref, expected, present);
  const step = undone(deps, await withHistory(deps, present), to);
  return draftOf([step], forecaster);
}

/** Only what going back makes wrong is refused, as of any change. */
function undone(deps: TheseusDeps, stored: StoredRollouts, to: number): Step {
  const { ref, record, rollouts, history } = stored;
  const chosen = to === 0 ? lastStable(rollouts, record.configRevision) : to;
  const kept = keptOf(stored);
  if (chosen === undefined) throw nothingToGoBackTo(ref, record.configRevision, kept);
  const former = history.find(({ configRevision }) => configRevision === chosen);
  if (former === undefined) throw noSuchRevision(ref, chosen, kept);
  const step = goingBack(ref, stored, former);
  if (step.after !== undefined) checkChanged(deps, record.config, step.after);
  return step;
}

/** What an undo went back to that was written over that revision: what is stable before it stays so. */
async function goneBackTo(deps: TheseusDeps, ref: GroupRef, from: number | undefined): Promise<number> {
  const { rollouts } = await readRollouts(deps, ref);
  return (from === undefined ? undefined : lastStable(rollouts, from)) ?? 0;
}

export async function restartGroup(
  deps: TheseusDeps,
  request: RestartGroupRequest,
  { signal }: CallContext,
): Promise<RestartGroupResponse> {
  const violations = new Violations();
  const { report } = violations;
  const ref = readGroupRef(request.group, at(report, "group"));
  const expected = readExpected(request.expectedRevision, report);
  const wait = readWait(request, report);
  const codec = { name: "RestartGroup", toJSON: RestartGroupRequest.toJSON };
  const context = readChangeContext(request, codec, { namespace: ref.namespace, now: deps.clock.now(), report });
  violations.check();
  const { validateOnly } = request;
  const draft = (): Promise<Draft> => draftRestart(deps, ref, { expected, wait });
  const order = { draft, action: PlanAction.UPDATE, context, validateOnly, retried: [], signal };
  const { plans, revision } = await changeGroups(deps, order);
  const group = await deps.groupAt(ref, revision, signal);
  const [plan] = plans.map(fromPlan);
  return { group, plan, revision };
}

function readWait({ wait: asked }: RestartGroupRequest, report: Report): Milliseconds | undefined {
  const wait = toLength(asked, at(report, "wait"));
  checkLength(report, "wait", wait);
  return wait;
}

type Restart = { readonly expected: number; readonly wait: Milliseconds | undefined };

async function draftRestart(deps: TheseusDeps, ref: GroupRef, { expected, wait }: Restart): Promise<Draft> {
  const [present, forecaster] = await Promise.all([readPresent(deps, ref, expected), Forecaster.read(deps.forecaster)]);
  if (present === undefined) throw deps.missing(ref);
  return draftOf([restart(ref, present, wait)], forecaster);
}
