// A lease held by our own loop. What is under it may be relied on until 0.7 x TTL after the *send* time of the last
// keepalive that was acknowledged, by the monotonic clock: etcd counts from when it received that keepalive or later.

import type { Milliseconds } from "../model/instant.js";
import type { EtcdWire, KeepAliveStream } from "../model/ports.js";
import type { Parts } from "./parts.js";
import { within } from "./within.js";

export type LeaseParts = Pick<Parts, "wire" | "clock" | "log">;

const SAFE_PART = 0.7;
const KEEPALIVES_PER_TTL = 3;
/** An answer is waited for so long that another member can still be asked before the lease counts as lost. */
const PATIENCES_PER_TTL = 4;

/**
 * INVARIANTS: what has lost its lease never has it again, and `isHeld` is false from the moment on when it is over by the
 * clock, whether or not `lost` could be aborted yet. Until that aborts an answer that was here already, read late, may
 * make `isHeld` true again, by the time when it was asked for. After release() nothing is renewed.
 */
export class Lease {
  readonly id: bigint;
  readonly #parts: LeaseParts;
  readonly #ttl: Milliseconds;
  readonly #lost = new AbortController();
  /** Stops the loops; not the same as lost, since letting go is no loss. */
  readonly #stop = new AbortController();
  readonly #loops: Promise<unknown>;
  #heldUntil: Milliseconds;

  private constructor(parts: LeaseParts, granted: { id: bigint; ttl: Milliseconds; sentAt: Milliseconds }) {
    this.id = granted.id;
    this.#parts = parts;
    this.#ttl = granted.ttl;
    this.#heldUntil = granted.sentAt + SAFE_PART * granted.ttl;
    this.#loops = Promise.allSettled([this.#renewAlways(granted.sentAt), this.#expire()]);
  }

  /** Asks for a lease and renews it until release() or loss. Fails as EtcdWire.leaseGrant does. */
  static async grant(parts: LeaseParts, ttlSeconds: number): Promise<Lease> {
    const sentAt = parts.clock.monotonic();
    const granted = await parts.wire.leaseGrant(ttlSeconds);
    return new Lease(parts, { id: granted.lease, ttl: granted.ttlSeconds * 1000, sentAt });
  }

  /** Aborts when the lease can no longer be relied on. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** By the clock, right now: true only while nobody else can hold what is under this lease. */
  get isHeld(): boolean {
    return !this.#lost.signal.aborted && !this.#stop.signal.aborted && this.#parts.clock.monotonic() < this.#heldUntil;
  }

  /** Stops renewing, then gives the lease back, so that what is under it goes at once. Never fails: else it runs out. */
  async release(): Promise<void> {
    this.#stop.abort();
    this.#lose();
    await this.#loops;
    try {
      await this.#parts.wire.leaseRevoke(this.id);
    } catch (error) {
      this.#parts.log.debug({ err: error }, "a lease could not be given back; it runs out by itself");
    }
  }

  #lose(): void {
    this.#lost.abort();
    this.#stop.abort();
  }

  async #expire(): Promise<void> {
    for (;;) {
      const rest = this.#heldUntil - this.#parts.clock.monotonic();
      if (rest <= 0) return this.#lose();
      await this.#parts.clock.sleep(rest, this.#stop.signal);
    }
  }

  async #renewAlways(granted: Milliseconds): Promise<void> {
    const { clock } = this.#parts;
    const pause = this.#ttl / KEEPALIVES_PER_TTL;
    for (let sentAt = granted; !this.#stop.signal.aborted; ) {
      await clock.sleep(Math.max(0, sentAt + pause - clock.monotonic()), this.#stop.signal);
      sentAt = await this.#renewWhileAnswered(pause);
    }
  }

  /** Keepalives on one stream until it fails; returns when the last one was sent. */
  async #renewWhileAnswered(pause: Milliseconds): Promise<Milliseconds> {
    const { clock, wire, log } = this.#parts;
    const stream = wire.leaseKeepAlive(this.id);
    const answers = stream[Symbol.asyncIterator]();
    let sentAt = clock.monotonic();
    let isAnswered = false;
    try {
      for (;;) {
        sentAt = clock.monotonic();
        isAnswered = false;
        await this.#renew(stream, answers, sentAt);
        isAnswered = true;
        await clock.sleep(Math.max(0, sentAt + pause - clock.monotonic()), this.#stop.signal);
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) log.debug({ err: error }, "a keepalive was not answered; trying another stream");
      // A stream that fails at once may not be opened again at once.
      return sentAt - pause + Math.min(pause, 100);
    } finally {
      stream.close(!isAnswered && !this.#stop.signal.aborted);
    }
  }

  async #renew(
    stream: KeepAliveStream,
    answers: AsyncIterator<{ readonly ttlSeconds: number }>,
    sentAt: Milliseconds,
  ): Promise<void> {
    stream.send();
    const patience = this.#ttl / PATIENCES_PER_TTL;
    const answer = await within(this.#parts.clock, patience, answers.next(), this.#stop.signal);
    if (answer.kind === "timeout" || answer.value.done) throw new Error("no answer to a keepalive");
    if (answer.value.value.ttlSeconds <= 0) this.#lose();
    else this.#heldUntil = sentAt + SAFE_PART * this.#ttl;
  }
}

/** Present leases only: the key of a lease-less copy is void, and whoever finds it deletes it. */
export async function removeVoid(wire: EtcdWire, kv: { readonly key: string; readonly modRevision: bigint }) {
  await wire.txn(
    [
      { key: kv.key, target: "mod", op: "=", value: kv.modRevision },
      { key: kv.key, target: "lease", op: "=", value: 0n },
    ],
    [{ op: "delete", key: kv.key }],
  );
}
