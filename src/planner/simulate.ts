// The transition to another config, slot by slot, as the planner would go about it: empty slots at once, then batch by
// batch in the order that it would decide on now. Every container counts as one that serves.

import type { Intent } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import type { HostView } from "../model/host.js";
import type { Forecast, PlannedAction, Refusal, Transition } from "../model/plan.js";
import type { RolloutPolicy } from "../model/rollout.js";
import type { SlotsRecord } from "../model/slots.js";
import { compare } from "./compare.js";
import { hasSlotVolume, place } from "./place.js";
import { policyOf, whyNotStartFirst } from "./rollout-policy.js";
import { allowedBySteps } from "./rollout-steps.js";
import { roomsFor } from "./room.js";

export type Simulated = {
  readonly after: GroupConfig;
  readonly wanted: number;
  readonly intents: readonly Intent[];
  /** Of those, the one that each wanted slot keeps. */
  readonly kept: readonly Intent[];
  /** Slots that are empty, and slots whose container is outdated; both in order. */
  readonly created: readonly number[];
  readonly replaced: readonly number[];
  readonly slots?: SlotsRecord | undefined;
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
  for (const slot of input.created) ground.fill(slot, 0);
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

/** Who holds a place while one slot after the other is dealt with. */
class Ground {
  readonly placements: { slot: number; host: string }[] = [];
  readonly refusals: Refusal[] = [];
  readonly actions: PlannedAction[] = [];
  readonly #input: Simulated;
  readonly #hosts: readonly HostView[];
  #held: readonly Intent[];

  constructor(input: Simulated, hosts: readonly HostView[]) {
    this.#input = input;
    this.#hosts = hosts;
    this.#held = input.kept;
  }

  /** An empty slot. */
  fill(slot: number, batch: number): void {
    const made = this.#placed(slot, this.#held);
    if (made === undefined) return;
    this.#held = [...this.#held, made];
    this.#note({ slot, kind: "create", to: made.host, batch });
  }

  /** The old one gives its place back first. */
  exchange(slot: number, batch: number): void {
    const others = this.#held.filter((intent) => intent.slot !== slot);
    const made = this.#placed(slot, others);
    if (made === undefined) return;
    this.#note({ slot, kind: "replace", ...this.#from(slot), to: made.host, batch });
    this.#held = [...others, made];
  }

  /** All of the batch have both for a while. */
  exchangeBeside(slots: readonly number[], batch: number): void {
    const fresh: Intent[] = [];
    for (const slot of slots) {
      const made = this.#placed(slot, [...this.#held, ...fresh]);
      if (made === undefined) continue;
      this.#note({ slot, kind: "replace", ...this.#from(slot), to: made.host, batch });
      fresh.push(made);
    }
    const gone = new Set(fresh.map(({ slot }) => slot));
    this.#held = [...this.#held.filter(({ slot }) => !gone.has(slot)), ...fresh];
  }

  #from(slot: number): Pick<PlannedAction, "from"> {
    const old = this.#held.find((intent) => intent.slot === slot);
    return old === undefined ? {} : { from: old.host };
  }

  #note(action: PlannedAction & { readonly to: string }): void {
    this.actions.push(action);
    this.placements.push({ slot: action.slot, host: action.to });
  }

  /** Undefined, and noted as refused, where it fits nowhere. */
  #placed(slot: number, held: readonly Intent[]): Intent | undefined {
    const { after } = this.#input;
    const found = place(after, roomsFor(this.#hosts, held, after), this.#volumeHost(slot));
    if ("refusals" in found) {
      this.refusals.push({ slot, hosts: found.refusals });
      return undefined;
    }
    return { ...NAMELESS, slot, host: found.host.name, hostPorts: found.hostPorts };
  }

  #volumeHost(slot: number): string | undefined {
    const { after, slots, kept } = this.#input;
    if (!hasSlotVolume(after)) return undefined;
    return slots?.slots[slot]?.host ?? kept.find((intent) => intent.slot === slot)?.host;
  }
}

const NAMELESS = { name: "", generation: 0, configRevision: 0, fingerprint: "", phase: "creating" } as const;
