// What is taken out of a made-up transaction before it is sent: what would end etcd itself, and, of most, what would only
// be refused.

import type { RequestOp, TxnRequest } from "../../../src/embedded/gen/etcd.js";
import { isIn, type Range } from "./world.js";

/**
 * Left out: putting a key without its value or lease when the same transaction may delete it before. It ends etcd 3.4.23
 * ("unexpected error during txn"): the key is looked for before anything is deleted.
 */
export function survivable(request: TxnRequest): TxnRequest {
  const ops = allOps(request);
  if (!ops.some(({ request: op }) => op?.$case === "requestDeleteRange")) return request;
  for (const { request: op } of ops) {
    if (op?.$case !== "requestPut") continue;
    op.value.ignoreValue = false;
    op.value.ignoreLease = false;
  }
  return request;
}

function allOps({ success, failure }: TxnRequest): RequestOp[] {
  return [...success, ...failure].flatMap((op) =>
    op.request?.$case === "requestTxn" ? allOps(op.request.value) : [op],
  );
}

/** What one branch, with those around it, writes so far. */
type Written = { readonly puts: Buffer[]; readonly deletes: Range[] };

/** Without keys that are written twice, which etcd refuses. */
export function withoutDuplicates(request: TxnRequest, around: Written = { puts: [], deletes: [] }): TxnRequest {
  const branches = [request.success, request.failure].map((ops) => {
    const written: Written = { puts: [...around.puts], deletes: [...around.deletes] };
    return { ops: ops.flatMap((op) => withoutDuplicate(op, written)), written };
  });
  for (const { written } of branches) {
    around.puts.push(...written.puts);
    around.deletes.push(...written.deletes);
  }
  return { ...request, success: branches[0]?.ops ?? [], failure: branches[1]?.ops ?? [] };
}

function withoutDuplicate(op: RequestOp, written: Written): RequestOp[] {
  const { request } = op;
  if (request?.$case === "requestPut") {
    const { key } = request.value;
    if (written.puts.some((put) => put.equals(key)) || written.deletes.some((range) => isIn(range, key))) return [];
    written.puts.push(key);
  }
  if (request?.$case === "requestDeleteRange") {
    if (written.puts.some((put) => isIn(request.value, put))) return [];
    written.deletes.push(request.value);
  }
  if (request?.$case !== "requestTxn") return [op];
  return [{ request: { $case: "requestTxn", value: withoutDuplicates(request.value, written) } }];
}
