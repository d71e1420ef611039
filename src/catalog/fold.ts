// The feed's entries folded into buckets, and views made from them when somebody asks. Must not know the feed, time or
// listeners.

import type { CatalogView, ServiceEntry } from "../model/catalog.js";
import { groupId } from "../model/reference.js";
import type { EntryAt, NamespaceRecord, Scope } from "../model/store.js";
import {
  countEntries,
  emptyService,
  file,
  isKept,
  type ServiceBucket,
  serviceId,
  subjectOf,
  unfile,
} from "./buckets.js";
import { buildService } from "./build-view.js";
import { DrainShelf } from "./drain-shelf.js";
import { LabelIndex } from "./label-index.js";
import { locate, type Ordered, replaced } from "./sorted.js";
import { createView, serviceEntryId } from "./view.js";

export type Fold = {
  /** The entry that it replaces, if any. */
  put(entry: EntryAt): EntryAt | undefined;
  /** The entry that was held under the key, if any. */
  remove(key: string): EntryAt | undefined;
  /** An immutable view of all that was put; shares with the one before it everything that did not change. */
  view(revision: bigint): CatalogView;
  /** Of the groups in the view that was built last. */
  readonly index: LabelIndex;
  readonly drains: Pick<DrainShelf, "all">;
  /** True when the keys of groups in the scope are exactly these, last written at these revisions. */
  agrees(scope: Scope, keys: ReadonlyMap<string, bigint>): boolean;
  /** False: the record of a container that Theseus does not run, in a group that has nothing else. */
  isManaged(entry: EntryAt): boolean;
};

/** Entries of one key replace each other; otherwise the order of putting makes no difference. */
export function createFold(entries: Iterable<EntryAt> = []): Fold {
  const byKey = new Map<string, EntryAt>();
  const buckets = new Map<string, ServiceBucket>();
  /** Entries that belong to no service and no drain: namespaces and the cluster. */
  const loose = new Map<string, EntryAt>();
  const changed = new Set<string>();
  const index = new LabelIndex();
  const drains = new DrainShelf();
  let built: Ordered<ServiceEntry> = { list: [], idOf: serviceEntryId };

  const remove = (key: string): EntryAt | undefined => {
    const held = byKey.get(key);
    if (held === undefined) return undefined;
    byKey.delete(key);
    drains.remove(held);
    loose.delete(key);
    const bucket = bucketOf(buckets, held, changed);
    if (bucket !== undefined) unfile(bucket, held);
    return held;
  };

  const put = (entry: EntryAt): EntryAt | undefined => {
    const held = remove(entry.key);
    byKey.set(entry.key, entry);
    const bucket = bucketOf(buckets, entry, changed);
    if (bucket !== undefined) file(bucket, entry);
    else if (DrainShelf.containerOf(entry) !== undefined) drains.put(entry);
    else loose.set(entry.key, entry);
    return held;
  };

  const view = (revision: bigint): CatalogView => {
    built = { ...built, list: rebuilt({ built, buckets, changed, index }) };
    return createView({ revision, services: built.list, drains: drains.byGroup(), ...looseParts(loose) });
  };

  const agrees = (scope: Scope, keys: ReadonlyMap<string, bigint>): boolean => {
    let held = 0;
    for (const bucket of buckets.values()) if (isWithin(bucket, scope)) held += countEntries(bucket);
    if (held !== keys.size) return false;
    for (const [key, modRevision] of keys) if (byKey.get(key)?.modRevision !== modRevision) return false;
    return true;
  };

  const isManaged = (entry: EntryAt): boolean => {
    const ref = subjectOf(entry);
    return ref === undefined || isKept(buckets.get(serviceId(ref)), entry);
  };

  for (const entry of entries) put(entry);
  return { put, remove, view, index, drains, agrees, isManaged };
}

/** The bucket of the entry's service, made when it is not there, and marked as changed. */
function bucketOf(
  buckets: Map<string, ServiceBucket>,
  entry: EntryAt,
  changed: Set<string>,
): ServiceBucket | undefined {
  const ref = subjectOf(entry);
  if (ref === undefined) return undefined;
  const id = serviceId(ref);
  changed.add(id);
  const bucket = buckets.get(id) ?? emptyService(ref);
  buckets.set(id, bucket);
  return bucket;
}

function isWithin({ ref }: ServiceBucket, { namespace, service }: Scope): boolean {
  return (namespace ?? ref.namespace) === ref.namespace && (service ?? ref.service) === ref.service;
}

type Building = {
  readonly built: Ordered<ServiceEntry>;
  readonly buckets: Map<string, ServiceBucket>;
  readonly changed: Set<string>;
  readonly index: LabelIndex;
};

/** Builds the changed services anew, forgets the empty ones, and clears what was marked. */
function rebuilt({ built, buckets, changed, index }: Building): readonly ServiceEntry[] {
  if (changed.size === 0) return built.list;
  const changes = [...changed].map((id) => {
    const bucket = buckets.get(id);
    const before = locate(built, id).found;
    const value = bucket === undefined ? undefined : buildService(bucket, before);
    reindex(index, before, value);
    bucket?.changed.clear();
    if (value === undefined) buckets.delete(id);
    return { id, value };
  });
  changed.clear();
  return replaced(built, changes);
}

function reindex(index: LabelIndex, before: ServiceEntry | undefined, after: ServiceEntry | undefined): void {
  const old = new Map(before?.groups.map(({ ref }) => [groupId(ref), ref]));
  for (const { ref } of after?.groups ?? []) if (!old.delete(groupId(ref))) index.add(ref);
  for (const ref of old.values()) index.remove(ref);
}

function looseParts(loose: ReadonlyMap<string, EntryAt>): { clusterId: string; namespaces: NamespaceRecord[] } {
  let clusterId = "";
  const namespaces: NamespaceRecord[] = [];
  for (const { entry } of loose.values()) {
    if (entry.kind === "cluster") clusterId = entry.clusterId;
    else if (entry.kind === "namespace") namespaces.push(entry.record);
  }
  return { clusterId, namespaces };
}
