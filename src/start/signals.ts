// Signals and bugs: the first SIGTERM or SIGINT asks to stop, a second one ends the process at once, and what nobody
// caught is logged and stops the server too.

import type { Logger } from "../model/ports.js";

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export type Ending =
  | { readonly kind: "asked"; readonly signal: keyof typeof CODES }
  | { readonly kind: "bug"; readonly error: unknown };

/** Resolves with the first reason to end. From then on a further signal exits at once. */
export function firstEnding(log: Logger): Promise<Ending> {
  return new Promise((resolve) => {
    let ending = false;
    const end = (reason: Ending): void => {
      ending = true;
      resolve(reason);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => (ending ? process.exit(CODES[signal]) : end({ kind: "asked", signal })));
    }
    for (const event of ["uncaughtException", "unhandledRejection"] as const) {
      process.on(event, (error: unknown) => {
        log.error({ error, event }, "a bug: an error that nobody caught; the server stops");
        end({ kind: "bug", error });
      });
    }
  });
}
