// Says what was taken, the newest alone and one call at a time, until a server has heard it or nobody waits for it.

import { status } from "@grpc/grpc-js";
import { type ConnectionParts, callUnary } from "./call.js";
import { TheseusClientError } from "./errors.js";
import type { AcknowledgeRequest } from "./gen/theseus/v1/discovery_service.js";
import { DISCOVERY_METHODS } from "./methods.js";
import { Backoff, pause } from "./pause.js";

/** Whoever waits for it gives up after some seconds: a server that is silent for so long is passed over before that. */
const DEADLINE = 1_500;

export class Acknowledger {
  readonly #parts: ConnectionParts;
  readonly #signal: AbortSignal;
  readonly #backoff = new Backoff(50, 2_000);
  /** Said, or to be said. */
  #last: AcknowledgeRequest | undefined;
  #next: AcknowledgeRequest | undefined;
  #isBusy = false;

  constructor(parts: ConnectionParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Returns at once; never fails. What no server has taken is said anew when it is said here again. */
  say(request: AcknowledgeRequest): void {
    if (request.watchId === this.#last?.watchId && request.cursor === this.#last.cursor) return;
    this.#last = request;
    this.#next = request;
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    while (this.#next !== undefined && !this.#signal.aborted) {
      const request = this.#next;
      this.#next = undefined;
      if (await this.#hasToBeSaidAgain(request)) {
        this.#next ??= request;
        await pause(this.#backoff.next(), this.#signal).catch(() => undefined);
      } else this.#backoff.reset();
    }
    this.#isBusy = false;
  }

  async #hasToBeSaidAgain(request: AcknowledgeRequest): Promise<boolean> {
    try {
      await callUnary(this.#parts, DISCOVERY_METHODS.acknowledge, request, {
        deadline: DEADLINE,
        signal: this.#signal,
      });
      return false;
    } catch (error) {
      if (!(error instanceof TheseusClientError) || !HOPELESS.has(error.code)) return true;
      if (this.#last === request) this.#last = undefined;
      return false;
    }
  }
}

/** The same call will not be taken by any server. */
const HOPELESS: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.PERMISSION_DENIED,
  status.UNIMPLEMENTED,
  status.UNAUTHENTICATED,
]);
