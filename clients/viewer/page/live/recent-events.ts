// The events of the last hour, read again now and then while somebody looks at them.

import { useEffect, useState } from "preact/hooks";
import type { EventRow, EventsAnswer } from "../../wire.js";
import { address } from "../view-url.js";
import { fetchJson } from "./browser.js";
import { gatewayNow } from "./clock.js";

const HOUR = 3_600_000;
const READ_EACH = 15_000;

/** Oldest first; of all namespaces for "". Undefined while they are read first, "unknown" when that failed; what was read stays. */
export function useRecentEvents(ns: string): readonly EventRow[] | "unknown" | undefined {
  const [events, setEvents] = useState<readonly EventRow[] | "unknown">();
  useEffect(() => {
    const abort = new AbortController();
    const read = async () => {
      if (document.visibilityState === "hidden") return;
      const since = Math.round(gatewayNow() - HOUR);
      try {
        const answer = await fetchJson<EventsAnswer>(address("/api/events", { ns, since }), abort.signal);
        setEvents(answer.events.filter(({ time }) => time >= since));
      } catch {
        // The truth bar says that nothing answers.
        if (!abort.signal.aborted) setEvents((known) => known ?? "unknown");
      }
    };
    void read();
    const timer = setInterval(() => void read(), READ_EACH);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [ns]);
  return events;
}
