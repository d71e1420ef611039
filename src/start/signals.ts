// Signals and bugs: the first SIGTERM or SIGINT asks to stop, a later one ends the process at once, and what nobody
// caught is logged and stops the server too.

import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** Terminals, npx and timeout(1) send one wish twice: to the process and to its group. */
const SAME_WISH: Milliseconds = SECOND;

export type Ending =
  | { readonly kind: "asked"; readonly signal: keyof typeof CODES }
  | { readonly kind: "bug"; readonly error: unknown };

/** Resolves with the first reason to end. A signal that comes later exits at once. */
export function firstEnding(log: Logger, clock: Clock): Promise<Ending> {
  return new Promise((resolve) => {
    let endingSince: Milliseconds | undefined;
    const end = (reason: Ending): void => {
      endingSince ??= clock.monotonic();
      resolve(reason);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (endingSince === undefined) end({ kind: "asked", signal });
        else if (clock.monotonic() - endingSince > SAME_WISH) process.exit(CODES[signal]);
      });
    }
    for (const event of ["uncaughtException", "unhandledRejection"] as const) {
      process.on(event, (error: unknown) => {
        log.error({ error, event }, "a bug: an error that nobody caught; the server stops");
        end({ kind: "bug", error });
      });
    }
  });
}
