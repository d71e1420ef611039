// What others than one group hold on a host: intents, strangers, names. On a large fleet that is nearly everything there is,
// so whatever can be is worked out once for all passes that see the same.

import type { Intent, ObservedContainer } from "../model/container.js";
import type { Others } from "../model/host-view.js";
import type { EngineListing, Stranger } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { Reservation } from "../model/store.js";

export type HeldPlaces = {
  readonly reservations: readonly Reservation[];
  readonly group: { readonly ref: GroupRef; readonly intents: readonly Intent[] };
  /** Undefined: the engine was not listed. */
  readonly listing: EngineListing | undefined;
};

export function othersOn(host: string, { reservations, group, listing }: HeldPlaces): Others {
  const id = groupId(group.ref);
  const held = onHost(reservations, host);
  return {
    reservations: held.filter((one) => ofReservation(one).group !== id),
    strangers: listing === undefined ? [] : [...listing.strangers, ...unreserved(listing, held, group)],
    otherNames: () => (listing?.ours ?? []).filter((one) => ofContainer(one).group !== id).map(({ name }) => name),
  };
}

/** Containers of ours that no intent stands for: to everybody's ports they are strangers. */
function unreserved(
  listing: EngineListing,
  held: readonly Reservation[],
  group: HeldPlaces["group"],
): readonly Stranger[] {
  const running = ranBefore(listing);
  const intended = held.filter((one) => running.has(ofReservation(one).place)).length;
  if (intended === running.size) return [];
  const id = groupId(group.ref);
  const known = new Set([
    ...held.map((one) => ofReservation(one).place),
    ...group.intents.map((intent) => placeOf(id, intent)),
  ]);
  return [...running]
    .filter(([place]) => !known.has(place))
    .flatMap(([, ran]) => ran.map(({ id: by, name, made }) => ({ id: by, name, hostPorts: portsOf(made) })));
}

const portsOf = (made: ObservedContainer["made"]): readonly number[] => Object.values(made?.hostPorts ?? {});

/** Containers that have been started, by the place that their labels claim; labels can be copied. */
function ranBefore(listing: EngineListing): ReadonlyMap<string, readonly ObservedContainer[]> {
  const before = started.get(listing);
  if (before !== undefined) return before;
  const places = new Map<string, readonly ObservedContainer[]>();
  for (const one of listing.ours) {
    if (one.status === "created" || one.made === undefined) continue;
    const { place } = ofContainer(one);
    places.set(place, [...(places.get(place) ?? []), one]);
  }
  started.set(listing, places);
  return places;
}

function onHost(reservations: readonly Reservation[], host: string): readonly Reservation[] {
  const known = byHost.get(reservations) ?? sortedByHost(reservations);
  byHost.set(reservations, known);
  return known.get(host) ?? [];
}

function sortedByHost(reservations: readonly Reservation[]): ReadonlyMap<string, readonly Reservation[]> {
  const hosts = new Map<string, Reservation[]>();
  for (const reservation of reservations) {
    const host = hosts.get(reservation.intent.host);
    if (host === undefined) hosts.set(reservation.intent.host, [reservation]);
    else host.push(reservation);
  }
  return hosts;
}

/** A group's id, and a slot and generation of it. */
type Names = { readonly group: string; readonly place: string };

const byHost = new WeakMap<readonly Reservation[], ReadonlyMap<string, readonly Reservation[]>>();
const started = new WeakMap<EngineListing, ReadonlyMap<string, readonly ObservedContainer[]>>();
/** Of objects that are the same from one reading to the next. */
const names = new WeakMap<Reservation | ObservedContainer, Names>();

function ofReservation(reservation: Reservation): Names {
  return names.get(reservation) ?? named(reservation, reservation.group, reservation.intent);
}

function ofContainer(container: ObservedContainer): Names {
  return names.get(container) ?? named(container, container.owner.group, container.owner);
}

function named(one: Reservation | ObservedContainer, ref: GroupRef, at: Parameters<typeof placeOf>[1]): Names {
  const group = groupId(ref);
  const made = { group, place: placeOf(group, at) };
  names.set(one, made);
  return made;
}

const placeOf = (group: string, { slot, generation }: Pick<Intent, "slot" | "generation">): string =>
  `${group} ${slot} ${generation}`;
