// One stream of one process to the world's etcd: messages come in order, however long each takes, and none after it broke.

import { type Reason, TheseusError } from "../../../src/model/errors.js";
import type { Milliseconds } from "../../../src/model/instant.js";
import type { EtcdWire } from "../../../src/model/ports.js";
import type { Etcd } from "./etcd.js";
import type { Fate } from "./faults.js";
import type { Process } from "./process.js";
import type { Seeded } from "./seeded.js";
import { StreamQueue } from "./stream-queue.js";

export type LinkParts = {
  readonly etcd: Etcd;
  readonly process: Process;
  readonly fate: Fate;
  readonly chance: Seeded;
};

/** One stream over the network: messages come in order, none overtakes another. */
export class LinkStream<T> implements AsyncIterable<T> {
  readonly #parts: LinkParts;
  readonly #link: { readonly isParted: () => boolean; readonly closed: (stream: LinkStream<T>) => void };
  readonly #queue = new StreamQueue<T>();
  #held: T[] = [];
  #last: Milliseconds = 0;
  #lastSent: Milliseconds = 0;
  isClosed = false;
  onClose: () => void = () => undefined;

  constructor(parts: LinkParts, link: { isParted: () => boolean; closed: (stream: LinkStream<T>) => void }) {
    this.#parts = parts;
    this.#link = link;
  }

  /** To etcd. */
  send(run: (wire: EtcdWire) => void): void {
    const { etcd, process, chance } = this.#parts;
    if (this.#link.isParted() || this.isClosed) return;
    this.#lastSent = Math.max(this.#lastSent, process.timeline.now + chance.between(0.2, 2));
    process.timeline.after(this.#lastSent - process.timeline.now, () =>
      etcd.arrive(process.name, run, () => this.break(failure("STORE_UNREACHABLE", "no connection"))),
    );
  }

  /** From etcd. */
  come(message: T): void {
    if (this.isClosed) return;
    if (this.#link.isParted()) {
      this.#held.push(message);
      return;
    }
    const { process, chance } = this.#parts;
    this.#last = Math.max(this.#last, process.timeline.now + chance.between(0.2, 3));
    process.timeline.after(this.#last - process.timeline.now, () => {
      if (!this.isClosed) process.deliver(() => this.#queue.push(message));
    });
  }

  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const message of held) this.come(message);
  }

  break(error: unknown): void {
    if (!this.#shut()) return;
    this.#parts.process.deliver(() => this.#queue.end(error));
  }

  close(): void {
    if (this.#shut()) this.#queue.end();
  }

  #shut(): boolean {
    if (this.isClosed) return false;
    this.isClosed = true;
    this.onClose();
    this.#link.closed(this);
    return true;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.#queue[Symbol.asyncIterator]();
  }
}

export function failure(reason: Reason, why: string): TheseusError {
  return new TheseusError(reason, { what: "the store does not answer", why: [why], retryable: true });
}
