// The transition to another config, slot by slot, as the planner would go about it: empty slots at once, then batch by
// batch in the order that it would decide on now. Every container counts as one that serves.

import type { Intent } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import type { HostView } from "../model/host.js";
import type { Forecast, HostRefusal, PlannedAction, Refusal, Transition } from "../model/plan.js";
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
  /** Of slots above those wanted, and to be stopped; by slot. */
  readonly surplus: readonly Intent[];
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
    this.#held = [...input.kept, ...input.surplus];
  }

  /** The empty slots. What is too many leaves as soon as others make up for it: that may be what the last ones wait for. */
  fillAll(): void {
    const { created, kept, surplus, wanted } = this.#input;
    let waiting = created;
    let staying = surplus.length;
    for (;;) {
      waiting = waiting.filter((slot) => !this.#fill(slot));
      const needed = Math.max(0, wanted - kept.length - (created.length - waiting.length));
      if (needed >= staying) break;
      const gone = new Set(surplus.slice(needed, staying));
      this.#held = this.#held.filter((intent) => !gone.has(intent));
      staying = needed;
    }
    for (const slot of waiting) this.#placed(slot, this.#held);
  }

  #fill(slot: number): boolean {
    const found = this.#place(slot, this.#held);
    if ("refusals" in found) return false;
    this.#held = [...this.#held, found];
    this.#note({ slot, kind: "create", to: found.host, batch: 0 });
    return true;
  }

  /** The old one gives its place back first. */
  exchange(slot: number, batch: number): void {
    const others = this.#held.filter((intent) => intent.slot !== slot);
    const made = this.#placed(slot, others);
    if (made === undefined) return;
    this.#note({ slot, kind: "replace", ...this.#from(slot), to: made.host, batch });
    this.#held = [...others, made];
  }

  /** All of the batch have both for a while; what does not fit yet waits until others have given their place back. */
  exchangeBeside(slots: readonly number[], batch: number): void {
    let waiting = slots;
    for (let left = Number.POSITIVE_INFINITY; waiting.length < left && waiting.length > 0; ) {
      left = waiting.length;
      waiting = this.#exchangeTogether(waiting, batch);
    }
    for (const slot of waiting) this.#placed(slot, this.#held);
  }

  /** Those that found no room. */
  #exchangeTogether(slots: readonly number[], batch: number): readonly number[] {
    const fresh: Intent[] = [];
    const refused = slots.filter((slot) => {
      const made = this.#place(slot, [...this.#held, ...fresh]);
      if ("refusals" in made) return true;
      this.#note({ slot, kind: "replace", ...this.#from(slot), to: made.host, batch });
      fresh.push(made);
      return false;
    });
    const gone = new Set(fresh.map(({ slot }) => slot));
    this.#held = [...this.#held.filter(({ slot }) => !gone.has(slot)), ...fresh];
    return refused;
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
    const found = this.#place(slot, held);
    if (!("refusals" in found)) return found;
    this.refusals.push({ slot, hosts: found.refusals });
    return undefined;
  }

  #place(slot: number, held: readonly Intent[]): Intent | { readonly refusals: readonly HostRefusal[] } {
    const { after } = this.#input;
    const found = place(after, roomsFor(this.#hosts, held, after), this.#volumeHost(slot));
    if ("refusals" in found) return found;
    return { ...NAMELESS, slot, host: found.host.name, hostPorts: found.hostPorts };
  }

  #volumeHost(slot: number): string | undefined {
    const { after, slots, kept } = this.#input;
    if (!hasSlotVolume(after)) return undefined;
    return slots?.slots[slot]?.host ?? kept.find((intent) => intent.slot === slot)?.host;
  }
}

const NAMELESS = { name: "", generation: 0, configRevision: 0, fingerprint: "", phase: "creating" } as const;
