// What all intents of the mirror hold of their hosts. Worked out once for each service as long as it does not change.

import type { CatalogView, ServiceEntry } from "../model/catalog.js";
import type { Reservation } from "../model/store.js";

const known = new WeakMap<ServiceEntry, readonly Reservation[]>();

/** As SchedulerStore.readReservations; of the same intent the same object as long as its service is the same. */
export function reservationsIn(view: CatalogView): readonly Reservation[] {
  return view.services().flatMap((service) => {
    const held = known.get(service) ?? heldBy(service);
    known.set(service, held);
    return held;
  });
}

function heldBy({ groups }: ServiceEntry): readonly Reservation[] {
  return groups.flatMap(({ ref, record, containers }) => {
    const { cpu = 0, mem = 0 } = record?.config ?? {};
    return containers.flatMap(({ intent }) => (intent === undefined ? [] : [{ group: ref, intent, cpu, mem }]));
  });
}
