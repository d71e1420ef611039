// What the commands sent so far must have left behind: revisions, keys, leases and the events a watch has to see. Fed
// with the requests and with etcd's answers; held to etcd's revision after every change.

import type { RequestOp, ResponseOp, TxnRequest, TxnResponse } from "../../../src/embedded/gen/etcd.js";

export type PastEvent = { readonly revision: bigint; readonly type: "put" | "delete"; readonly key: Buffer };
export type Range = { readonly key: Buffer; readonly rangeEnd: Buffer };

const NO_LEASE = 0n;

export class World {
  revision = 1n;
  compacted = 0n;
  readonly history: PastEvent[] = [];
  /** Granted by a command and not yet over, and since when at the latest each runs: a restart begins its time anew. */
  readonly #leases = new Map<bigint, number>();
  /** By key in hex, so that the order is that of bytes. */
  readonly #lives = new Map<string, bigint>();

  get keys(): readonly Buffer[] {
    return [...this.#lives.keys()].map((hex) => Buffer.from(hex, "hex"));
  }

  get leases(): readonly bigint[] {
    return [...this.#leases.keys()];
  }

  /** Granted or kept alive just now. */
  beginLease(id: bigint): void {
    this.#leases.set(id, performance.now());
  }

  /** Seconds that it may have run by now. */
  ageOfLease(id: bigint): bigint {
    const since = this.#leases.get(id);
    return since === undefined ? 0n : BigInt(Math.ceil((performance.now() - since) / 1000));
  }

  /** Runs the changes of one request as one revision; none if nothing changed. */
  change(changes: (world: this) => void): void {
    const before = this.history.length;
    this.revision += 1n;
    changes(this);
    if (this.history.length === before) this.revision -= 1n;
  }

  put(key: Buffer, lease: bigint | "kept"): void {
    const hex = key.toString("hex");
    this.#lives.set(hex, lease === "kept" ? (this.#lives.get(hex) ?? NO_LEASE) : lease);
    this.history.push({ revision: this.revision, type: "put", key });
  }

  delete(range: Range): void {
    this.#deleteWhere((key) => isIn(range, key));
  }

  /** Etcd deletes the keys of a lease in their order. */
  endLease(id: bigint): void {
    this.#leases.delete(id);
    this.#deleteWhere((_, lease) => lease === id);
  }

  txn(request: TxnRequest, response: TxnResponse): void {
    const branch = response.succeeded ? request.success : request.failure;
    for (const [at, { request: op }] of branch.entries()) this.#op(op, response.responses[at]?.response);
  }

  hasDeletedAt(revision: bigint): boolean {
    return this.history.some((event) => event.revision === revision && event.type === "delete");
  }

  #op(request: RequestOp["request"], response: ResponseOp["response"]): void {
    if (request?.$case === "requestPut") {
      this.put(request.value.key, request.value.ignoreLease ? "kept" : request.value.lease);
    }
    if (request?.$case === "requestDeleteRange") this.delete(request.value);
    if (request?.$case === "requestTxn" && response?.$case === "responseTxn") this.txn(request.value, response.value);
  }

  #deleteWhere(isMeant: (key: Buffer, lease: bigint) => boolean): void {
    for (const hex of [...this.#lives.keys()].sort()) {
      const key = Buffer.from(hex, "hex");
      if (!isMeant(key, this.#lives.get(hex) ?? NO_LEASE)) continue;
      this.#lives.delete(hex);
      this.history.push({ revision: this.revision, type: "delete", key });
    }
  }
}

/** As etcd reads a range: no end is one key, a zero byte is no bound. */
export function isIn({ key, rangeEnd }: Range, candidate: Buffer): boolean {
  if (rangeEnd.length === 0) return candidate.equals(key);
  if (candidate.compare(key) < 0) return false;
  return rangeEnd.equals(Buffer.from([0])) || candidate.compare(rangeEnd) < 0;
}
