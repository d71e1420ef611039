// The way every change of groups takes: read, decide, write; and again when somebody else was quicker. The only place
// that retries a change.

import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import type { Catalog } from "../model/catalog.js";
import type { ChangeContext, ChangeResult, GroupChange, RequestIdentity } from "../model/change.js";
import { isReason, type Reason, TheseusError } from "../model/errors.js";
import type { Forecast } from "../model/plan.js";
import type { Clock, Rng } from "../model/ports.js";
import { groupId } from "../model/reference.js";
import type { ChangeStore } from "../model/store.js";
import type { PlannedChange } from "./convert-group.js";
import { groupExists, groupRemoving, noSuchGroup, noSuchNamespace, tooMuchTraffic } from "./error-texts.js";

const ATTEMPTS = 10;
const LONGEST_PAUSE = 20;

/** What one reading of the present makes of a request. */
export type Draft = {
  readonly plans: readonly PlannedChange[];
  /** Those of the plans that change something. */
  readonly changes: readonly GroupChange[];
};

export type ChangerDeps = {
  readonly catalog: Catalog;
  readonly changes: ChangeStore;
  readonly clock: Clock;
  readonly rng: Rng;
};

export type ChangeOrder = {
  /** Reads the present and makes the change from it; called again after a conflict. */
  readonly draft: () => Promise<Draft>;
  readonly context: ChangeContext;
  /** What the request does to a group, where only its former answer is left to tell. */
  readonly action: PlanAction;
  readonly validateOnly: boolean;
  /** What the store may answer when somebody else was quicker, besides CONFLICT. */
  readonly retried: readonly Reason[];
  readonly signal: AbortSignal;
};

export type ChangeOutcome = { readonly plans: readonly PlannedChange[]; readonly revision: bigint };

/** All of the draft or nothing. Fails as the draft does, and as ChangeStore does, with the four lines people see. */
export async function changeGroups(deps: ChangerDeps, order: ChangeOrder): Promise<ChangeOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const draft = await order.draft();
      if (order.validateOnly) return { plans: draft.plans, revision: deps.catalog.view().revision };
      return await write(deps, order, draft);
    } catch (error) {
      const former = await afterFailure(deps, order, error);
      if (former !== undefined) return former;
      if (!isLostRace(error, order)) throw await explained(deps, error);
      if (attempt >= ATTEMPTS) throw tooMuchTraffic(error);
      await deps.clock.sleep(deps.rng.fraction() * LONGEST_PAUSE, order.signal);
    }
  }
}

/** A conflict found by the draft is the caller's own expectation; only one found by the store can be tried again. */
function isLostRace(error: unknown, { retried }: ChangeOrder): boolean {
  return error instanceof LostRace || isReason(error, ...retried);
}

class LostRace extends Error {
  constructor(override readonly cause: TheseusError) {
    super(cause.message);
  }
}

async function write(deps: ChangerDeps, order: ChangeOrder, draft: Draft): Promise<ChangeOutcome> {
  const { context } = order;
  if (draft.changes.length === 0 && context.requestId === "") {
    return { plans: draft.plans, revision: deps.catalog.view().revision };
  }
  try {
    const result = await deps.changes.changeGroups(draft.changes, context);
    const plans = draft.plans.map((plan) => asWritten(plan, result));
    // Without a change only the request was noted, at a revision that nothing in the mirror will ever have.
    return { plans, revision: result.groups.length === 0 ? deps.catalog.view().revision : result.revision };
  } catch (error) {
    throw isReason(error, "CONFLICT") ? new LostRace(error) : error;
  }
}

/** The plan with the revision that was really made; of a repeated request, as it was told the first time. */
function asWritten(plan: PlannedChange, result: ChangeResult): PlannedChange {
  const written = result.groups.find(({ ref }) => groupId(ref) === groupId(plan.ref));
  if (written === undefined) return plan;
  return result.replayed ? told(written, plan) : { ...plan, toRevision: written.configRevision };
}

type Told = Pick<PlannedChange, "action" | "before" | "after" | "forecast">;

function told({ ref, configRevision }: ChangeResult["groups"][number], { action, ...rest }: Told): PlannedChange {
  if (action === PlanAction.REMOVE) {
    return { ref, action, ...rest, fromRevision: configRevision, toRevision: configRevision };
  }
  const first = configRevision === 1;
  return {
    ref,
    ...rest,
    action: first ? PlanAction.CREATE : PlanAction.UPDATE,
    fromRevision: configRevision - 1,
    toRevision: configRevision,
  };
}

const BY_ITSELF: readonly Reason[] = [
  ...(["CONFLICT", "NO_SUCH_GROUP", "GROUP_REMOVING", "INVALID_REQUEST"] as const),
  ...(["NO_ROLLOUT", "NO_SUCH_REVISION"] as const),
];

/** A request that is sent again may find the world changed by itself: then it gets its answer, not a complaint. */
async function afterFailure(deps: ChangerDeps, order: ChangeOrder, error: unknown): Promise<ChangeOutcome | undefined> {
  if (order.validateOnly) return undefined;
  return isReason(error, ...BY_ITSELF) ? formerOutcome(deps.changes, order.context, order.action) : undefined;
}

export const NOTHING: Forecast = {
  ...{ replaced: 0, created: 0, stopped: 0 },
  ...{ placements: [], refusals: [], actions: [] },
};

/** The answer that this request was given before, if any. @param action what it does to a group. REQUEST_ID_REUSED. */
export async function formerOutcome(
  changes: ChangeStore,
  request: RequestIdentity,
  action: PlanAction,
): Promise<ChangeOutcome | undefined> {
  const former = await changes.formerAnswer(request);
  if (former === undefined) return undefined;
  const plan = { action, before: undefined, after: undefined, forecast: NOTHING };
  return { plans: former.groups.map((group) => told(group, plan)), revision: former.revision };
}

/** The store says what is wrong; what to do about it is known here. */
async function explained({ catalog, changes }: ChangerDeps, error: unknown): Promise<unknown> {
  const group = error instanceof TheseusError ? error.facts.group : undefined;
  if (group === undefined) return error;
  if (isReason(error, "GROUP_EXISTS")) {
    const current = await changes.readConfig(group).catch(() => undefined);
    return groupExists(group, current?.record);
  }
  if (isReason(error, "GROUP_REMOVING")) return groupRemoving(group);
  if (isReason(error, "NO_SUCH_GROUP")) return noSuchGroup(catalog.view(), group);
  if (isReason(error, "NO_SUCH_NAMESPACE")) return noSuchNamespace(catalog.view(), group.namespace);
  return error;
}
