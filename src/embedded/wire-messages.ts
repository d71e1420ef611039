// The words of ports.ts to and from etcd's messages. Texts are UTF-8. Pure.

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
import {
  RangeRequest_SortOrder as Order,
  type Compare as RawCompare,
  type KeyValue as RawKeyValue,
  type RangeResponse as RawRange,
  type RangeRequest as RawRangeRequest,
  type RequestOp,
  type ResponseHeader,
  type ResponseOp,
  Compare_CompareResult as Result,
  RangeRequest_SortTarget as SortTarget,
  Compare_CompareTarget as Target,
  Event_EventType as Type,
  type WatchResponse,
} from "./gen/etcd.js";
import { NO_BYTES } from "./history.js";

export function rawKeys({ key, end }: KeyRange): { readonly key: Buffer; readonly rangeEnd: Buffer } {
  return { key: Buffer.from(key), rangeEnd: end === undefined ? NO_BYTES : Buffer.from(end) };
}

// Written out: spreading one object into another takes many times as long, and every call passes here.
export function rawRange({ key, end, revision, limit, keysOnly }: RangeRequest): RawRangeRequest {
  return {
    key: Buffer.from(key),
    rangeEnd: end === undefined ? NO_BYTES : Buffer.from(end),
    limit: BigInt(limit ?? 0),
    revision: revision ?? 0n,
    sortOrder: Order.NONE,
    sortTarget: SortTarget.KEY,
    serializable: false,
    keysOnly: keysOnly ?? false,
    countOnly: false,
    minModRevision: 0n,
    maxModRevision: 0n,
    minCreateRevision: 0n,
    maxCreateRevision: 0n,
  };
}

const RESULTS = { "=": Result.EQUAL, "!=": Result.NOT_EQUAL, "<": Result.LESS, ">": Result.GREATER } as const;

export function rawCompare(compare: Compare): RawCompare {
  const { key, rangeEnd } = rawKeys(compare);
  const { target, targetUnion } = rawTarget(compare);
  return { result: RESULTS[compare.op], target, key, targetUnion, rangeEnd };
}

function rawTarget({ target, value }: Compare): Pick<RawCompare, "target" | "targetUnion"> {
  switch (target) {
    case "version":
      return { target: Target.VERSION, targetUnion: { $case: "version", value } };
    case "create":
      return { target: Target.CREATE, targetUnion: { $case: "createRevision", value } };
    case "mod":
      return { target: Target.MOD, targetUnion: { $case: "modRevision", value } };
    case "lease":
      return { target: Target.LEASE, targetUnion: { $case: "lease", value } };
  }
}

export function rawOp(op: Op): RequestOp {
  switch (op.op) {
    case "put": {
      const [key, value, lease] = [Buffer.from(op.key), Buffer.from(op.value), op.lease ?? 0n];
      const put = { key, value, lease, prevKv: false, ignoreValue: false, ignoreLease: false };
      return { request: { $case: "requestPut", value: put } };
    }
    case "delete": {
      const { key, rangeEnd } = rawKeys(op);
      return { request: { $case: "requestDeleteRange", value: { key, rangeEnd, prevKv: false } } };
    }
    case "range":
      return { request: { $case: "requestRange", value: rawRange(op) } };
  }
}

export function keyValue(raw: RawKeyValue): KeyValue {
  return {
    key: raw.key.toString(),
    value: raw.value.toString(),
    createRevision: raw.createRevision,
    modRevision: raw.modRevision,
    version: raw.version,
    lease: raw.lease,
  };
}

export const revisionOf = (header: ResponseHeader | undefined): bigint => header?.revision ?? 0n;

/** A range inside a transaction is at the revision of the transaction. */
export function rangeResult({ kvs, more }: RawRange, revision: bigint): RangeResult {
  return { kvs: kvs.map(keyValue), more, revision };
}

export function opResult({ response }: ResponseOp, revision: bigint): OpResult {
  switch (response?.$case) {
    case "responseRange":
      return { op: "range", ...rangeResult(response.value, revision) };
    case "responseDeleteRange":
      return { op: "delete", deleted: Number(response.value.deleted) };
    case "responsePut":
    case "responseTxn":
    case undefined:
      return { op: "put" };
  }
}

export function watchMessage(raw: WatchResponse): WatchMessage {
  return {
    created: raw.created,
    canceled: raw.canceled,
    compactRevision: raw.compactRevision,
    cancelReason: raw.cancelReason,
    fragment: raw.fragment,
    headerRevision: revisionOf(raw.header),
    events: raw.events.flatMap(({ type, kv, prevKv }) => {
      if (kv === undefined) return [];
      const previous = prevKv === undefined ? {} : { previous: keyValue(prevKv) };
      return [{ type: type === Type.DELETE ? "delete" : "put", kv: keyValue(kv), ...previous } as const];
    }),
  };
}
