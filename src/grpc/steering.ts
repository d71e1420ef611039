// TheseusService: what people ask of the rollout of a group's present config. It is written down; the leader does it.

import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import type { Rollout } from "../../clients/gen/theseus/v1/rollout.js";
import {
  AbortRolloutRequest,
  PauseRolloutRequest,
  PromoteRolloutRequest,
  ResumeRolloutRequest,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import type { GroupChange } from "../model/change.js";
import type { ConfigRecord } from "../model/group.js";
import type { GroupRef } from "../model/reference.js";
import { isOver } from "../model/rollout.js";
import type { SteeringAct } from "../model/steering.js";
import type { CallContext } from "./call.js";
import { readChangeContext } from "./change-request.js";
import { conflict } from "./conflict.js";
import { groupRemoving } from "./error-texts.js";
import { changeGroups, type Draft, NOTHING } from "./group-changes.js";
import {
  keptOf,
  readRollouts,
  type StoredRollouts,
  tellRollout,
  withHistory,
  withHistoryFor,
} from "./rollout-reader.js";
import { noRollout, noSuchRevision, nothingToGoBackTo, waitsForElse } from "./rollout-texts.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { isHeldBack, type ToldRollout, toldRollout } from "./told-rollout.js";
import { readExpected, readGroupRef } from "./validate.js";
import { at, Violations } from "./violations.js";

/** The four requests have the same fields. */
type SteeringRequest = PauseRolloutRequest;

const CODECS = {
  pause: { name: "PauseRollout", toJSON: PauseRolloutRequest.toJSON },
  resume: { name: "ResumeRollout", toJSON: ResumeRolloutRequest.toJSON },
  promote: { name: "PromoteRollout", toJSON: PromoteRolloutRequest.toJSON },
  abort: { name: "AbortRollout", toJSON: AbortRolloutRequest.toJSON },
} as const;

/** The rollout as it is told once that is written. What is so already is not written again. */
export async function steerRollout(
  deps: TheseusDeps,
  act: SteeringAct,
  request: SteeringRequest,
  { signal }: CallContext,
): Promise<{ rollout: Rollout; revision: bigint }> {
  const violations = new Violations();
  const { report } = violations;
  const ref = readGroupRef(request.group, at(report, "group"));
  const expected = readExpected(request.expectedRevision, report);
  const context = readChangeContext(request, CODECS[act], { namespace: ref.namespace, now: deps.clock.now(), report });
  violations.check();
  const { plans, revision } = await changeGroups(deps, {
    draft: () => draftSteering(deps, ref, act, expected),
    action: PlanAction.NONE,
    context,
    validateOnly: false,
    retried: [],
    signal,
  });
  const present = await readRollouts(deps, ref);
  const to = plans[0]?.toRevision ?? (expected === 0 ? present.record.configRevision : expected);
  const stored = await withHistoryFor(deps, present, to);
  const rollout = await tellRollout(deps, stored, to, signal);
  if (rollout === undefined) throw noSuchRevision(ref, to, keptOf(stored));
  return { rollout, revision };
}

async function draftSteering(deps: TheseusDeps, ref: GroupRef, act: SteeringAct, expected: number): Promise<Draft> {
  const stored = await readRollouts(deps, ref);
  const { record } = stored;
  const from = record.configRevision;
  if (expected !== 0 && from !== expected) throw await conflict(deps.ports.store, ref, expected, stored);
  if (record.removing !== undefined) throw groupRemoving(ref);
  const told = toldRollout(stored, from, deps.clock.now());
  if (told === undefined) throw noSuchRevision(ref, from, []);
  if (act === "abort" && isToBeAborted(told, record)) await requireStable(deps, stored, told);
  const plan = { ref, action: PlanAction.NONE, before: record, after: record.config, forecast: NOTHING };
  return {
    plans: [{ ...plan, fromRevision: from, toRevision: from }],
    changes: isNew(ref, act, told, record) ? [asked(ref, act, record)] : [],
  };
}

/** Of many who promote at once all mean the same barrier. */
function asked(ref: GroupRef, act: SteeringAct, { configRevision: from, steering }: ConfigRecord): GroupChange {
  const steer = { kind: "steer", ref, from, act } as const;
  return act === "promote" ? { ...steer, promotions: (steering?.promotions ?? 0) + 1 } : steer;
}

/** False: it is so already. NO_ROLLOUT where there is nothing that this could be asked of. */
function isNew(ref: GroupRef, act: SteeringAct, told: ToldRollout, record: ConfigRecord): boolean {
  const { steering } = record;
  if (isOver(told)) throw noRollout(ref, told, act);
  if (act === "abort") return isToBeAborted(told, record);
  if (told.state === "rolling_back") throw noRollout(ref, told, act);
  const waits = told.stored !== undefined && isHeldBack(told.stored, steering);
  switch (act) {
    case "pause":
      return steering?.paused === undefined;
    case "resume":
      if (steering?.paused === undefined && waits) throw waitsForElse(ref, told, act);
      return steering?.paused !== undefined;
    case "promote":
      if (steering?.paused !== undefined && !waits) throw waitsForElse(ref, told, act);
      return waits;
  }
}

/** The way back is not aborted: it goes where aborting would go. */
function isToBeAborted(told: ToldRollout, { steering }: ConfigRecord): boolean {
  return !isOver(told) && told.takesBack === undefined && steering?.aborted === undefined;
}

/** NO_SUCH_REVISION where there is nothing to go back to. */
async function requireStable(deps: TheseusDeps, stored: StoredRollouts, { from, to }: ToldRollout): Promise<void> {
  const kept = keptOf(await withHistory(deps, stored));
  if (from === undefined || !kept.includes(from)) throw nothingToGoBackTo(stored.ref, to, kept);
}
