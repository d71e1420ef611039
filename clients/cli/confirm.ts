// Asking before something that takes containers away. Never on a hidden prompt: without a person, --yes is needed.

import { commandLine } from "./change.js";
import type { Context } from "./context.js";
import { Failure } from "./failure.js";

/** @throws Failure CONFIRMATION_NEEDED off a terminal, CANCELLED when the answer is no. */
export async function confirm(context: Context, effect: readonly string[]): Promise<void> {
  const { io, globals, argv } = context;
  if (globals.yes) return;
  if (!io.stdinIsTTY || !io.stderr.isTTY || !globals.input)
    throw new Failure("CONFIRMATION_NEEDED", {
      what: "this needs a yes, and there is nobody to ask",
      why: effect,
      now: "nothing was sent or changed",
      next: [commandLine([...argv, "--yes"])],
    });
  io.stderr.write(`${effect.join("\n")}\ngo on? [y/N] `);
  const answer = (await io.readLine()).trim().toLowerCase();
  if (answer !== "y" && answer !== "yes")
    throw new Failure("CANCELLED", { what: "not confirmed", now: "nothing was changed" });
}
