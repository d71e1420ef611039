// etcd's calls for leases. A grant and a revocation are writes; a keepalive only turns a clock.

import type { Clock, Rng } from "../model/ports.js";
import type {
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
} from "./gen/etcd.js";
import type { Head } from "./head.js";
import type { Journal } from "./journal.js";
import type { Leases } from "./leases.js";
import { LEASE_COST, type Quota } from "./quota.js";
import { leaseKey, leaseRecord } from "./records.js";
import { refusal } from "./refusals.js";
import type { Visible } from "./visible.js";
import type { Writer } from "./writer.js";

/** Seconds. As etcd with its default election timeout of 1 s. */
const SHORTEST_TTL = 2n;
const LONGEST_TTL = 9_000_000_000n;

export type LeaseDeskParts = {
  readonly leases: Leases;
  readonly head: Head;
  readonly journal: Journal;
  readonly writer: Writer;
  readonly visible: Visible;
  readonly quota: Quota;
  readonly clock: Clock;
  readonly rng: Rng;
};

export class LeaseDesk {
  readonly #parts: LeaseDeskParts;

  constructor(parts: LeaseDeskParts) {
    this.#parts = parts;
  }

  async grant(request: LeaseGrantRequest): Promise<LeaseGrantResponse> {
    const { leases, writer, quota, clock, visible } = this.#parts;
    if (request.ttl > LONGEST_TTL) throw refusal("leaseTooLong");
    return await writer.write(() => {
      quota.check(LEASE_COST, true);
      const id = request.id === 0n ? this.#freeId() : request.id;
      if (leases.has(id)) throw refusal("leaseExists");
      const ttl = request.ttl < SHORTEST_TTL ? SHORTEST_TTL : request.ttl;
      const lease = leases.grant(id, Number(ttl), clock.monotonic());
      writer.also({ operations: [{ type: "put", ...leaseRecord(lease) }], undo: () => leases.remove(id) });
      return { header: visible.header(), id, ttl, error: "" };
    });
  }

  async revoke(id: bigint): Promise<LeaseRevokeResponse> {
    const { leases, head, writer, visible } = this.#parts;
    return await writer.write(() => {
      const lease = head.revoke(id);
      if (lease === undefined) throw refusal("leaseNotFound");
      writer.also({ operations: [{ type: "del", key: leaseKey(id) }], undo: () => leases.restore(lease) });
      return { header: visible.header(writer.revision) };
    });
  }

  /** TTL 0: there is no such lease, or its time is up. */
  async keepAlive(id: bigint): Promise<LeaseKeepAliveResponse> {
    const { leases, journal, visible, clock } = this.#parts;
    journal.checkReadable();
    const now = clock.monotonic();
    const lease = leases.find(id, now);
    if (lease !== undefined) leases.renew(lease, now);
    // That a lease was revoked may be told only once it cannot come back.
    else await journal.settled();
    return { header: visible.header(), id, ttl: BigInt(lease?.ttlSeconds ?? 0) };
  }

  async timeToLive({ id, keys }: LeaseTimeToLiveRequest): Promise<LeaseTimeToLiveResponse> {
    const { leases, journal, visible, clock } = this.#parts;
    journal.checkReadable();
    const now = clock.monotonic();
    const lease = leases.find(id, now);
    const answer = {
      id,
      ttl: lease === undefined ? -1n : BigInt(Math.floor((lease.endsAt - now) / 1000)),
      grantedTtl: BigInt(lease?.ttlSeconds ?? 0),
      keys: keys && lease !== undefined ? [...lease.keys].sort().map((key) => Buffer.from(key, "latin1")) : [],
    };
    await journal.settled();
    return { header: visible.header(), ...answer };
  }

  async all(): Promise<LeaseLeasesResponse> {
    const { leases, journal, visible } = this.#parts;
    journal.checkReadable();
    const found = leases.all().map(({ id }) => ({ id }));
    await journal.settled();
    return { header: visible.header(), leases: found };
  }

  /** Random and positive. */
  #freeId(): bigint {
    for (;;) {
      const id = BigInt(`0x${this.#parts.rng.hex(8)}`) >> 1n;
      if (id !== 0n && !this.#parts.leases.has(id)) return id;
    }
  }
}
