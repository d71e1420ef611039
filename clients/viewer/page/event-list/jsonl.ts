// Events as JSON lines, to be kept. Pure.

import type { EventRow } from "../../wire.js";

/** One object a line, oldest first, times as the command line writes them. */
export function jsonLines(events: readonly EventRow[]): string {
  const sorted = [...events].sort((a, b) => a.time - b.time);
  return sorted
    .map(({ time, ns, ref, slot, host, rev, kind, actor, text }) => {
      const at = new Date(time).toISOString();
      const place = { namespace: ns, ref, ...(slot > 0 ? { slot } : {}), ...(host === "" ? {} : { host }) };
      return `${JSON.stringify({ time: at, actor, ...place, ...(rev > 0 ? { rev } : {}), kind, text })}\n`;
    })
    .join("");
}
