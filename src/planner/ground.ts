// Who holds a place while one slot after the other is filled or exchanged, and what comes of that. Places are chosen as
// the planner chooses them.

import type { Intent } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import type { HostView } from "../model/host.js";
import type { HostRefusal, PlannedAction, Refusal } from "../model/plan.js";
import type { SlotsRecord } from "../model/slots.js";
import { hasSlotVolume, place } from "./place.js";
import { reservesOf, roomsFor } from "./room.js";

export type Wanted = {
  readonly after: GroupConfig;
  readonly wanted: number;
  /** The container that each wanted slot keeps. */
  readonly kept: readonly Intent[];
  /** Of slots above those wanted, and to be stopped; by slot. */
  readonly surplus: readonly Intent[];
  /** Slots that are empty, in order. */
  readonly created: readonly number[];
  readonly slots?: SlotsRecord | undefined;
};

/** Who holds a place while one slot after the other is dealt with. */
export class Ground {
  readonly placements: { slot: number; host: string }[] = [];
  readonly refusals: Refusal[] = [];
  readonly actions: PlannedAction[] = [];
  readonly #input: Wanted;
  readonly #hosts: readonly HostView[];
  #held: readonly Intent[];

  constructor(input: Wanted, hosts: readonly HostView[]) {
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
      const left = needed < staying ? needed : staying - (this.#givesWay(surplus[staying - 1], waiting) ? 1 : 0);
      if (left === staying) break;
      const gone = new Set(surplus.slice(left, staying));
      this.#held = this.#held.filter((intent) => !gone.has(intent));
      staying = left;
    }
    for (const slot of waiting) this.#placed(slot, this.#held);
  }

  /** Whether its place is what an empty slot waits for, where one may leave before the other is there. */
  #givesWay(surplus: Intent | undefined, waiting: readonly number[]): boolean {
    const { order = DEFAULTS.update.order } = this.#input.after.update ?? {};
    if (surplus === undefined || order === "start-first") return false;
    const others = this.#held.filter((intent) => intent !== surplus);
    return waiting.some((slot) => !("refusals" in this.#place(slot, others)));
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
    return { ...NAMELESS, slot, host: found.host.name, hostPorts: found.hostPorts, reserves: reservesOf(after) };
  }

  #volumeHost(slot: number): string | undefined {
    const { after, slots, kept } = this.#input;
    if (!hasSlotVolume(after)) return undefined;
    return slots?.slots[slot]?.host ?? kept.find((intent) => intent.slot === slot)?.host;
  }
}

const NAMELESS = { name: "", generation: 0, configRevision: 0, fingerprint: "", phase: "creating" } as const;
