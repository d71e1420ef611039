// What people and Theseus do, as a hint of what to read again: it touches groups also where no container changes.

import type { Connection } from "../../connect.js";
import type { Event } from "../../gen/theseus/v1/rollout.js";
import { Backoff, pause } from "../../pause.js";

/** By clocks that may differ: what happened before the beginning does no harm. */
const BEFORE = 60_000;

export interface EventsListener {
  happened(event: Event): void;
  /** It goes on by itself. */
  broke(): void;
}

/** @param now by the clock of the server, as far as that is known. Ends with the signal, and never rejects. */
export async function followEvents(
  { theseus }: Connection,
  listener: EventsListener,
  now: () => number,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(200, 2_000);
  while (!signal.aborted) {
    const request = { selector: { allNamespaces: true }, since: new Date(Math.max(0, now() - BEFORE)), follow: true };
    try {
      for await (const { events } of theseus.readEvents(request, { signal })) {
        backoff.reset();
        for (const event of events) listener.happened(event);
      }
    } catch {
      listener.broke();
    }
    await pause(backoff.next(), signal).catch(() => undefined);
  }
}
