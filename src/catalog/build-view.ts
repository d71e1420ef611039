// Buckets of keys made into the immutable entries that readers see. Pure.

import type { ContainerEntry, GroupEntry, ServiceEntry } from "../model/catalog.js";
import { encodeLabels } from "../model/labels.js";
import type { GroupRef } from "../model/reference.js";
import type { GroupBucket, Keyed, ServiceBucket } from "./buckets.js";
import { byText, locate, replaced } from "./sorted.js";

/** The service as it is now, sharing every group and container that did not change; undefined when nothing of it is left. */
export function buildService(bucket: ServiceBucket, before: ServiceEntry | undefined): ServiceEntry | undefined {
  const ordered = { list: before?.groups ?? [], idOf: (group: GroupEntry) => encodeLabels(group.ref.labels) };
  const changes = [...bucket.changed].map((id) => {
    const group = bucket.groups.get(id);
    return { id, value: group === undefined ? undefined : buildGroup(group, locate(ordered, id).found) };
  });
  const groups = replaced(ordered, changes);
  if (groups.length === 0 && bucket.own.size === 0) return undefined;
  let created: number | undefined;
  for (const { entry } of bucket.own.values()) if (entry.kind === "service") created = entry.created;
  return { ref: bucket.ref, ...(created === undefined ? {} : { created }), groups };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function buildGroup(bucket: GroupBucket, before: GroupEntry | undefined): GroupEntry {
  const known = new Map(before?.containers.map((container) => [container.ref.name, container]));
  const containers = [...bucket.containers].map(([name, keys]) =>
    sameOr(known.get(name), buildContainer(bucket.ref, name, keys)),
  );
  const problems: string[] = [];
  const group: Mutable<GroupEntry> = {
    ref: bucket.ref,
    containers: containers.sort(bySlotThenName),
    problems,
    modRevision: newest([...bucket.own.values(), ...containers]),
  };
  for (const { entry } of bucket.own.values()) {
    if (entry.kind === "group") {
      group.uid = entry.uid;
      group.created = entry.created;
    } else if (entry.kind === "config") group.record = entry.record;
    else if (entry.kind === "broken") problems.push(entry.problem);
  }
  problems.sort(byText);
  return group;
}

function buildContainer(group: GroupRef, name: string, keys: Keyed): ContainerEntry {
  const container: Mutable<ContainerEntry> = { ref: { ...group, name }, modRevision: newest([...keys.values()]) };
  const problems: string[] = [];
  for (const { entry } of keys.values()) {
    if (entry.kind === "intent") container.intent = entry.intent;
    else if (entry.kind === "info") container.info = entry.info;
    else if (entry.kind === "broken") problems.push(entry.problem);
  }
  if (problems.length > 0) container.problem = problems.sort(byText).join("; ");
  return container;
}

/** The one before where nothing has changed, so that readers see by its identity alone that it is the same. */
function sameOr(before: ContainerEntry | undefined, now: ContainerEntry): ContainerEntry {
  if (before === undefined || before.modRevision !== now.modRevision) return now;
  const same = before.intent === now.intent && before.info === now.info && before.problem === now.problem;
  return same ? before : now;
}

function newest(entries: readonly { readonly modRevision: bigint }[]): bigint {
  let top = 0n;
  for (const { modRevision } of entries) if (modRevision > top) top = modRevision;
  return top;
}

/** Managed containers by slot and generation; after them all others, by name. */
function bySlotThenName(a: ContainerEntry, b: ContainerEntry): number {
  return (
    place(a) - place(b) || (a.intent?.generation ?? 0) - (b.intent?.generation ?? 0) || byText(a.ref.name, b.ref.name)
  );
}

function place(container: ContainerEntry): number {
  return container.intent?.slot ?? Number.MAX_SAFE_INTEGER;
}
