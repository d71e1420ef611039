// etcd's Range: which keys at which revision, filtered, sorted and cut in etcd's order of doing so. Pure.

import {
  type KeyValue,
  RangeRequest_SortOrder as Order,
  type RangeRequest,
  RangeRequest_SortTarget as Target,
} from "./gen/etcd.js";
import { type History, NO_BYTES } from "./history.js";
import { refusal } from "./refusals.js";
import { spanOf } from "./span.js";

/** What is answered besides the header. */
export type Ranged = { readonly kvs: KeyValue[]; readonly more: boolean; readonly count: bigint };

/** @param now the newest revision that may be seen. Refuses a future and a compacted revision. */
export function readRange(history: History, request: RangeRequest, now: number): Ranged {
  const revision = revisionAsked(history, Number(request.revision), now);
  const span = spanOf(request.key, request.rangeEnd);
  const limit = request.limit > 0n ? Number(request.limit) : Number.POSITIVE_INFINITY;
  if (request.countOnly) return { kvs: [], more: false, count: BigInt(history.find(span, revision, 0).count) };
  // etcd sorts by another target than the key only what it has read, and reads one more than the limit.
  const readsAll = request.sortOrder !== Order.NONE || isFiltered(request);
  const { versions, count } = history.find(span, revision, readsAll ? undefined : limit + 1);
  let kvs = versions.map((version) => version.kv);
  if (isFiltered(request)) kvs = kvs.filter((kv) => passes(request, kv));
  sort(kvs, request);
  const more = kvs.length > limit;
  if (more) kvs.length = limit;
  if (request.keysOnly) kvs = kvs.map((kv) => ({ ...kv, value: NO_BYTES }));
  return { kvs, more, count: BigInt(count) };
}

function revisionAsked(history: History, revision: number, now: number): number {
  if (revision > now) throw refusal("futureRevision");
  const asked = revision > 0 ? revision : now;
  if (asked < history.compacted) throw refusal("compacted");
  return asked;
}

const isFiltered = (request: RangeRequest): boolean =>
  request.maxModRevision !== 0n ||
  request.minModRevision !== 0n ||
  request.maxCreateRevision !== 0n ||
  request.minCreateRevision !== 0n;

function passes(request: RangeRequest, kv: KeyValue): boolean {
  return (
    isWithin(kv.modRevision, request.minModRevision, request.maxModRevision) &&
    isWithin(kv.createRevision, request.minCreateRevision, request.maxCreateRevision)
  );
}

/** 0: no bound. */
const isWithin = (revision: bigint, least: bigint, most: bigint): boolean =>
  (least === 0n || revision >= least) && (most === 0n || revision <= most);

type Comparison = (a: KeyValue, b: KeyValue) => number;

const byNumber =
  (of: (kv: KeyValue) => bigint): Comparison =>
  (a, b) => {
    const [x, y] = [of(a), of(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };

const COMPARISONS: Partial<Record<Target, Comparison>> = {
  [Target.VERSION]: byNumber((kv) => kv.version),
  [Target.CREATE]: byNumber((kv) => kv.createRevision),
  [Target.MOD]: byNumber((kv) => kv.modRevision),
  [Target.VALUE]: (a, b) => Buffer.compare(a.value, b.value),
};

/** They come in the order of keys. Another target without an order means ascending. */
function sort(kvs: KeyValue[], { sortOrder, sortTarget }: RangeRequest): void {
  const comparison = COMPARISONS[sortTarget];
  if (comparison === undefined) {
    if (sortOrder === Order.DESCEND) kvs.reverse();
    return;
  }
  if (sortOrder === Order.DESCEND) kvs.sort((a, b) => comparison(b, a));
  else kvs.sort(comparison);
}
