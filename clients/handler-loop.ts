// One service and its handler: one run after another, each for the newest endpoints, until one ends well.

import { createHash } from "node:crypto";
import { type Connection, partsOf } from "./connect.js";
import { TheseusClientError } from "./errors.js";
import { Follower } from "./follower.js";
import type { Endpoint } from "./gen/theseus/v1/discovery_service.js";
import { nodeOf } from "./nodes.js";
import { Backoff } from "./pause.js";
import { tell } from "./told.js";
import type { ServiceState } from "./watch-fold.js";
import { targetOf } from "./watch-target.js";

export interface WatchHandlerCall {
  readonly service: string;
  /** True until a run for this service has ended well since the program started. */
  readonly initial: boolean;
  /** The ready ones as "host:port", with each one's first port, in stable order. */
  readonly nodes: readonly string[];
  readonly state: ServiceState;
  /** Which run for the same endpoints this is: 1, and more after failures. */
  readonly attempt: number;
  /** Says that the handlers are being stopped. */
  readonly signal: AbortSignal;
}

/** Ends well with nothing or 0; fails with another number or by throwing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is the usual one
export type WatchHandler = (call: WatchHandlerCall) => void | number | Promise<void | number>;

export interface HandlerStatus {
  /** Runs that have ended. */
  readonly runs: number;
  readonly isRunning: boolean;
  /** Of the last run: 0, or what it returned, or 1 when it threw. */
  readonly exitStatus?: number;
  /** What the last run threw. */
  readonly error?: unknown;
  readonly endTime?: Date;
  /** Runs that failed since the last one that ended well. */
  readonly failures: number;
}

export interface HandlerLoopParts {
  readonly connection: Connection;
  readonly service: string;
  readonly namespace: string;
  readonly handler: WatchHandler;
  readonly onError: (service: string, error: unknown) => void;
}

export class HandlerLoop {
  readonly ended: Promise<void>;
  readonly #parts: HandlerLoopParts;
  readonly #follower: Follower;
  readonly #stop = new AbortController();
  readonly #backoff = new Backoff(200, 30_000);
  #status: HandlerStatus = { runs: 0, isRunning: false, failures: 0 };
  /** Of the endpoints that were handled: undefined as well once a later run has failed, since nobody knows what it did. */
  #done: string | undefined;
  #hasEndedWell = false;

  constructor(parts: HandlerLoopParts) {
    this.#parts = parts;
    const { connection, service, namespace, onError } = parts;
    const onBreak = (error: TheseusClientError) => tell(onError, service, error);
    const target = targetOf({ service, namespace });
    this.#follower = new Follower(partsOf(connection), target, { acknowledge: true, onBreak });
    this.ended = this.#run();
  }

  get service(): string {
    return this.#parts.service;
  }

  get status(): HandlerStatus {
    return this.#status;
  }

  stop(): void {
    this.#stop.abort();
    this.#follower.close();
  }

  async #run(): Promise<void> {
    let state: ServiceState | undefined;
    try {
      for (;;) {
        state = await this.#follower.changed(state);
        state = await this.#handled(state);
        this.#follower.taken(state);
      }
    } catch (error) {
      this.stop();
      if (error instanceof TheseusClientError && error.reason === "CANCELLED") return;
      tell(this.#parts.onError, this.service, error);
      throw error;
    }
  }

  /** Until a run has ended well, and for which state: newer ones take the place of those that failed. */
  async #handled(first: ServiceState): Promise<ServiceState> {
    let state = first;
    for (let attempt = 1; ; attempt += 1) {
      const hash = hashOf(state.endpoints);
      if (hash === this.#done) return state;
      if (await this.#succeeds(state, attempt)) {
        this.#done = hash;
        this.#hasEndedWell = true;
        this.#backoff.reset();
        return state;
      }
      this.#done = undefined;
      // A newer state ends the pause.
      const newer = await this.#follower.changedWithin(this.#backoff.next(), state);
      if (newer !== undefined && hashOf(newer.endpoints) !== hash) attempt = 0;
      state = newer ?? state;
    }
  }

  async #succeeds(state: ServiceState, attempt: number): Promise<boolean> {
    this.#status = { ...this.#status, isRunning: true };
    const { exitStatus, error } = await this.#call(state, attempt);
    const failures = exitStatus === 0 ? 0 : this.#status.failures + 1;
    const ended = { runs: this.#status.runs + 1, isRunning: false, exitStatus, endTime: new Date(), failures };
    this.#status = error === undefined ? ended : { ...ended, error };
    if (exitStatus !== 0)
      tell(this.#parts.onError, this.service, error ?? new Error(`the handler ended with ${exitStatus}`));
    return exitStatus === 0;
  }

  async #call(state: ServiceState, attempt: number): Promise<{ exitStatus: number; error?: unknown }> {
    const { service, handler } = this.#parts;
    const initial = !this.#hasEndedWell;
    const nodes = state.endpoints.filter(({ ready }) => ready).map((endpoint) => nodeOf(endpoint));
    try {
      const answer = await handler({ service, initial, nodes, state, attempt, signal: this.#stop.signal });
      return { exitStatus: answer ?? 0 };
    } catch (error) {
      return { exitStatus: 1, error };
    }
  }
}

/** Of what a handler can act on: not of times and revisions, which change without it. */
function hashOf(endpoints: readonly Endpoint[]): string {
  const told = endpoints.map(({ container, address, port, ready, serving, draining, weight }) => {
    const { group, name, ports } = container ?? {};
    return { group, name, ports, address, port, ready, serving, draining, weight };
  });
  return createHash("sha256").update(JSON.stringify(told)).digest("hex");
}
