// etcd's messages as they come over the wire, to and from the words of ports.ts. Plain values; etcd3 itself is
// known to wire.ts alone.

import type {
  Compare,
  KeyRange,
  KeyValue,
  Op,
  OpResult,
  RangeRequest,
  RangeResult,
  WatchMessage,
} from "../model/ports.js";

export type RawKeyValue = {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly create_revision: string;
  readonly mod_revision: string;
  readonly version: string;
  readonly lease: string;
};
export type RawHeader = { readonly revision: string };
export type RawRange = {
  readonly header: RawHeader | null;
  readonly kvs: readonly RawKeyValue[];
  readonly more: boolean;
};
/** Exactly one of these is set; the others are null or absent. */
export type RawOpResult = {
  readonly response_range?: RawRange | null;
  readonly response_put?: object | null;
  readonly response_delete_range?: { readonly deleted: string } | null;
};
export type RawWatch = {
  readonly header: RawHeader | null;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compact_revision: string;
  readonly cancel_reason: string;
  readonly fragment: boolean;
  readonly events: readonly { readonly type: string; readonly kv: RawKeyValue; readonly prev_kv: RawKeyValue | null }[];
};

export function rawKeys(range: KeyRange): { key: Buffer; range_end?: Buffer } {
  const key = Buffer.from(range.key);
  return range.end === undefined ? { key } : { key, range_end: Buffer.from(range.end) };
}

export function rawRangeRequest(request: RangeRequest): {
  key: Buffer;
  range_end?: Buffer;
  revision: string;
  limit: number;
  keys_only: boolean;
} {
  return {
    ...rawKeys(request),
    revision: String(request.revision ?? 0n),
    limit: request.limit ?? 0,
    keys_only: request.keysOnly ?? false,
  };
}

const TARGETS = { version: "Version", create: "Create", mod: "Mod", lease: "Lease" } as const;
const RESULTS = { "=": "Equal", "!=": "NotEqual", "<": "Less", ">": "Greater" } as const;

export function rawCompare(compare: Compare) {
  const value = String(compare.value);
  const facts = { ...rawKeys(compare), target: TARGETS[compare.target], result: RESULTS[compare.op] };
  switch (compare.target) {
    case "version":
      return { ...facts, version: value };
    case "create":
      return { ...facts, create_revision: value };
    case "mod":
      return { ...facts, mod_revision: value };
    case "lease":
      return { ...facts, lease: value };
  }
}

export function rawOp(op: Op) {
  switch (op.op) {
    case "put":
      return {
        request_put: { key: Buffer.from(op.key), value: Buffer.from(op.value), lease: String(op.lease ?? 0n) },
      };
    case "delete":
      return { request_delete_range: rawKeys(op) };
    case "range":
      return { request_range: rawRangeRequest(op) };
  }
}

/** Called for each key of each listing: a number is made once where two are the same, as they mostly are. */
function keyValue(raw: RawKeyValue): KeyValue {
  const modRevision = BigInt(raw.mod_revision);
  return {
    key: raw.key.toString(),
    value: raw.value.toString(),
    createRevision: raw.create_revision === raw.mod_revision ? modRevision : BigInt(raw.create_revision),
    modRevision,
    version: raw.version === "1" ? 1n : BigInt(raw.version),
    lease: raw.lease === "0" ? 0n : BigInt(raw.lease),
  };
}

/** A range inside a transaction brings no header of its own: it is at the revision of the transaction. */
export function rangeResult(raw: RawRange, revision: bigint): RangeResult {
  return { kvs: raw.kvs.map(keyValue), more: raw.more, revision };
}

export const revisionOf = (header: RawHeader | null): bigint => BigInt(header?.revision ?? 0);

export function opResult(raw: RawOpResult, revision: bigint): OpResult {
  if (raw.response_range) return { op: "range", ...rangeResult(raw.response_range, revision) };
  if (raw.response_delete_range) return { op: "delete", deleted: Number(raw.response_delete_range.deleted) };
  return { op: "put" };
}

export function watchMessage(raw: RawWatch): WatchMessage {
  return {
    created: raw.created,
    canceled: raw.canceled,
    compactRevision: BigInt(raw.compact_revision),
    cancelReason: raw.cancel_reason,
    fragment: raw.fragment,
    headerRevision: revisionOf(raw.header),
    events: raw.events.map((event) => ({
      type: event.type.toLowerCase() === "delete" ? "delete" : "put",
      kv: keyValue(event.kv),
      ...(event.prev_kv ? { previous: keyValue(event.prev_kv) } : {}),
    })),
  };
}
