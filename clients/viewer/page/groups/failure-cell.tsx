// Failures of the last half hour as a small curve.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { namespace } from "../filter/state.js";
import { gatewayNow } from "../live/clock.js";
import { useRecentEvents } from "../live/recent-events.js";
import { Sparkline } from "../parts/bar.js";
import { failuresByGroup } from "./failures.js";

const failures = signal<ReadonlyMap<string, readonly number[]>>(new Map());

/** Keeps what the cells show, while the list is there. */
export function useFailures(): void {
  const events = useRecentEvents(namespace.value);
  useEffect(() => {
    failures.value = failuresByGroup(events === "unknown" ? [] : (events ?? []), gatewayNow());
  }, [events]);
}

export function FailureCell({ id }: { id: string }) {
  const steps = failures.value.get(id);
  if (steps === undefined) return <span class="muted">–</span>;
  const count = steps.reduce((sum, step) => sum + step, 0);
  return (
    <>
      <Sparkline values={steps} label="in the last 30 minutes" /> {count}
    </>
  );
}
