// Waiting for a condition of the real world, as tests do instead of sleeping.

import { setTimeout as pause } from "node:timers/promises";

export type Patience = {
  /** 20 s unless told otherwise. */
  readonly withinMs?: number;
  /** Between two questions; 20 ms unless told otherwise. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
};

type Answer<T> = T | undefined | false;

/** The first answer that is not undefined or false; when patience is over it fails, naming what was waited for. */
export async function until<T>(
  what: string,
  ask: () => Promise<Answer<T>> | Answer<T>,
  { withinMs = 20_000, everyMs = 20, signal }: Patience = {},
): Promise<T> {
  const last = performance.now() + withinMs;
  for (;;) {
    signal?.throwIfAborted();
    const value = await ask();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > last) throw new Error(`waited ${withinMs / 1000} s for this: ${what}`);
    await pause(everyMs);
  }
}
