// How much the store keeps: above its quota it takes nothing that adds to it, until a compaction has made room again.
// Costs are counted as etcd counts them. Pure.

import type { RequestOp, TxnRequest } from "./gen/etcd.js";
import type { History } from "./history.js";
import { refusal } from "./refusals.js";

export const DEFAULT_QUOTA = 256 * 1024 * 1024;

const PUT_OVERHEAD = 256;
export const LEASE_COST = PUT_OVERHEAD + 64;
/**
 * Only a leader compacts, and leads by a key under a lease: were these refused too, a full store whose leader is gone
 * would stay full for ever. So beyond the quota there is room for leases and for small writes that end with them.
 */
const RESERVE = 1024 * 1024;
const SMALL = 16 * 1024;
/** So much of it has to be free before writes are taken again. */
const FREE_AGAIN = 0.1;

export class Quota {
  readonly #bytes: number;
  readonly #history: History;
  #isFull = false;

  constructor(bytes: number, history: History) {
    this.#bytes = bytes;
    this.#history = history;
  }

  /** A write was refused, and nothing has made room since. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * Refuses what is too much, and from then on everything that costs something.
   * @param isLeased it ends with a lease, so that it may use the reserve.
   */
  check(cost: number, isLeased: boolean): void {
    if (cost === 0) return;
    if (isLeased && cost <= SMALL && this.#history.bytes + cost <= this.#bytes + RESERVE) return;
    if (this.#history.bytes + cost > this.#bytes) this.#isFull = true;
    if (this.#isFull) throw refusal("noSpace");
  }

  /** After a compaction. */
  lookAgain(): void {
    if (this.#history.bytes <= (1 - FREE_AGAIN) * this.#bytes) this.#isFull = false;
  }
}

export const costOfPut = ({ key, value }: { readonly key: Buffer; readonly value: Buffer }): number =>
  PUT_OVERHEAD + key.length + value.length;

/** Of the dearer branch. */
export function costOfTxn({ success, failure }: TxnRequest): number {
  return Math.max(costOfAll(success), costOfAll(failure));
}

/** Everything that either branch puts, however deep, hangs on a lease. */
export function isLeasedTxn({ success, failure }: TxnRequest): boolean {
  return [...success, ...failure].every(({ request }) => {
    if (request?.$case === "requestPut") return isLeasedPut(request.value);
    return request?.$case !== "requestTxn" || isLeasedTxn(request.value);
  });
}

export const isLeasedPut = ({ lease }: { readonly lease: bigint }): boolean => lease !== 0n;

function costOfAll(operations: readonly RequestOp[]): number {
  let cost = 0;
  for (const { request } of operations) {
    if (request?.$case === "requestPut") cost += costOfPut(request.value);
    if (request?.$case === "requestTxn") cost += costOfTxn(request.value);
  }
  return cost;
}
