// After a failed sync the disk may hold more or less than memory: makes it say what memory says. Memory is what was
// answered, so it is right.

import { countKept, planCompaction } from "./compaction.js";
import type { Disk } from "./disk.js";
import type { History } from "./history.js";
import { TakenOver } from "./journal.js";
import type { Leases } from "./leases.js";
import {
  compactedRecord,
  type DiskOperation,
  type Identity,
  identityRecord,
  leaseKey,
  leaseRecord,
  readRecord,
  revisionKey,
  revisionRecord,
} from "./records.js";

type Memory = { readonly history: History; readonly leases: Leases; readonly identity: Identity };
type OnDisk = { readonly revisions: Set<number>; readonly leases: Set<bigint>; compacted: number | undefined };

/** Writes in any case, so that a disk that does not take it is found out here. Fails as Disk does. */
export async function repairDisk(disk: Disk, memory: Memory): Promise<void> {
  const found = await lookAt(disk, memory.identity);
  const { history } = memory;
  // Its answer was never given, yet it happened; what it left out is only there in memory.
  if (found.compacted !== undefined && found.compacted > history.compacted) {
    const { revision, dropped, left } = planCompaction(history, found.compacted);
    history.compact(revision, dropped, left);
  }
  await disk.write([
    { type: "put", ...identityRecord(memory.identity) },
    ...compactedRepairs(history, found),
    ...revisionRepairs(history, found),
    ...leaseRepairs(memory.leases, found),
  ]);
}

async function lookAt(disk: Disk, identity: Identity): Promise<OnDisk> {
  const found: OnDisk = { revisions: new Set(), leases: new Set(), compacted: undefined };
  for await (const record of disk.records()) {
    const stored = readRecord(record);
    if (stored.kind === "revision") found.revisions.add(stored.revision);
    if (stored.kind === "lease") found.leases.add(stored.id);
    if (stored.kind === "compacted") found.compacted = stored.revision;
    if (stored.kind === "identity" && stored.clusterId !== identity.clusterId) {
      throw new TakenOver("another store stands in the folder");
    }
  }
  return found;
}

function compactedRepairs(history: History, found: OnDisk): DiskOperation[] {
  const revision = history.compacted;
  if (found.compacted === revision || revision < 0) return [];
  const kept = countKept(history, revision);
  return [{ type: "put", ...compactedRecord({ revision, kept }) }];
}

function revisionRepairs(history: History, { revisions }: OnDisk): DiskOperation[] {
  const operations: DiskOperation[] = [];
  for (const revision of revisions) {
    if (history.changesOf(revision).length === 0) operations.push({ type: "del", key: revisionKey(revision) });
  }
  for (const revision of history.revisions()) {
    if (revisions.has(revision)) continue;
    operations.push({ type: "put", ...revisionRecord(revision, history.changesOf(revision)) });
  }
  return operations;
}

function leaseRepairs(leases: Leases, found: OnDisk): DiskOperation[] {
  const operations: DiskOperation[] = [];
  for (const id of found.leases) if (!leases.has(id)) operations.push({ type: "del", key: leaseKey(id) });
  for (const lease of leases.all()) {
    if (!found.leases.has(lease.id)) operations.push({ type: "put", ...leaseRecord(lease) });
  }
  return operations;
}
