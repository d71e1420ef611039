// Waits until the leader has carried out a person's word on everything that it was given on.

import type { RecoveryItem } from "../../gen/theseus/v1/theseus_service.js";
import { Failure, hasReason } from "../failure.js";
import { sameTarget } from "../globals.js";
import { ACTIONS, countText, itemName, type Word } from "../output/recovery.js";
import { formatDuration } from "../quantities.js";
import type { Waiting } from "./goal.js";
import { pause } from "./pause.js";

const DEFAULT_TIMEOUT = 5 * 60_000;
const PACE = 300;
const MOST_NAMED = 10;

interface Goal {
  readonly word: Word;
  readonly items: readonly RecoveryItem[];
}

/** Gives what waits for a word then. @throws Failure STILL_RUNNING when the time is up, CANCELLED at Ctrl-C. */
export async function untilCarriedOut({ context, server }: Waiting, { word, items }: Goal): Promise<RecoveryItem[]> {
  const timeout = context.globals.timeout ?? DEFAULT_TIMEOUT;
  const until = Date.now() + timeout;
  const ids = new Set(items.map(({ containerId }) => containerId));
  let pending = items;
  for (;;) {
    try {
      const present = (await server.theseus.getRecovery({}, server.call)).items;
      pending = present.filter(({ containerId, decided }) => ids.has(containerId) && decided === ACTIONS[word]);
      if (pending.length === 0) return present;
    } catch (error) {
      if (!hasReason(error, "SERVER_UNREACHABLE", "STORE_UNREACHABLE", "NOT_READY")) throw error;
    }
    if (Date.now() > until) throw stillRunning(pending, timeout, sameTarget(context.globals));
    await pause(PACE, context.io.interrupted);
  }
}

function stillRunning(pending: readonly RecoveryItem[], timeout: number, target: string): Failure {
  const rest = pending.length - MOST_NAMED;
  return new Failure("STILL_RUNNING", {
    what: `stopped waiting after ${formatDuration(timeout)}: ${countText(pending)} not yet settled`,
    why: [pending.slice(0, MOST_NAMED).map(itemName).join(", ") + (rest > 0 ? ` and ${rest} more` : "")],
    now: "the word is stored; the work goes on in the server",
    next: [`theseus recover${target}`],
  });
}
