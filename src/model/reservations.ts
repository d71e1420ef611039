// What containers hold of their hosts, put together by group. Pure.

import type { Intent } from "./container.js";
import { type GroupRef, groupId } from "./reference.js";

export type Reservation = {
  readonly group: GroupRef;
  readonly intent: Intent;
  readonly cpu: number;
  readonly mem: number;
};

/** What one group holds; the same object as long as nothing of it has changed. Groups that hold nothing have none. */
export type GroupReservations = { readonly id: string; readonly reservations: readonly Reservation[] };

/** In the order in which the groups first come. */
export function byGroup(reservations: readonly Reservation[]): readonly GroupReservations[] {
  const groups = new Map<string, Reservation[]>();
  for (const one of reservations) {
    const id = groupId(one.group);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [one]);
    else group.push(one);
  }
  return [...groups].map(([id, held]) => ({ id, reservations: held }));
}
