// Ages that tick by the gateway's clock. They go on counting when nothing is heard.

import { computed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { second } from "../live/clock.js";
import { ageText, clockText, dateText, durationText } from "./time-text.js";

/** Since `at`, in few characters; `long` for "2 m 10 s". Nothing for 0. */
export function Age({ at, long = false }: { at: number; long?: boolean }) {
  const text: ReadonlySignal<string> = useMemo(
    () => computed(() => (long ? durationText : ageText)(second.value - at)),
    [at, long],
  );
  if (at <= 0) return <span class="muted">–</span>;
  return (
    <time dateTime={isoText(at)} title={dateText(at)}>
      {text}
    </time>
  );
}

/** The time of day; the date on the tip. */
export function Clock({ at }: { at: number }) {
  if (at <= 0) return <span class="muted">–</span>;
  return (
    <time dateTime={isoText(at)} title={dateText(at)}>
      {clockText(at)}
    </time>
  );
}

/** "" for a time that no calendar has. */
function isoText(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
