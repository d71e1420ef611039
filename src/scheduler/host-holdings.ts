// What all intents on one host hold there, kept in step one by one, so that a group's pass looks at its own and takes them
// from the sum. Must not know engines.

import type { Intent } from "../model/container.js";
import { nanocores } from "../model/others.js";
import type { Reservation } from "../model/reservations.js";
import { Claims } from "./claims.js";

/** One intent as it counts on its host. */
export type HeldPlace = {
  /** Its id. */
  readonly group: string;
  readonly reservation: Reservation;
  readonly place: string;
  readonly ports: ReadonlySet<number>;
  readonly nanocores: number;
};

/** A slot and generation of a group, as one text. */
export function placeOf(group: string, { slot, generation }: Pick<Intent, "slot" | "generation">): string {
  return `${group} ${slot} ${generation}`;
}

export function heldPlace(group: string, reservation: Reservation): HeldPlace {
  const { intent, cpu } = reservation;
  const ports = new Set(Object.values(intent.hostPorts));
  return { group, reservation, place: placeOf(group, intent), ports, nanocores: nanocores(cpu) };
}

export class HostHoldings {
  readonly ports = new Claims<number, HeldPlace>();
  readonly names = new Claims<string, HeldPlace>();
  readonly places = new Claims<string, HeldPlace>();
  readonly #groups = new Map<string, Set<HeldPlace>>();
  #nanocores = 0;
  #mem = 0;
  #changes = 0;
  /** Places of the last changes, the newest last. */
  readonly #recent: string[] = [];

  /** Goes up with every change. */
  get version(): number {
    return this.#changes;
  }

  /** Places that changed after that version; undefined: it is too long ago. */
  changedSince(version: number): readonly string[] | undefined {
    const count = this.#changes - version;
    return count <= this.#recent.length ? this.#recent.slice(this.#recent.length - count) : undefined;
  }

  get nanocores(): number {
    return this.#nanocores;
  }

  get mem(): number {
    return this.#mem;
  }

  ofGroup(id: string): ReadonlySet<HeldPlace> {
    return this.#groups.get(id) ?? NOTHING;
  }

  add(held: HeldPlace): void {
    this.#count(held, 1);
    for (const port of held.ports) this.ports.add(port, held);
    this.names.add(held.reservation.intent.name, held);
    this.places.add(held.place, held);
    const group = this.#groups.get(held.group);
    if (group === undefined) this.#groups.set(held.group, new Set([held]));
    else group.add(held);
  }

  /** The very one that was added. */
  remove(held: HeldPlace): void {
    this.#count(held, -1);
    for (const port of held.ports) this.ports.remove(port, held);
    this.names.remove(held.reservation.intent.name, held);
    this.places.remove(held.place, held);
    const group = this.#groups.get(held.group);
    group?.delete(held);
    if (group?.size === 0) this.#groups.delete(held.group);
  }

  #count({ nanocores: cpu, place, reservation: { mem } }: HeldPlace, sign: 1 | -1): void {
    this.#nanocores += sign * cpu;
    this.#mem += sign * mem;
    this.#changes++;
    this.#recent.push(place);
    if (this.#recent.length > 2 * MOST_RECENT) this.#recent.splice(0, MOST_RECENT);
  }
}

const NOTHING: ReadonlySet<HeldPlace> = new Set();
/** Beyond that, going through everything costs no more. */
const MOST_RECENT = 200;
