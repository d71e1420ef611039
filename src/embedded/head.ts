// Writes carried out in memory at the head, at once and in order: etcd's Put, DeleteRange and Txn with the leases that
// keys hang on. Whether they are on the disk is the journal's business.

import type { Clock } from "../model/ports.js";
import { compareAll } from "./compare.js";
import type {
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseHeader,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from "./gen/etcd.js";
import type { History, Version } from "./history.js";
import type { Lease, Leases } from "./leases.js";
import { readRange } from "./range.js";
import { refusal } from "./refusals.js";
import { spanOf, textOfKey } from "./span.js";

/** A transaction with the branch that was chosen, before anything is written: nested compares see no write of it. */
type Chosen = { readonly succeeded: boolean; readonly operations: readonly RequestOp[]; readonly nested: Chosen[] };

export class Head {
  readonly #history: History;
  readonly #leases: Leases;
  readonly #clock: Clock;

  constructor(history: History, leases: Leases, clock: Clock) {
    this.#history = history;
    this.#leases = leases;
    this.#clock = clock;
  }

  /** Answers of this class have of the header only the revision. */
  put(request: PutRequest): PutResponse {
    this.#checkLease(request);
    this.#checkPrevious(request);
    return this.#put(request);
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse {
    const span = spanOf(request.key, request.rangeEnd);
    const { versions } = this.#history.find(span, this.#history.draftRevision);
    for (const version of versions) this.#delete(version);
    return {
      header: headerAt(this.#history.draftRevision),
      deleted: BigInt(versions.length),
      prevKvs: request.prevKv ? versions.map(({ kv }) => kv) : [],
    };
  }

  /** Nothing is written when any operation of the chosen branches has to be refused. */
  txn(request: TxnRequest): TxnResponse {
    const chosen = this.#choose(request);
    this.#checkPuts(chosen);
    this.#checkRanges(chosen, this.#history.head);
    return { ...this.#run(chosen), header: headerAt(this.#history.draftRevision) };
  }

  /** A transaction that can only read, at an older revision than the head perhaps. */
  readTxn(request: TxnRequest, revision: number): TxnResponse {
    const chosen = this.#choose(request, revision);
    this.#checkRanges(chosen, revision);
    const responses = chosen.operations.map(({ request: op }): ResponseOp => {
      if (op?.$case !== "requestRange") throw new Error("the transaction writes");
      return { response: { $case: "responseRange", value: this.#range(op.value, revision) } };
    });
    return { header: headerAt(revision), succeeded: chosen.succeeded, responses };
  }

  /** Takes the lease and deletes what hangs on it, also when its time is up. Undefined: there is no such lease. */
  revoke(id: bigint): Lease | undefined {
    const lease = this.#leases.remove(id);
    for (const key of [...(lease?.keys ?? [])].sort()) {
      const version = this.#history.at(key, this.#history.head);
      if (version !== undefined) this.#history.delete(version);
    }
    return lease;
  }

  #choose(request: TxnRequest, revision = this.#history.head): Chosen {
    const succeeded = compareAll(this.#history, request.compare, revision);
    const operations = succeeded ? request.success : request.failure;
    const nested = operations.flatMap(({ request: op }) =>
      op?.$case === "requestTxn" ? [this.#choose(op.value, revision)] : [],
    );
    return { succeeded, operations, nested };
  }

  #checkPuts({ operations, nested }: Chosen): void {
    const inner = nested.values();
    for (const { request } of operations) {
      if (request?.$case === "requestTxn") this.#checkPuts(inner.next().value as Chosen);
      if (request?.$case !== "requestPut") continue;
      this.#checkPrevious(request.value);
      this.#checkLease(request.value);
    }
  }

  #checkRanges({ operations, nested }: Chosen, now: number): void {
    const inner = nested.values();
    for (const { request } of operations) {
      if (request?.$case === "requestTxn") this.#checkRanges(inner.next().value as Chosen, now);
      if (request?.$case !== "requestRange" || request.value.revision === 0n) continue;
      if (request.value.revision > now) throw refusal("futureRevision");
      if (request.value.revision < this.#history.compacted) throw refusal("compacted");
    }
  }

  #run({ succeeded, operations, nested }: Chosen): Omit<TxnResponse, "header"> {
    const inner = nested.values();
    const responses = operations.map((operation) => this.#runOne(operation, inner));
    return { succeeded, responses };
  }

  #runOne({ request }: RequestOp, nested: Iterator<Chosen>): ResponseOp {
    switch (request?.$case) {
      case "requestRange":
        return {
          response: { $case: "responseRange", value: this.#range(request.value, this.#history.draftRevision) },
        };
      case "requestPut":
        return { response: { $case: "responsePut", value: this.#put(request.value) } };
      case "requestDeleteRange":
        return { response: { $case: "responseDeleteRange", value: this.deleteRange(request.value) } };
      case "requestTxn":
        return {
          response: { $case: "responseTxn", value: { ...this.#run(nested.next().value), header: headerAt(0) } },
        };
      case undefined:
        throw refusal("keyNotFound");
    }
  }

  #range(request: RangeRequest, now: number): RangeResponse {
    const { kvs, more, count } = readRange(this.#history, request, now);
    return { header: headerAt(now), kvs, more, count };
  }

  #put(request: PutRequest): PutResponse {
    const key = textOfKey(request.key);
    const before = this.#history.at(key, this.#history.draftRevision)?.kv;
    // Deleted by this same transaction; etcd 3.4.23 does not survive it.
    if (before === undefined && (request.ignoreValue || request.ignoreLease)) throw refusal("keyNotFound");
    const value = request.ignoreValue ? (before?.value ?? request.value) : request.value;
    const lease = request.ignoreLease ? (before?.lease ?? 0n) : request.lease;
    const { revision } = this.#history.put(request.key, value, lease);
    if (before !== undefined && before.lease !== 0n) this.#leases.detach(before.lease, key);
    if (lease !== 0n) this.#leases.attach(lease, key);
    return { header: headerAt(revision), prevKv: request.prevKv ? before : undefined };
  }

  #delete(version: Version): void {
    this.#history.delete(version);
    if (version.kv.lease !== 0n) this.#leases.detach(version.kv.lease, version.key);
  }

  #checkLease({ lease }: PutRequest): void {
    if (lease === 0n) return;
    if (this.#leases.find(lease, this.#clock.monotonic()) === undefined) throw refusal("leaseNotFound");
  }

  #checkPrevious({ key, ignoreValue, ignoreLease }: PutRequest): void {
    if (!ignoreValue && !ignoreLease) return;
    if (this.#history.at(textOfKey(key), this.#history.head) === undefined) throw refusal("keyNotFound");
  }
}

const headerAt = (revision: number): ResponseHeader => ({
  clusterId: 0n,
  memberId: 0n,
  revision: BigInt(revision),
  raftTerm: 0n,
});
