// Leases granted ahead, so that many who want one at the same time need not wait for it. One that nobody takes runs out.

import type { Milliseconds } from "../model/instant.js";
import type { Parts } from "./parts.js";

type Granted = { readonly lease: bigint; readonly at: Milliseconds };
type Shelf = { readonly granted: Granted[]; lastTaken: Milliseconds; wantedOften: boolean; filling: boolean };

const AHEAD = 16;
const REFILL_BELOW = 8;
/** Longer ones would lie about for too long. */
const LONGEST_SECONDS = 60;
const MOST_SHELVES = 8;

export class LeasePool {
  readonly #parts: Pick<Parts, "wire" | "clock" | "log">;
  readonly #shelves = new Map<number, Shelf>();

  constructor(parts: Pick<Parts, "wire" | "clock" | "log">) {
    this.#parts = parts;
  }

  /** A lease with at least three quarters of that time left. Fails as EtcdWire.leaseGrant does. */
  async take(ttlSeconds: number): Promise<bigint> {
    const now = this.#parts.clock.monotonic();
    const fresh = (ttlSeconds * 1000) / 4;
    const shelf = this.#shelf(ttlSeconds);
    if (shelf === undefined) return this.#grant(ttlSeconds);
    while (shelf.granted[0] !== undefined && now - shelf.granted[0].at > fresh) shelf.granted.shift();
    shelf.wantedOften = now - shelf.lastTaken <= fresh;
    shelf.lastTaken = now;
    return shelf.granted.shift()?.lease ?? this.#grant(ttlSeconds);
  }

  /** Grants ahead what is wanted often. For when nobody waits for the store any more; never throws. */
  topUp(ttlSeconds: number): void {
    const shelf = this.#shelves.get(ttlSeconds);
    const isDue = shelf?.wantedOften === true && shelf.granted.length < REFILL_BELOW && !shelf.filling;
    if (isDue) void this.#fill(shelf, ttlSeconds);
  }

  /** A store that was put back does not know them. */
  forget(): void {
    this.#shelves.clear();
  }

  #shelf(ttlSeconds: number): Shelf | undefined {
    const known = this.#shelves.get(ttlSeconds);
    if (known !== undefined || ttlSeconds > LONGEST_SECONDS || this.#shelves.size >= MOST_SHELVES) return known;
    const shelf = { granted: [], lastTaken: Number.NEGATIVE_INFINITY, wantedOften: false, filling: false };
    this.#shelves.set(ttlSeconds, shelf);
    return shelf;
  }

  async #fill(shelf: Shelf, ttlSeconds: number): Promise<void> {
    shelf.filling = true;
    // What has just been stored is told first.
    await this.#parts.clock.sleep(0);
    const at = this.#parts.clock.monotonic();
    const wanted = Array.from({ length: AHEAD - shelf.granted.length }, () => this.#grant(ttlSeconds));
    for (const granted of await Promise.allSettled(wanted)) {
      if (granted.status === "fulfilled") shelf.granted.push({ lease: granted.value, at });
      else this.#parts.log.debug({ err: granted.reason }, "a lease could not be granted ahead");
    }
    shelf.filling = false;
  }

  async #grant(ttlSeconds: number): Promise<bigint> {
    return (await this.#parts.wire.leaseGrant(ttlSeconds)).lease;
  }
}
