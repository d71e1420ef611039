// The gateway's clock on this page, once a second: ages are counted by it, not by a laptop that is off by minutes.

import { type ReadonlySignal, signal } from "@preact/signals";

let offset = 0;
const present = signal(Date.now());

/** Milliseconds since 1970 by the gateway's clock; changes each second. */
export const second: ReadonlySignal<number> = present;

/** The same, this very moment. */
export const gatewayNow = (): number => Date.now() + offset;

/** What the gateway's clock said just now. */
export function syncClock(now: number): void {
  if (now > 0) offset = now - Date.now();
}

/** @returns how to stop. */
export function startClock(): () => void {
  const timer = setInterval(() => {
    present.value = gatewayNow();
  }, 1_000);
  return () => clearInterval(timer);
}
