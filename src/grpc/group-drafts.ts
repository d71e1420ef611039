// Drafts of changes: what a group is, what it is to be, and what the store is asked to write for that.

import { PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import type { GroupChange } from "../model/change.js";
import type { ConfigRecord, GroupConfig } from "../model/group.js";
import { currentPin } from "../model/group-status.js";
import type { HistoryRecord } from "../model/history.js";
import type { Milliseconds } from "../model/instant.js";
import type { GroupRef } from "../model/reference.js";
import type { ChangeStore } from "../model/store.js";
import { sameConfig } from "./config-diff.js";
import { conflict } from "./conflict.js";
import type { PlannedChange } from "./convert-group.js";
import { groupRemoving } from "./error-texts.js";
import type { Forecaster } from "./forecaster.js";
import type { Draft } from "./group-changes.js";
import type { HistoryReader } from "./revision-lines.js";

/** A group as it is stored now. */
export type Present = { readonly uid: string; readonly record: ConfigRecord };

/** One group of a draft, before its forecast. */
export type Step = Omit<PlannedChange, "forecast"> & {
  readonly uid: string | undefined;
  readonly change: GroupChange | undefined;
};

/** Undefined when there is no such group. CONFLICT when it is not at the revision that the change was made from. */
export async function readPresent(
  { changes, ports }: { readonly changes: ChangeStore; readonly ports: { readonly store: HistoryReader } },
  ref: GroupRef,
  expected: number,
): Promise<Present | undefined> {
  const found = await changes.readConfig(ref);
  if (found !== undefined && expected !== 0 && found.record.configRevision !== expected) {
    throw await conflict(ports.store, ref, expected, found);
  }
  return found;
}

export function creation(ref: GroupRef, config: GroupConfig): Step {
  return {
    ref,
    uid: undefined,
    action: PlanAction.CREATE,
    before: undefined,
    after: config,
    fromRevision: 0,
    toRevision: 1,
    change: { kind: "create", ref, config },
  };
}

/** An unchanged config makes no new revision. GROUP_REMOVING for a group that is on its way out. */
export function replacement(ref: GroupRef, { uid, record }: Present, config: GroupConfig): Step {
  if (record.removing !== undefined) throw groupRemoving(ref);
  const from = record.configRevision;
  const step = { ref, uid, before: record, after: config, fromRevision: from };
  if (sameConfig(record.config, config)) {
    return { ...step, action: PlanAction.NONE, toRevision: from, change: undefined };
  }
  const change = { kind: "replace", ref, config, from } as const;
  return { ...step, action: PlanAction.UPDATE, toRevision: from + 1, change };
}

/** The content of an older revision, with the instances of now. Content and image as they are now: no new revision. */
export function goingBack(ref: GroupRef, present: Present, older: HistoryRecord): Step {
  const { config: former, configRevision: madeFrom, pin } = older;
  const { instances } = present.record.config;
  const { instances: _, ...rest } = former;
  const config = { ...rest, ...(instances !== undefined && { instances }) };
  const step = replacement(ref, present, config);
  const from = present.record.configRevision;
  const isPinned = pin === undefined || pin.pinned === currentPin(present.record)?.pinned;
  if (step.change === undefined && isPinned) return step;
  const change = { kind: "replace", ref, config, from, madeFrom, ...(pin !== undefined && { pin }) } as const;
  return { ...step, action: PlanAction.UPDATE, toRevision: from + 1, change };
}

/** A new revision with the same content. GROUP_REMOVING */
export function restart(ref: GroupRef, { uid, record }: Present, wait?: Milliseconds): Step {
  if (record.removing !== undefined) throw groupRemoving(ref);
  const from = record.configRevision;
  const step = { ref, uid, before: record, after: record.config, fromRevision: from, toRevision: from + 1 };
  return {
    ...step,
    action: PlanAction.UPDATE,
    change: { kind: "restart", ref, from, ...(wait !== undefined && { wait }) },
  };
}

/** Asked for already is success: nothing is written again. */
export function removal(ref: GroupRef, { uid, record }: Present, volumes: boolean): Step {
  const from = record.configRevision;
  const done = record.removing !== undefined && (record.removing.volumes || !volumes);
  const change = done ? undefined : ({ kind: "remove", ref, from, volumes } as const);
  const revisions = { fromRevision: from, toRevision: from };
  return { ref, uid, action: PlanAction.REMOVE, before: record, after: undefined, ...revisions, change };
}

/** In the order of the steps; later ones are placed beside earlier ones. */
export async function draftOf(steps: readonly Step[], forecaster: Forecaster): Promise<Draft> {
  await forecaster.lookAhead(steps);
  const plans: PlannedChange[] = [];
  for (const step of steps) {
    const { change: _, ...planned } = step;
    plans.push({ ...planned, forecast: await forecaster.tell(step) });
  }
  return { plans, changes: steps.flatMap(({ change }) => (change === undefined ? [] : [change])) };
}
