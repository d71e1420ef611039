// What all intents of the mirror hold of their hosts, group by group. Worked out once for each group as long as it does
// not change.

import type { CatalogView, GroupEntry, ServiceEntry } from "../model/catalog.js";
import { groupId } from "../model/reference.js";
import type { GroupReservations } from "../model/reservations.js";

/** Views that show the same have the same list of services. */
const all = new WeakMap<readonly ServiceEntry[], readonly GroupReservations[]>();
const known = new WeakMap<ServiceEntry, readonly GroupReservations[]>();
const knownGroups = new WeakMap<GroupEntry, GroupReservations>();

/** As SchedulerStore.readReservations, by group. Where nothing has changed the same objects, the list and each group. */
export function reservationsIn(view: CatalogView): readonly GroupReservations[] {
  const services = view.services();
  const before = all.get(services);
  if (before !== undefined) return before;
  const held: GroupReservations[] = [];
  for (const service of services) for (const group of known.get(service) ?? heldIn(service)) held.push(group);
  all.set(services, held);
  return held;
}

function heldIn(service: ServiceEntry): readonly GroupReservations[] {
  const held = service.groups.map((group) => knownGroups.get(group) ?? heldBy(group));
  const some = held.filter(({ reservations }) => reservations.length > 0);
  known.set(service, some);
  return some;
}

function heldBy(entry: GroupEntry): GroupReservations {
  const { ref, record, containers } = entry;
  const reservations = containers.flatMap(({ intent }) => {
    if (intent === undefined) return [];
    const { cpu = 0, mem = 0 } = intent.reserves ?? record?.config ?? {};
    return [{ group: ref, intent, cpu, mem }];
  });
  const held = { id: groupId(ref), reservations };
  knownGroups.set(entry, held);
  return held;
}
