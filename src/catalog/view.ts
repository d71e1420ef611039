// One immutable state of the mirror, and how it is read. Must not know buckets or the feed.

import type { CatalogView, GroupEntry, ServiceEntry } from "../model/catalog.js";
import type { Drain } from "../model/drain.js";
import { encodeLabels } from "../model/labels.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import { groupId, type ServiceRef } from "../model/reference.js";
import type { NamespaceRecord } from "../model/store.js";
import { serviceId } from "./buckets.js";
import type { DrainsByGroup } from "./drain-shelf.js";
import { byText, locate, type Ordered } from "./sorted.js";

/** Services sorted by serviceId; namespaces as they are recorded, in any order. */
export type ViewParts = {
  readonly revision: bigint;
  readonly clusterId: string;
  readonly namespaces: readonly NamespaceRecord[];
  readonly services: readonly ServiceEntry[];
  readonly drains: DrainsByGroup;
};

export const serviceEntryId = (service: ServiceEntry): string => serviceId(service.ref);
const NO_DRAINS: ReadonlyMap<string, Drain> = new Map();
const groupEntryId = (group: GroupEntry): string => encodeLabels(group.ref.labels);

/** Lookups of one service or group take time in the logarithm of their number. */
export function createView(parts: ViewParts): CatalogView {
  const ordered: Ordered<ServiceEntry> = { list: parts.services, idOf: serviceEntryId };
  const find = (ref: ServiceRef): ServiceEntry | undefined => locate(ordered, serviceId(ref)).found;

  const services = (namespace?: string): readonly ServiceEntry[] => {
    if (namespace === undefined) return parts.services;
    const first = locate(ordered, `${namespace} `).index;
    // "!" follows the space that ends the namespace in a serviceId.
    return parts.services.slice(first, locate(ordered, `${namespace}!`).index);
  };

  const groups = (namespace?: string, service?: string): readonly GroupEntry[] => {
    if (service === undefined) return services(namespace).flatMap((entry) => entry.groups);
    if (namespace !== undefined) return find({ namespace, service })?.groups ?? [];
    return parts.services.filter((entry) => entry.ref.service === service).flatMap((entry) => entry.groups);
  };

  return {
    revision: parts.revision,
    clusterId: parts.clusterId,
    namespaces: () => allNamespaces(parts),
    services,
    groups,
    group: (ref) => locate({ list: find(ref)?.groups ?? [], idOf: groupEntryId }, encodeLabels(ref.labels)).found,
    drains: (ref) => parts.drains.get(groupId(ref)) ?? NO_DRAINS,
  };
}

/** The recorded ones, "default", and those that only a record written by hand implies (created: 0, not known). */
function allNamespaces({ namespaces, services }: ViewParts): readonly NamespaceRecord[] {
  const byName = new Map<string, NamespaceRecord>([[DEFAULT_NAMESPACE, { name: DEFAULT_NAMESPACE, created: 0 }]]);
  for (const { ref } of services) byName.set(ref.namespace, { name: ref.namespace, created: 0 });
  for (const record of namespaces) byName.set(record.name, record);
  return [...byName.values()].sort((a, b) => byText(a.name, b.name));
}
