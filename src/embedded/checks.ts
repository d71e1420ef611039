// What etcd refuses by looking at the request alone. Pure.

import type { PutRequest, RequestOp, TxnRequest } from "./gen/etcd.js";
import { refusal } from "./refusals.js";
import { textOfKey } from "./span.js";

const MOST_OPERATIONS = 128;
const LARGEST_REQUEST = 1.5 * 1024 * 1024;
/** What etcd adds to a request before it weighs it. */
const ENVELOPE = 18;

/** Fails like etcd, in the order that etcd looks. */
export function checkPut(request: PutRequest): void {
  if (request.key.length === 0) throw refusal("emptyKey");
  if (request.ignoreValue && request.value.length > 0) throw refusal("valueProvided");
  if (request.ignoreLease && request.lease !== 0n) throw refusal("leaseProvided");
}

export function checkKey({ key }: { readonly key: Buffer }): void {
  if (key.length === 0) throw refusal("emptyKey");
}

export function checkTxn(request: TxnRequest): void {
  checkOperations(request, MOST_OPERATIONS);
  checkIntervals(request.success);
  checkIntervals(request.failure);
}

/** Goes by the size of what etcd would write to its log. Encodes only what may be too large. */
export function checkSize(size: number, encode: () => { finish(): Uint8Array }): void {
  if (size < LARGEST_REQUEST / 2) return;
  if (encode().finish().length + ENVELOPE > LARGEST_REQUEST) throw refusal("tooLarge");
}

/** The bytes of all keys and values; at most half of what is sent for operations that are small. */
export function sizeOfTxn({ compare, success, failure }: TxnRequest): number {
  let size = 0;
  for (const { key, rangeEnd, targetUnion } of compare) {
    size += key.length + rangeEnd.length + (targetUnion?.$case === "value" ? targetUnion.value.length : 0);
  }
  for (const op of success) size += sizeOfOperation(op);
  for (const op of failure) size += sizeOfOperation(op);
  return size;
}

function sizeOfOperation({ request }: RequestOp): number {
  switch (request?.$case) {
    case "requestPut":
      return request.value.key.length + request.value.value.length;
    case "requestRange":
    case "requestDeleteRange":
      return request.value.key.length + request.value.rangeEnd.length;
    case "requestTxn":
      return sizeOfTxn(request.value);
    case undefined:
      return 0;
  }
}

/** Nested transactions have what the ones around them leave. */
function checkOperations({ compare, success, failure }: TxnRequest, most: number): void {
  const count = Math.max(compare.length, success.length, failure.length);
  if (count > most) throw refusal("tooManyOperations");
  for (const one of compare) checkKey(one);
  for (const op of success) checkOperation(op, most - count);
  for (const op of failure) checkOperation(op, most - count);
}

function checkOperation({ request }: RequestOp, most: number): void {
  switch (request?.$case) {
    case "requestRange":
    case "requestDeleteRange":
      checkKey(request.value);
      break;
    case "requestPut":
      checkPut(request.value);
      break;
    case "requestTxn":
      checkOperations(request.value, most);
      break;
    case undefined:
      throw refusal("keyNotFound");
  }
}

type Touched = { readonly puts: Set<string>; readonly deletes: Deletion[] };
type Deletion = { readonly first: string; readonly end: string | undefined };

/** No key may be put twice, or put and deleted, whichever branches are taken. */
function checkIntervals(operations: readonly RequestOp[]): Touched {
  const touched: Touched = { puts: new Set(), deletes: deletionsOf(operations) };
  for (const { request } of operations) if (request?.$case === "requestTxn") addNested(request.value, touched);
  for (const { request } of operations) {
    if (request?.$case === "requestPut") addPut(textOfKey(request.value.key), touched);
  }
  return touched;
}

function addNested(txn: TxnRequest, touched: Touched): void {
  const success = checkIntervals(txn.success);
  const failure = checkIntervals(txn.failure);
  for (const key of success.puts) addPut(key, touched);
  // Only one of the two branches is taken.
  for (const key of failure.puts) if (!success.puts.has(key)) addPut(key, touched);
  touched.deletes.push(...success.deletes, ...failure.deletes);
}

function addPut(key: string, { puts, deletes }: Touched): void {
  const isDeleted = deletes.some(({ first, end }) => key >= first && (end === undefined || key < end));
  if (puts.has(key) || isDeleted) throw refusal("duplicateKey");
  puts.add(key);
}

/** As in etcd, a range end of one byte 0 is here no end but the key of that name, which nothing is before. */
function deletionsOf(operations: readonly RequestOp[]): Deletion[] {
  return operations.flatMap(({ request }) => {
    if (request?.$case !== "requestDeleteRange") return [];
    const first = textOfKey(request.value.key);
    const { rangeEnd } = request.value;
    return [{ first, end: rangeEnd.length === 0 ? `${first}\0` : textOfKey(rangeEnd) }];
  });
}

export const isReadOnly = ({ success, failure }: TxnRequest): boolean =>
  success.every(isRange) && failure.every(isRange);

const isRange = ({ request }: RequestOp): boolean => request?.$case === "requestRange";
