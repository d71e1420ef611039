// The compares of a transaction, as etcd does them: a range holds when each of its keys does, an empty one is taken for
// one key with nothing but zeros. Pure.

import { type Compare, Compare_CompareResult as Result, Compare_CompareTarget as Target } from "./gen/etcd.js";
import { type History, NO_BYTES, tombstone, type Version } from "./history.js";
import { spanOf } from "./span.js";

type Compared = Pick<Version, "kv">;

const NOTHING: Compared = { kv: tombstone(NO_BYTES, 0) };

export function compareAll(history: History, compares: readonly Compare[], revision: number): boolean {
  return compares.every((compare) => holds(history, compare, revision));
}

function holds(history: History, compare: Compare, revision: number): boolean {
  const { versions } = history.find(spanOf(compare.key, compare.rangeEnd), revision);
  if (versions.length > 0) return versions.every((version) => isAsCompared(compare, version));
  // etcd cannot tell an absent value from an empty one, and compares neither.
  return compare.target !== Target.VALUE && isAsCompared(compare, NOTHING);
}

function isAsCompared(compare: Compare, { kv }: Compared): boolean {
  const union = compare.targetUnion;
  switch (compare.target) {
    case Target.VERSION:
      return agrees(compare.result, sign(kv.version, union?.$case === "version" ? union.value : 0n));
    case Target.CREATE:
      return agrees(compare.result, sign(kv.createRevision, union?.$case === "createRevision" ? union.value : 0n));
    case Target.MOD:
      return agrees(compare.result, sign(kv.modRevision, union?.$case === "modRevision" ? union.value : 0n));
    case Target.LEASE:
      return agrees(compare.result, sign(kv.lease, union?.$case === "lease" ? union.value : 0n));
    case Target.VALUE:
      return agrees(compare.result, Buffer.compare(kv.value, union?.$case === "value" ? union.value : NO_BYTES));
    case Target.UNRECOGNIZED:
      return agrees(compare.result, 0);
  }
}

const sign = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** @param order of what is stored against what was named. */
function agrees(result: Result, order: number): boolean {
  switch (result) {
    case Result.EQUAL:
      return order === 0;
    case Result.NOT_EQUAL:
      return order !== 0;
    case Result.GREATER:
      return order > 0;
    case Result.LESS:
      return order < 0;
    case Result.UNRECOGNIZED:
      return true;
  }
}
