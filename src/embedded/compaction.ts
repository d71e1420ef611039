// What is of no use any more once nobody can ask for a revision before a given one: versions that were replaced before
// it, and deletions. What that revision itself did stays, so that a watch can begin there. Pure.

import { FIRST_REVISION, type History, type Version } from "./history.js";

export type Compaction = {
  readonly revision: number;
  /** Of each key its oldest versions, oldest first. */
  readonly dropped: readonly Version[];
  /** Revisions that lose something, and what they keep. */
  readonly left: ReadonlyMap<number, readonly Version[]>;
};

/** Nothing is changed yet. Writing at the head meanwhile makes it no less true. */
export function planCompaction(history: History, revision: number): Compaction {
  const dropped = new Set<Version>();
  for (const key of touchedKeys(history, revision)) {
    for (const version of replaced(history.versionsOf(key), revision)) dropped.add(version);
  }
  const left = new Map<number, readonly Version[]>();
  for (const { revision: one } of dropped) {
    if (left.has(one)) continue;
    const kept = history.changesOf(one).filter((version) => !dropped.has(version));
    left.set(one, kept);
  }
  return { revision, dropped: [...dropped], left };
}

/** How many versions stay at or below that revision without the dropped ones. */
export function countKept(history: History, revision: number, dropped: readonly Version[] = []): number {
  let count = -dropped.length;
  for (const one of history.revisions()) if (one <= revision) count += history.changesOf(one).length;
  return count;
}

/** Only a key that was written since the last compaction can have more to lose; its revision itself kept deletions. */
function touchedKeys(history: History, revision: number): Set<string> {
  const keys = new Set<string>();
  for (let one = Math.max(FIRST_REVISION, history.compacted); one <= revision; one++) {
    for (const { key } of history.changesOf(one)) keys.add(key);
  }
  return keys;
}

function replaced(versions: readonly Version[], revision: number): readonly Version[] {
  const after = versions.findIndex((version) => version.revision > revision);
  const old = after < 0 ? versions : versions.slice(0, after);
  const last = old.at(-1);
  return old.filter((one) => one.revision < revision && (one !== last || one.deleted));
}
