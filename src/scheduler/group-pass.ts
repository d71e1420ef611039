// One pass over one group: look, plan, begin what is to be done. The only place where the three meet.

import type { Milliseconds } from "../model/instant.js";
import type { Plan, PlanInput } from "../model/plan.js";
import type { GroupRef } from "../model/reference.js";
import type { GroupSnapshot } from "../model/store.js";
import type { Batch } from "./batch.js";
import type { Echoes } from "./echoes.js";
import type { GroupLedger } from "./group-ledger.js";
import type { Observation, Observer } from "./observe.js";
import type { Office } from "./office.js";
import { probeTargets } from "./probe-targets.js";
import type { Prober } from "./prober.js";
import type { RecoveryDesk } from "./recovery-desk.js";
import type { Progress } from "./scheduler-status.js";

export type PassDeps = {
  readonly office: Office;
  readonly plan: (input: PlanInput) => Plan;
  readonly observer: Observer;
  readonly prober: Prober;
  readonly batch: Batch;
  readonly echoes: Echoes;
  readonly progress: Progress;
  readonly desk: Pick<RecoveryDesk, "note">;
  readonly openLedger: (snapshot: GroupSnapshot) => GroupLedger;
};

/** Gives when to look again. Fails when the engines or the store could not be looked at; nothing was begun then. */
export async function passOver(deps: PassDeps, group: GroupRef): Promise<Milliseconds | undefined> {
  const { office, batch } = deps;
  const mark = batch.mark();
  const observation = await deps.observer.observe(group);
  const { input, snapshot, doubts } = observation;
  deps.echoes.read(group, snapshot.revision);
  probe(deps.prober, group, observation);
  const plan = deps.plan(input);
  noteProgress(deps, group, observation, plan);
  const silent = input.hosts.filter(({ reachable }) => !reachable).map(({ name }) => name);
  deps.desk.note(group, plan.restored, new Set(silent));
  const ledger = deps.openLedger(snapshot);
  const held = office.end.aborted ? undefined : batch.start(plan.actions, { ledger, input, doubts }, mark);
  return earliest(held, untilDue(plan, office.clock.now()));
}

function probe(prober: Prober, group: GroupRef, { input, seenSince }: Observation): void {
  const targets = probeTargets(input);
  prober.keepOnly(group, new Set(targets.map(({ containerId }) => containerId)), seenSince);
  for (const target of targets) prober.watch(target);
}

/** Of a group that is nowhere any more nothing is kept. */
function noteProgress({ progress, echoes }: PassDeps, group: GroupRef, { input }: Observation, plan: Plan): void {
  if (input.desired !== undefined || input.observed.length > 0 || input.infos.size > 0) {
    progress.note(group, plan.status);
    return;
  }
  progress.forget(group);
  echoes.forget(group);
}

function untilDue({ lookAgainAt }: Plan, now: number): Milliseconds | undefined {
  return lookAgainAt === undefined ? undefined : Math.max(0, lookAgainAt - now);
}

function earliest(...times: readonly (Milliseconds | undefined)[]): Milliseconds | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
