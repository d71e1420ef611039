// Sleep that can be cut short, and work at a steady pace. Time only through the Clock port.

import type { Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";

/** Why a sleep ends that is cut short; without a reason each end would make an exception of its own. */
const CUT = new Error("woken early");

/** A sleeper's bell: `ring` ends the present sleep, or the next one at once. */
export class Alarm {
  readonly #clock: Clock;
  readonly #end: AbortSignal;
  #rung = false;
  #sleep: AbortController | undefined;

  constructor(clock: Clock, end: AbortSignal) {
    this.#clock = clock;
    this.#end = end;
  }

  ring(): void {
    this.#rung = true;
    this.#sleep?.abort(CUT);
  }

  /** Returns after that long (undefined: for ever), when it rings, or when the end has come; never throws. */
  async wait(length: Milliseconds | undefined): Promise<void> {
    if (!this.#rung && !this.#end.aborted && (length === undefined || length > 0)) await this.#pause(length);
    this.#rung = false;
  }

  async #pause(length: Milliseconds | undefined): Promise<void> {
    const sleep = new AbortController();
    this.#sleep = sleep;
    const cut = (): void => sleep.abort(CUT);
    this.#end.addEventListener("abort", cut, { once: true });
    try {
      if (length === undefined) await new Promise<void>((go) => sleep.signal.addEventListener("abort", () => go()));
      else await this.#clock.sleep(length, sleep.signal);
    } catch {
      // Woken early; the caller looks at why.
    } finally {
      this.#sleep = undefined;
      this.#end.removeEventListener("abort", cut);
    }
  }
}

/** Does the work after each period until the end; a work that takes longer delays the next one. Never throws if the work does not. */
export async function repeat(
  clock: Clock,
  period: Milliseconds,
  end: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  const alarm = new Alarm(clock, end);
  while (!end.aborted) {
    await alarm.wait(period);
    if (!end.aborted) await work();
  }
}

export const TOO_LATE: unique symbol = Symbol("too late");

/** The work's outcome, or TOO_LATE once that long has passed or the signal came; the work itself is left to itself. */
export async function within<T>(
  clock: Clock,
  length: Milliseconds,
  work: Promise<T>,
  signal?: AbortSignal,
): Promise<T | typeof TOO_LATE> {
  const timer = new AbortController();
  const cut = (): void => timer.abort(CUT);
  if (signal?.aborted === true) cut();
  signal?.addEventListener("abort", cut, { once: true });
  const tooLate = (): typeof TOO_LATE => TOO_LATE;
  const late = clock.sleep(length, timer.signal).then(tooLate, tooLate);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort(CUT);
    signal?.removeEventListener("abort", cut);
  }
}
