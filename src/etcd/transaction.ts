// One transaction in the making: what has to be as it was read, and what is written then. Knows no keys but the fence's.

import { TheseusError } from "../model/errors.js";
import type { Compare, EtcdWire, KeyRange, Op, TxnResult } from "../model/ports.js";
import type { Fence } from "../model/store.js";
import { EPOCHS_RANGE, epochKey } from "./keys.js";

/** etcd refuses more compares, or more operations, in one transaction. */
export const MAX_OPERATIONS = 128;
/** A new group needs at most four keys: service, group, config and history; a changed one two. */
export const DIVIDE_IT = "divide it: about 30 new groups, or 60 changed ones, fit into one change";

export class Transaction {
  readonly #compares = new Map<string, Compare>();
  readonly #writes = new Map<string, Op>();

  /** The key was last written at that revision; 0n: it does not exist. */
  unchanged(key: string, modRevision: bigint): this {
    return this.compare({ key, target: "mod", op: "=", value: modRevision });
  }

  exists(key: string): this {
    return this.compare({ key, target: "create", op: ">", value: 0n });
  }

  /** Some key of the range exists: etcd compares every key of it, and an empty one as if it were created at 0. */
  someIn(range: KeyRange): this {
    return this.compare({ ...range, target: "create", op: ">", value: 0n });
  }

  /** No key of the range exists. */
  empty(range: KeyRange): this {
    return this.compare({ ...range, target: "create", op: "=", value: 0n });
  }

  /** No key of the range was written after that revision; what was deleted meanwhile is not seen. */
  notWrittenSince(range: KeyRange, revision: bigint): this {
    return this.compare({ ...range, target: "mod", op: "<", value: revision + 1n });
  }

  /** We are the leader, by our own key under our own lease, and history has not changed since our epoch. */
  fenced({ key, createRevision, lease, epoch }: Fence): this {
    this.compare({ key, target: "create", op: "=", value: createRevision });
    this.compare({ key, target: "lease", op: "=", value: lease });
    return epoch === undefined ? this : this.newestEpoch(epochKey(epoch.id), epoch.createRevision);
  }

  /** This epoch was appended at that revision, and none after it. */
  newestEpoch(key: string, createRevision: bigint): this {
    this.compare({ key, target: "create", op: "=", value: createRevision });
    return this.compare({ ...EPOCHS_RANGE, target: "create", op: "<", value: createRevision + 1n });
  }

  /** The same compare asked for twice is sent once. */
  compare(compare: Compare): this {
    const { key, end = "", target, op, value } = compare;
    this.#compares.set([key, end, target, op, value].join("\n"), compare);
    return this;
  }

  put(key: string, value: string, lease?: bigint): this {
    this.#writes.set(key, { op: "put", key, value, ...(lease !== undefined && { lease }) });
    return this;
  }

  remove(key: string): this {
    this.#writes.set(key, { op: "delete", key });
    return this;
  }

  /** Every key of the range; none of them may be put by the same transaction. */
  removeAll(range: Required<KeyRange>): this {
    this.#writes.set(`${range.key}\n${range.end}`, { op: "delete", ...range });
    return this;
  }

  get writes(): readonly Op[] {
    return [...this.#writes.values()];
  }

  /** @param otherwise what is read when a compare does not hold. INVALID_REQUEST when it is too much for one transaction. */
  async commit(wire: EtcdWire, otherwise: readonly Op[] = []): Promise<TxnResult> {
    const size = Math.max(this.#compares.size, this.#writes.size);
    if (size > MAX_OPERATIONS) {
      throw new TheseusError("INVALID_REQUEST", {
        what: "this is more than the store takes in one transaction",
        why: [`it needs ${size} keys at once; etcd takes ${MAX_OPERATIONS}`],
        now: "nothing was changed",
        next: [DIVIDE_IT],
      });
    }
    return wire.txn([...this.#compares.values()], this.writes, otherwise);
  }
}
