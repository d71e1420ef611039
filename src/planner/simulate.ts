// The transition to another config, slot by slot, as the planner would go about it: empty slots at once, then batch by
// batch in the order that it would decide on now. Every container counts as one that serves.

import type { Intent } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import type { HostView } from "../model/host.js";
import type { Forecast, Transition } from "../model/plan.js";
import type { RolloutPolicy } from "../model/rollout.js";
import { compare } from "./compare.js";
import { Ground, type Wanted } from "./ground.js";
import { policyOf, whyNotStartFirst } from "./rollout-policy.js";
import { allowedBySteps } from "./rollout-steps.js";

export type Simulated = Wanted & {
  /** All of the group. */
  readonly intents: readonly Intent[];
  /** Slots whose container is outdated, in order. */
  readonly replaced: readonly number[];
  readonly hosts: readonly HostView[];
};

type Made = Pick<Forecast, "placements" | "refusals" | "actions" | "transition">;

/** Never throws. What fits nowhere stays where it is. */
export function simulated(input: Simulated): Made {
  const { after, wanted, replaced } = input;
  const hosts = [...input.hosts].sort((a, b) => compare(a.name, b.name));
  const holders = { wanted, hosts, members: input.intents.map((intent) => ({ intent })) };
  const policy = policyOf(holders, after, replaced);
  const batches = batchesOf(replaced, policy, wanted);
  const ground = new Ground(input, hosts);
  ground.fillAll();
  for (const [i, batch] of batches.entries()) {
    if (policy.order === "stop-first") for (const slot of batch) ground.exchange(slot, i + 1);
    else ground.exchangeBeside(batch, i + 1);
  }
  const { placements, refusals, actions } = ground;
  if (replaced.length === 0) return { placements, refusals, actions };
  const asked = after.update?.order ?? DEFAULTS.update.order;
  // The first batch decides on the order, so that is what explains it.
  const next = replaced.slice(0, policy.maxParallel);
  const why = asked === "stop-first" ? undefined : whyNotStartFirst(holders, after, next);
  return { placements, refusals, actions, transition: transitionOf(input, { policy, batches: batches.length, why }) };
}

type Course = { readonly policy: RolloutPolicy; readonly batches: number; readonly why: string | undefined };

function transitionOf({ kept, wanted, replaced }: Simulated, { policy, batches, why }: Course): Transition {
  const { order, maxParallel } = policy;
  const promised = Math.min(kept.length, Math.max(0, wanted - maxParallel));
  const atOnce = Math.min(maxParallel, replaced.length);
  const staying = order === "start-first" ? kept.length : Math.max(promised, kept.length - atOnce);
  return { order, maxParallel, batches, staying, ...(why === undefined ? {} : { whyNotBeside: why }) };
}

/** As many at a time as the window takes; where the steps of the policy hold up the rest, a new one begins. */
function batchesOf(replaced: readonly number[], policy: RolloutPolicy, wanted: number): readonly (readonly number[])[] {
  const held = policy.steps.map((_, stepsDone) => allowedBySteps({ policy, stepsDone }, wanted));
  const batches: (readonly number[])[] = [];
  for (let done = 0; done < replaced.length; ) {
    const begun = wanted - replaced.length + done;
    const allowed = held.find((count) => count > begun) ?? wanted;
    const batch = replaced.slice(done, done + Math.min(policy.maxParallel, allowed - begun));
    batches.push(batch);
    done += batch.length;
  }
  return batches;
}
