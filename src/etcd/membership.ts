// Which servers are there: each has a key under a lease of its own, written again when the lease is lost or another hand
// has taken the key away, and beside it one without a lease, which stays until it signs off.

import { isReason } from "../model/errors.js";
import type { Milliseconds } from "../model/instant.js";
import type { Listeners, Membership } from "../model/store.js";
import { BackOff } from "./back-off.js";
import { decode, encode } from "./json-codec.js";
import { below, rosterKey, SERVERS_PREFIX, serverKey } from "./keys.js";
import { Lease, removeVoid } from "./lease.js";
import { parseKey } from "./parse-key.js";
import type { Parts } from "./parts.js";
import { rangeAll, readKeys } from "./ranges.js";
import { rosterCodec, serverCodec } from "./record-codec.js";
import { readRoll } from "./roster.js";
import { Transaction } from "./transaction.js";

export type MembershipOptions = { readonly ttlSeconds?: number };

const TTL_SECONDS = 10;
const FIRST_WAIT: Milliseconds = 200;
const LONGEST_WAIT: Milliseconds = 2000;

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
  /** Aborted once it has been registered, or the store takes nothing. */
  readonly #registered = new AbortController();
  /** It may serve without being registered, since the store was full. */
  #isLeftOut = false;

  constructor(parts: Parts, options: MembershipOptions) {
    this.serverId = parts.serverId;
    this.#parts = { ...parts, log: parts.log.child({ part: "membership" }) };
    this.#ttlSeconds = options.ttlSeconds ?? TTL_SECONDS;
  }

  /** Never fails. Resolves once the signal is aborted and the keys are gone, or left to run out. */
  async join(listeners: Listeners, signal: AbortSignal, later?: Promise<Listeners>): Promise<void> {
    const telling = new Telling(listeners, later);
    const patient = new BackOff(this.#parts, FIRST_WAIT, LONGEST_WAIT);
    // Once the store has room it takes drains again, and they must not leave this server out.
    const eager = new BackOff(this.#parts, FIRST_WAIT, FIRST_WAIT);
    while (!signal.aborted) {
      try {
        await this.#registerUntilLost(telling, signal);
        for (const backOff of [patient, eager]) backOff.reset();
      } catch (error) {
        if (isReason(error, "STORE_FULL")) this.#serveLeftOut();
        const level = patient.failures + eager.failures === 0 ? "warn" : "debug";
        this.#parts.log[level]({ err: error }, "this server could not be registered; trying again");
      }
      await (this.#isLeftOut ? eager : patient).wait(signal).catch(() => undefined);
    }
    if (telling.tried) await this.#signOff();
  }

  /** A full store takes no drains either, so none leaves this server out while it is full. */
  #serveLeftOut(): void {
    this.#isLeftOut = true;
    this.#registered.abort();
  }

  registered(signal: AbortSignal): Promise<void> {
    const there = this.#registered.signal;
    return new Promise((resolve, reject) => {
      if (there.aborted) return resolve();
      if (signal.aborted) return reject(signal.reason);
      const settled = new AbortController();
      const once = { once: true, signal: settled.signal };
      const end = (how: () => void) => () => {
        settled.abort();
        how();
      };
      there.addEventListener("abort", end(resolve), once);
      signal.addEventListener(
        "abort",
        end(() => reject(signal.reason)),
        once,
      );
    });
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

  async isAwaited(id: string): Promise<boolean> {
    const { servers } = await readRoll(this.#parts.wire, this.#parts.clock.now());
    return servers.includes(id);
  }

  async #registerUntilLost(telling: Telling, signal: AbortSignal): Promise<void> {
    const lease = await Lease.grant(this.#parts, this.#ttlSeconds);
    try {
      await this.#write(telling, lease);
      this.#isLeftOut = false;
      this.#parts.log.info({ server: this.serverId }, "this server is registered");
      this.#registered.abort();
      await this.#keep(telling, lease, signal);
      if (!signal.aborted) {
        this.#parts.log.warn({ server: this.serverId }, "the registration was lost; registering again");
      }
    } finally {
      await lease.release();
    }
  }

  async #write(telling: Telling, lease: Lease): Promise<void> {
    const since = this.#parts.clock.now();
    const { listeners } = telling;
    telling.tried = true;
    await new Transaction()
      .put(serverKey(this.serverId), encode(serverCodec, { ...listeners, since }), lease.id)
      .put(rosterKey(this.serverId), encode(rosterCodec, { since }))
      .commit(this.#parts.wire);
    telling.told = listeners;
  }

  /** Until the lease is lost, a key is not as it was written any more, or the signal. */
  async #keep(telling: Telling, lease: Lease, signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([lease.lost, signal]);
    const disturbed = AbortSignal.any([ended, telling.news]);
    while (!ended.aborted) {
      const waker = telling.isOver ? ended : disturbed;
      await this.#parts.clock.sleep(this.#ttlSeconds * 1000, waker).catch(() => undefined);
      if (ended.aborted) return;
      if (telling.isNews) await this.#write(telling, lease);
      else if (!(await this.#isThere(lease.id))) return;
    }
  }

  /** A store that does not answer takes no key away. */
  async #isThere(lease: bigint): Promise<boolean> {
    const [own, mark] = [serverKey(this.serverId), rosterKey(this.serverId)];
    try {
      const { values } = await readKeys(this.#parts.wire, [own, mark]);
      return values.get(own)?.lease === lease && values.has(mark);
    } catch {
      return true;
    }
  }

  /** Nobody waits for this server any more. One that cannot say so counts for 10 minutes as one that may come back. */
  async #signOff(): Promise<void> {
    try {
      await new Transaction()
        .remove(serverKey(this.serverId))
        .remove(rosterKey(this.serverId))
        .commit(this.#parts.wire);
    } catch (error) {
      this.#parts.log.debug({ err: error }, "this server could not sign off");
    }
  }
}

/** What is to be told, and what has been. */
class Telling {
  told: Listeners | undefined;
  /** It may be in the store, whatever was answered. */
  tried = false;
  readonly #changed = new AbortController();

  constructor(
    public listeners: Listeners,
    later: Promise<Listeners> | undefined,
  ) {
    later?.then(
      (next) => {
        this.listeners = next;
        this.#changed.abort();
      },
      () => undefined,
    );
  }

  get isNews(): boolean {
    return this.told !== this.listeners;
  }

  /** Aborts when there is something else to tell. */
  get news(): AbortSignal {
    return this.#changed.signal;
  }

  /** There was news, and it has been told. */
  get isOver(): boolean {
    return this.#changed.signal.aborted && !this.isNews;
  }
}
