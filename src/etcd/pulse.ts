// The times of one watch stream: when it has to be asked for a sign of life, when it counts as dead, when the range is
// listed again. Pure arithmetic on the monotonic clock.

import type { Milliseconds } from "../model/instant.js";

const ASK_AFTER: Milliseconds = 10_000;
const ANSWER_WITHIN: Milliseconds = 5000;
const LIST_EVERY: Milliseconds = 60_000;
/** A stream this long behind a listing has lost what it did not show. */
const CATCH_UP_WITHIN: Milliseconds = 5000;

export class Pulse {
  readonly #openedAt: Milliseconds;
  #heardAt: Milliseconds;
  /** Opening the stream asks for its first answer. */
  #askedAt: Milliseconds | undefined;
  #listedAt: Milliseconds;

  constructor(now: Milliseconds) {
    this.#openedAt = now;
    this.#heardAt = now;
    this.#askedAt = now;
    this.#listedAt = now;
  }

  heard(now: Milliseconds): void {
    this.#heardAt = now;
    this.#askedAt = undefined;
  }

  asked(now: Milliseconds): void {
    this.#askedAt = now;
  }

  listed(now: Milliseconds): void {
    this.#listedAt = now;
  }

  isSilent(now: Milliseconds): boolean {
    return this.#askedAt !== undefined && now - this.#askedAt >= ANSWER_WITHIN;
  }

  isDueToAsk(now: Milliseconds): boolean {
    return this.#askedAt === undefined && now - this.#heardAt >= ASK_AFTER;
  }

  isDueToList(now: Milliseconds): boolean {
    return now - this.#listedAt >= LIST_EVERY;
  }

  /** The stream had time to show what the last listing showed, and has been heard since. */
  isPastListing(now: Milliseconds): boolean {
    return now - this.#listedAt >= CATCH_UP_WITHIN && this.#heardAt > this.#listedAt;
  }

  /** The stream had time to show what it was opened at. */
  isPastOpening(now: Milliseconds): boolean {
    return now - this.#openedAt >= ANSWER_WITHIN;
  }

  /** How long nothing of this can come true. */
  rest(now: Milliseconds, waitsFor: { readonly opening: boolean; readonly listing: boolean }): Milliseconds {
    const isListingDue = waitsFor.listing && this.#heardAt > this.#listedAt;
    const times = [
      this.#askedAt === undefined ? this.#heardAt + ASK_AFTER : this.#askedAt + ANSWER_WITHIN,
      this.#listedAt + (isListingDue ? CATCH_UP_WITHIN : LIST_EVERY),
      ...(waitsFor.opening ? [this.#openedAt + ANSWER_WITHIN] : []),
    ];
    return Math.max(0, Math.min(...times) - now);
  }
}
