// The mutable side of the mirror: every key in the bucket of its group or service, and what changed since last asked.
// Must not know views.

import { encodeLabels } from "../model/labels.js";
import type { ContainerRef, GroupRef, ServiceRef } from "../model/reference.js";
import type { EntryAt } from "../model/store.js";

/** Entries by key. */
export type Keyed = Map<string, EntryAt>;

/** All keys of one group: its own, and those of each container by its name. */
export type GroupBucket = {
  readonly ref: GroupRef;
  readonly own: Keyed;
  readonly containers: Map<string, Keyed>;
};

export type ServiceBucket = {
  readonly ref: ServiceRef;
  readonly own: Keyed;
  /** By encoded labels; a group without any key is not in it. */
  readonly groups: Map<string, GroupBucket>;
  /** Encoded labels of the groups that changed since the last view. */
  readonly changed: Set<string>;
};

/** What the key of an entry is about; undefined for namespaces and the cluster. */
export function subjectOf({ entry }: EntryAt): ServiceRef | GroupRef | ContainerRef | undefined {
  return "ref" in entry ? entry.ref : undefined;
}

export function groupOf(entry: EntryAt): GroupRef | undefined {
  const ref = subjectOf(entry);
  if (ref === undefined || !("labels" in ref)) return undefined;
  return { namespace: ref.namespace, service: ref.service, labels: ref.labels };
}

/** Orders services by namespace, then name: a space sorts before every character of either. */
export function serviceId(ref: ServiceRef): string {
  return `${ref.namespace} ${ref.service}`;
}

export function emptyService(ref: ServiceRef): ServiceBucket {
  return {
    ref: { namespace: ref.namespace, service: ref.service },
    own: new Map(),
    groups: new Map(),
    changed: new Set(),
  };
}

/** Files an entry under its service, group or container. The service has to be the entry's own. */
export function file(service: ServiceBucket, entry: EntryAt): void {
  const group = groupOf(entry);
  if (group === undefined) {
    service.own.set(entry.key, entry);
    return;
  }
  const id = encodeLabels(group.labels);
  service.changed.add(id);
  const bucket = service.groups.get(id) ?? { ref: group, own: new Map(), containers: new Map() };
  service.groups.set(id, bucket);
  const name = containerNameOf(entry);
  const keys = name === undefined ? bucket.own : (bucket.containers.get(name) ?? new Map<string, EntryAt>());
  if (name !== undefined) bucket.containers.set(name, keys);
  keys.set(entry.key, entry);
}

/** The inverse of file; leaves no empty bucket behind. */
export function unfile(service: ServiceBucket, entry: EntryAt): void {
  const group = groupOf(entry);
  if (group === undefined) {
    service.own.delete(entry.key);
    return;
  }
  const id = encodeLabels(group.labels);
  service.changed.add(id);
  const bucket = service.groups.get(id);
  if (bucket === undefined) return;
  const name = containerNameOf(entry);
  const keys = name === undefined ? bucket.own : bucket.containers.get(name);
  keys?.delete(entry.key);
  if (name !== undefined && keys?.size === 0) bucket.containers.delete(name);
  if (bucket.own.size === 0 && bucket.containers.size === 0) service.groups.delete(id);
}

/** Entries of the groups, not of the service itself. */
export function countEntries({ groups }: ServiceBucket): number {
  let count = 0;
  for (const { own, containers } of groups.values()) {
    count += own.size;
    for (const keys of containers.values()) count += keys.size;
  }
  return count;
}

/** Anything but the record of another's container, in a group without keys of its own and under a name without an intent. */
export function isKept(service: ServiceBucket | undefined, { entry }: EntryAt): boolean {
  if (entry.kind !== "info" || entry.info.origin === "managed") return true;
  const group = service?.groups.get(encodeLabels(entry.ref.labels));
  if (group === undefined) return false;
  if (group.own.size > 0) return true;
  const keys = group.containers.get(entry.ref.name)?.values() ?? [];
  return [...keys].some((held) => held.entry.kind !== "info");
}

function containerNameOf(entry: EntryAt): string | undefined {
  const ref = subjectOf(entry);
  return ref !== undefined && "name" in ref ? ref.name : undefined;
}
