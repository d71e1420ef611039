// Which servers are there: each has a key under a lease of its own, written again when the lease is lost or another hand
// has taken the key away.

import type { Membership } from "../model/store.js";
import { BackOff } from "./back-off.js";
import { decode, encode } from "./json-codec.js";
import { below, SERVERS_PREFIX, serverKey } from "./keys.js";
import { Lease, removeVoid } from "./lease.js";
import { parseKey } from "./parse-key.js";
import type { Parts } from "./parts.js";
import { rangeAll } from "./ranges.js";
import { serverCodec } from "./record-codec.js";
import { Transaction } from "./transaction.js";

export type MembershipOptions = { readonly ttlSeconds?: number };

const TTL_SECONDS = 10;

/** @param options.ttlSeconds 10 when absent. */
export function createMembership(
  wire: Parts["wire"],
  parts: Omit<Parts, "wire">,
  options: MembershipOptions = {},
): Membership {
  return new EtcdMembership({ wire, ...parts }, options);
}

class EtcdMembership implements Membership {
  readonly serverId: string;
  readonly #parts: Parts;
  readonly #ttlSeconds: number;

  constructor(parts: Parts, options: MembershipOptions) {
    this.serverId = parts.serverId;
    this.#parts = { ...parts, log: parts.log.child({ part: "membership" }) };
    this.#ttlSeconds = options.ttlSeconds ?? TTL_SECONDS;
  }

  /** Never fails. Resolves once the signal is aborted and the key is gone, or left to run out. */
  async join(listeners: { readonly discovery: string; readonly version: string }, signal: AbortSignal): Promise<void> {
    const value = encode(serverCodec, { ...listeners, since: this.#parts.clock.now() });
    const backOff = new BackOff(this.#parts, 200, 2000);
    while (!signal.aborted) {
      try {
        await this.#registerUntilLost(value, signal);
        backOff.reset();
      } catch (error) {
        const level = backOff.failures === 0 ? "warn" : "debug";
        this.#parts.log[level]({ err: error }, "this server could not be registered; trying again");
      }
      await backOff.wait(signal).catch(() => undefined);
    }
  }

  /** Sorted by id. A key without a lease is void: it is deleted and not told. */
  async servers(): Promise<readonly { readonly id: string; readonly discovery: string }[]> {
    const { kvs } = await rangeAll(this.#parts.wire, below(SERVERS_PREFIX));
    const servers = [];
    for (const kv of kvs) {
      const key = parseKey(kv.key);
      const decoded = decode(serverCodec, kv.value);
      if (kv.lease === 0n) await removeVoid(this.#parts.wire, kv);
      else if (key?.kind === "server" && "value" in decoded) {
        servers.push({ id: key.id, discovery: decoded.value.discovery });
      }
    }
    return servers;
  }

  async #registerUntilLost(value: string, signal: AbortSignal): Promise<void> {
    const lease = await Lease.grant(this.#parts, this.#ttlSeconds);
    try {
      const txn = new Transaction().put(serverKey(this.serverId), value, lease.id);
      await txn.commit(this.#parts.wire);
      this.#parts.log.info({ server: this.serverId }, "this server is registered");
      await this.#keep(lease, signal);
      if (!signal.aborted)
        this.#parts.log.warn({ server: this.serverId }, "the registration was lost; registering again");
    } finally {
      await lease.release();
    }
  }

  /** Until the lease is lost, the key is not under it any more, or the signal. */
  async #keep(lease: Lease, signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([lease.lost, signal]);
    while (!ended.aborted) {
      await this.#parts.clock.sleep(this.#ttlSeconds * 1000, ended).catch(() => undefined);
      if (!ended.aborted && !(await this.#isThere(lease.id))) return;
    }
  }

  /** A store that does not answer takes no key away. */
  async #isThere(lease: bigint): Promise<boolean> {
    try {
      const { kvs } = await this.#parts.wire.range({ key: serverKey(this.serverId) });
      return kvs[0]?.lease === lease;
    } catch {
      return true;
    }
  }
}
