// Reads of many keys: page by page at one revision, and several at once at one revision.

import { TheseusError } from "../model/errors.js";
import type { EtcdWire, KeyRange, KeyValue, Op, RangeRequest, RangeResult } from "../model/ports.js";
import { DIVIDE_IT, MAX_OPERATIONS } from "./transaction.js";

const PAGE = 2000;

export type ReadAll = { readonly kvs: readonly KeyValue[]; readonly revision: bigint };

/** Every key of the range at one revision, the present one if none is named. PAGE_TOKEN_EXPIRED when it is compacted. */
export async function rangeAll(
  wire: EtcdWire,
  range: KeyRange,
  how: { readonly revision?: bigint; readonly keysOnly?: boolean } = {},
): Promise<ReadAll> {
  const first = await wire.range({ ...range, ...how, limit: PAGE });
  const kvs = [...first.kvs];
  const revision = how.revision ?? first.revision;
  for (let page: RangeResult = first; page.more; ) {
    const key = `${page.kvs.at(-1)?.key ?? range.key}\0`;
    page = await wire.range({ ...range, key, revision, limit: PAGE, keysOnly: how.keysOnly ?? false });
    kvs.push(...page.kvs);
  }
  return { kvs, revision };
}

/** Several ranges in one transaction, hence at one revision; results in the order of the ranges. */
export async function readTogether(
  wire: EtcdWire,
  ranges: readonly RangeRequest[],
): Promise<{ readonly found: readonly (readonly KeyValue[])[]; readonly revision: bigint }> {
  if (ranges.length > MAX_OPERATIONS) {
    throw new TheseusError("INVALID_REQUEST", {
      what: "this is more than the store takes in one transaction",
      why: [`it reads ${ranges.length} keys at once; etcd takes ${MAX_OPERATIONS}`],
      now: "nothing was changed",
      next: [DIVIDE_IT],
    });
  }
  const ops = ranges.map((range): Op => ({ op: "range", ...range }));
  const { results, revision } = await wire.txn([], ops);
  return { found: results.map((result) => (result.op === "range" ? result.kvs : [])), revision };
}

/** Single keys at one revision. */
export async function readKeys(
  wire: EtcdWire,
  keys: readonly string[],
): Promise<{ readonly values: ReadonlyMap<string, KeyValue>; readonly revision: bigint }> {
  const { found, revision } = await readTogether(
    wire,
    keys.map((key) => ({ key })),
  );
  return { values: new Map(found.flat().map((kv) => [kv.key, kv])), revision };
}
