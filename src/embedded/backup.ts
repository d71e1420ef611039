// Everything at one revision as the records of a store whose history begins there.

import { writeBackup } from "./backup-format.js";
import type { History, Version } from "./history.js";
import type { Leases } from "./leases.js";
import {
  compactedRecord,
  type DiskRecord,
  type Identity,
  identityRecord,
  leaseRecord,
  revisionRecord,
} from "./records.js";

type Source = { readonly history: History; readonly leases: Leases; readonly identity: Identity };

/** What stands at that revision, taken in one go; only its bytes are made while they are read. */
export function backUp({ history, leases, identity }: Source, revision: number): Iterable<Uint8Array> {
  const { versions } = history.find({ first: "", end: undefined, single: false }, revision);
  const head = [
    identityRecord(identity),
    compactedRecord({ revision, kept: versions.length }),
    ...leases.all().map(leaseRecord),
  ];
  return writeBackup(withRevisions(head, versions));
}

function* withRevisions(head: readonly DiskRecord[], versions: readonly Version[]): Generator<DiskRecord> {
  yield* head;
  const byRevision = new Map<number, Version[]>();
  for (const version of versions) {
    const found = byRevision.get(version.revision);
    if (found === undefined) byRevision.set(version.revision, [version]);
    else found.push(version);
  }
  for (const [revision, changes] of [...byRevision].sort(([a], [b]) => a - b)) yield revisionRecord(revision, changes);
}
