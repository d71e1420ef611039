// The last hour in one line: a mark for each minute in which something happened, and the newest things in words.

import { namespace } from "../filter/state.js";
import { second } from "../live/clock.js";
import { useRecentEvents } from "../live/recent-events.js";
import { clockText } from "../parts/time-text.js";
import { link } from "../view.js";
import { href } from "../view-url.js";
import { type MinuteMark, minuteMarks } from "./minutes.js";

const NEWEST = 4;

export function LastHour() {
  const ns = namespace.value;
  const told = useRecentEvents(ns);
  const events = told === "unknown" ? undefined : told;
  const minute = Math.floor(second.value / 60_000);
  const marks = minuteMarks(events ?? [], (minute + 1) * 60_000);
  const newest = (events ?? []).slice(-NEWEST).reverse();
  return (
    <section aria-labelledby="last-hour" class="last-hour">
      <h2 id="last-hour">
        <a {...link(href("events", { ns }))}>Last hour</a>
      </h2>
      <div class="minutes" role="img" aria-label={spoken(marks)}>
        {marks.map(({ minute: at, glyph, tone, count }) => (
          <span key={at} class={tone} title={count === 0 ? undefined : `${clockText(at)}: ${count} events`}>
            {glyph}
          </span>
        ))}
      </div>
      <p class="newest">
        {told === undefined ? (
          <span class="muted" aria-busy="true">
            reading events…
          </span>
        ) : null}
        {told === "unknown" ? <span class="muted">events are not known</span> : null}
        {events?.length === 0 ? <span class="muted">nothing happened</span> : null}
        {newest.map((event, index) => (
          <span key={`${event.time} ${index}`}>
            <span class="muted">{clockText(event.time).slice(0, 5)}</span> {event.actor} {event.text}{" "}
            <span class="mono">{event.ref}</span>
          </span>
        ))}
      </p>
    </section>
  );
}

const spoken = (marks: readonly MinuteMark[]): string => {
  const count = marks.reduce((sum, mark) => sum + mark.count, 0);
  const bad = marks.reduce((sum, mark) => sum + mark.bad, 0);
  return `${count} events in the last hour, ${bad} of them failures`;
};
