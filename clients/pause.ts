// Waiting between attempts: pauses that grow, with chance in them so that many clients do not come back at once.

import { aborted } from "./errors.js";

export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #round = 0;

  /** In milliseconds. */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
  }

  /** The next pause in milliseconds: each is twice the last, less a random part of up to a half. */
  next(): number {
    const whole = Math.min(this.#longest, this.#first * 2 ** this.#round);
    if (whole < this.#longest) this.#round += 1;
    return whole * (0.5 + Math.random() / 2);
  }

  /** It has gone well. */
  reset(): void {
    this.#round = 0;
  }
}

/** Rejects with CANCELLED as soon as the signal says so. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted());
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(aborted());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
