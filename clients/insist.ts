// Sends what may be sent twice until it is heard.

import { TheseusClientError } from "./errors.js";
import { Backoff, pause } from "./pause.js";

/**
 * Again after each failure that may pass, for so many milliseconds: what is done twice has to be as if done once.
 * @param attempt is told how many there were before.
 * @throws what the last attempt threw.
 */
export async function insist<T>(
  attempt: (before: number) => Promise<T>,
  { patience, signal }: { readonly patience: number; readonly signal?: AbortSignal },
): Promise<T> {
  const backoff = new Backoff(50, 1_000);
  const until = Date.now() + patience;
  for (let before = 0; ; before++) {
    try {
      return await attempt(before);
    } catch (error) {
      const length = backoff.next();
      const mayPass = error instanceof TheseusClientError && error.retryable && Date.now() + length < until;
      if (!mayPass) throw error;
      await pause(length, signal);
    }
  }
}
