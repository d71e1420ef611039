// One term of office: what everything that acts in the term shares. Nothing of it survives the term.

import { setMaxListeners } from "node:events";
import { TheseusError } from "../model/errors.js";
import type { Instant } from "../model/instant.js";
import type { Clock, Logger, Rng } from "../model/ports.js";
import type { Fence, FencedResult, SchedulerStore, Term } from "../model/store.js";
import { steadyClock } from "./steady-clock.js";

/** Ended by the election, or by ourselves when a write was fenced. */
export class Office {
  readonly store: SchedulerStore;
  readonly clusterId: string;
  /** Steady: what is stored and counted in this term does not jump with the machine's wall clock. */
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** By our clock. */
  readonly began: Instant;
  readonly #term: Term;
  #fence: Fence;
  readonly #end = new AbortController();
  readonly #writes = new Set<Promise<unknown>>();

  constructor(term: Term, deps: { store: SchedulerStore; clusterId: string; clock: Clock; rng: Rng; log: Logger }) {
    this.#term = term;
    this.#fence = { ...term.fence, end: this.#end.signal };
    // Everything in the term listens for its end, and takes its listener away when it is done.
    setMaxListeners(0, this.#end.signal);
    this.store = deps.store;
    this.clusterId = deps.clusterId;
    this.clock = steadyClock(deps.clock);
    this.began = this.clock.now();
    this.rng = deps.rng;
    this.log = deps.log;
    if (term.signal.aborted) this.stepDown();
    else term.signal.addEventListener("abort", () => this.stepDown(), { once: true });
  }

  /** Aborted when the term is over, whoever ended it. */
  get end(): AbortSignal {
    return this.#end.signal;
  }

  stepDown(): void {
    if (!this.#end.signal.aborted) this.#end.abort(ended());
  }

  /** Everything that earlier terms have written is older; 0n before the term has its epoch. */
  get since(): bigint {
    return this.#fence.epoch?.createRevision ?? 0n;
  }

  /** CANCELLED unless Docker may be asked for something at this very moment. */
  assertMayAct(): void {
    if (this.#end.signal.aborted || !this.#term.mayAct()) throw ended();
  }

  /**
   * Runs one fenced write and gives its revision. CONFLICT: somebody else wrote meanwhile, look again. CANCELLED: the
   * term is over, and now also for everybody else in it.
   */
  async write(write: (fence: Fence) => Promise<FencedResult>): Promise<bigint> {
    if (this.#end.signal.aborted) throw ended();
    const result = await this.#tracked(write(this.#fence));
    if (result.ok) return result.revision;
    if (result.why === "stale") throw new TheseusError("CONFLICT", { what: "the store changed meanwhile" });
    this.stepDown();
    throw ended();
  }

  /** Every write from now on compares this too: the term has its epoch. */
  strengthen(fence: Fence): void {
    this.#fence = { ...fence, end: this.#end.signal };
  }

  /** For a fenced call that has no result of its own. */
  async attempt(call: (fence: Fence) => Promise<void>): Promise<void> {
    if (this.#end.signal.aborted) throw ended();
    await this.#tracked(call(this.#fence));
  }

  /** Resolves when no store write is in flight; each of them has a deadline. */
  async writesDone(): Promise<void> {
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
  }

  async #tracked<T>(write: Promise<T>): Promise<T> {
    this.#writes.add(write);
    try {
      return await write;
    } finally {
      this.#writes.delete(write);
    }
  }
}

function ended(): TheseusError {
  return new TheseusError("CANCELLED", { what: "this server is not the leader any more" });
}
