// Leases at the head: who has which, until when by the monotonic clock, and which keys hang on them. A lease is given
// and taken away by writes; knows no disk and no request.

import type { Milliseconds } from "../model/instant.js";

export type Lease = {
  readonly id: bigint;
  readonly ttlSeconds: number;
  /** Binary strings. */
  readonly keys: Set<string>;
  /** By the monotonic clock; from then on the lease is as good as gone. */
  endsAt: Milliseconds;
};

export class Leases {
  readonly #leases = new Map<bigint, Lease>();

  /** Also those whose time is up, until they are revoked. */
  has(id: bigint): boolean {
    return this.#leases.has(id);
  }

  /** Undefined when there is none, or its time is up. */
  find(id: bigint, now: Milliseconds): Lease | undefined {
    const lease = this.#leases.get(id);
    return lease !== undefined && now < lease.endsAt ? lease : undefined;
  }

  /** The id may not be there yet. */
  grant(id: bigint, ttlSeconds: number, now: Milliseconds): Lease {
    const lease = { id, ttlSeconds, keys: new Set<string>(), endsAt: now + ttlSeconds * 1000 };
    this.#leases.set(id, lease);
    return lease;
  }

  renew(lease: Lease, now: Milliseconds): void {
    lease.endsAt = now + lease.ttlSeconds * 1000;
  }

  /** Also one whose time is up. */
  remove(id: bigint): Lease | undefined {
    const lease = this.#leases.get(id);
    this.#leases.delete(id);
    return lease;
  }

  /** A removal that did not come about. Its keys are attached anew. */
  restore(lease: Lease): void {
    this.#leases.set(lease.id, lease);
  }

  attach(id: bigint, key: string): void {
    this.#leases.get(id)?.keys.add(key);
  }

  detach(id: bigint, key: string): void {
    this.#leases.get(id)?.keys.delete(key);
  }

  detachAll(): void {
    for (const lease of this.#leases.values()) lease.keys.clear();
  }

  /** The one that ends first comes first. */
  all(): readonly Lease[] {
    return [...this.#leases.values()].sort((a, b) => a.endsAt - b.endsAt);
  }

  /** In the order of their ends. */
  endedBy(now: Milliseconds): readonly Lease[] {
    return this.firstEnd > now ? [] : this.all().filter((lease) => lease.endsAt <= now);
  }

  /** Infinity without leases. */
  get firstEnd(): Milliseconds {
    let first = Number.POSITIVE_INFINITY;
    for (const { endsAt } of this.#leases.values()) first = Math.min(first, endsAt);
    return first;
  }
}
