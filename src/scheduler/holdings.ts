// What all intents hold of all hosts, followed from one reading to the next: only groups that have changed are gone
// through. Must not know who reads.

import type { Intent } from "../model/container.js";
import type { GroupReservations, Reservation } from "../model/reservations.js";
import { type HeldPlace, HostHoldings, heldPlace } from "./host-holdings.js";

type Group = { readonly read: GroupReservations; readonly places: ReadonlyMap<Intent, HeldPlace> };

const NONE: ReadonlyMap<Intent, HeldPlace> = new Map();

export class Holdings {
  readonly #groups = new Map<string, Group>();
  readonly #hosts = new Map<string, HostHoldings>();
  /** By place; gone as soon as the intent itself is there. */
  readonly #promised = new Map<string, HeldPlace>();
  #last: readonly GroupReservations[] = [];

  /** Takes a whole reading in place of the one before. */
  take(reading: readonly GroupReservations[]): void {
    const last = this.#last;
    this.#last = reading;
    for (const [i, read] of reading.entries()) {
      // Nearly all are where they were: that is seen without looking them up.
      if (read !== last[i] && this.#groups.get(read.id)?.read !== read) this.#replace(read);
    }
    if (this.#groups.size === reading.length) return;
    const present = new Set(reading.map(({ id }) => id));
    for (const [id, { places }] of this.#groups) {
      if (present.has(id)) continue;
      for (const held of places.values()) this.on(held.reservation.intent.host).remove(held);
      this.#groups.delete(id);
    }
  }

  /** It counts as held until it is forgotten, or is held indeed. */
  promise(place: HeldPlace): void {
    const before = this.#promised.get(place.place);
    if (before !== undefined) this.forget(before);
    this.#promised.set(place.place, place);
    this.on(place.reservation.intent.host).add(place);
  }

  /** Nothing happens where the promise does not stand any more. */
  forget(place: HeldPlace): void {
    if (this.#promised.get(place.place) !== place) return;
    this.#promised.delete(place.place);
    this.on(place.reservation.intent.host).remove(place);
  }

  /** Of a host on which nothing is held too. It changes with each reading. */
  on(host: string): HostHoldings {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const made = new HostHoldings();
    this.#hosts.set(host, made);
    return made;
  }

  #replace(read: GroupReservations): void {
    const before = this.#groups.get(read.id)?.places ?? NONE;
    const places = new Map<Intent, HeldPlace>();
    for (const reservation of read.reservations) {
      const was = before.get(reservation.intent);
      const held = was !== undefined && isSame(was, reservation) ? was : heldPlace(read.id, reservation);
      places.set(reservation.intent, held);
    }
    for (const [intent, held] of before) if (places.get(intent) !== held) this.on(intent.host).remove(held);
    for (const [intent, held] of places) if (before.get(intent) !== held) this.#add(intent.host, held);
    this.#groups.set(read.id, { read, places });
  }

  #add(host: string, held: HeldPlace): void {
    const promised = this.#promised.get(held.place);
    if (promised !== undefined) this.forget(promised);
    this.on(host).add(held);
  }
}

function isSame({ reservation }: HeldPlace, { cpu, mem }: Reservation): boolean {
  return reservation.cpu === cpu && reservation.mem === mem;
}
