// Which of etcd's members is asked. Sticks to one that answers, goes on to the next when it does not; the same call is
// sent twice only if the first member never got it. Knows neither etcd3 nor keys.

import { isReason, type TheseusError } from "../model/errors.js";
import type { Clock } from "../model/ports.js";
import { type Attempted, neverSent, translate } from "./errors.js";

export type Endpoint<C> = { readonly name: string; readonly client: C };

export class Endpoints<C> {
  readonly #all: readonly Endpoint<C>[];
  readonly #clock: Clock;
  #current = 0;

  constructor(all: readonly Endpoint<C>[], clock: Clock) {
    this.#all = all;
    this.#clock = clock;
  }

  get present(): Endpoint<C> {
    const endpoint = this.#all[this.#current % this.#all.length];
    if (endpoint === undefined) throw new Error("there is no endpoint");
    return endpoint;
  }

  get all(): readonly Endpoint<C>[] {
    return this.#all;
  }

  /** The present member did not answer. Called for streams too, so that the next one opens elsewhere. */
  moveOn(failed: Endpoint<C>): void {
    if (failed === this.present) this.#current = (this.#current + 1) % this.#all.length;
  }

  /** Fails with what errors.ts makes of the failure. The deadline covers all members together. */
  async call<T>(
    what: Omit<Attempted, "endpoint">,
    run: (client: C, deadline: Date) => Promise<T>,
    timeoutMs: number,
  ): Promise<T> {
    const deadline = new Date(this.#clock.now() + timeoutMs);
    const giveUpAt = this.#clock.monotonic() + timeoutMs;
    for (let tried = 1; ; tried++) {
      const endpoint = this.present;
      try {
        return await run(endpoint.client, deadline);
      } catch (error) {
        const failure = this.#failed(error, { ...what, endpoint: endpoint.name }, endpoint);
        const elsewhere = tried < this.#all.length && this.#clock.monotonic() < giveUpAt;
        if (!elsewhere || !(neverSent(error) || isSafeAgain(failure, what))) throw failure;
      }
    }
  }

  #failed(error: unknown, attempted: Attempted, endpoint: Endpoint<C>): TheseusError {
    const failure = translate(error, attempted);
    if (isReason(failure, "STORE_UNREACHABLE", "OUTCOME_UNKNOWN")) this.moveOn(endpoint);
    return failure;
  }
}

function isSafeAgain(failure: TheseusError, what: { readonly writes: boolean }): boolean {
  return !what.writes && failure.reason === "STORE_UNREACHABLE";
}
