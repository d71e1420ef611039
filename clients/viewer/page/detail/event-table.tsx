// Events as lines: when, who, what, where. What repeats itself is one line with a count.

import type { EventRow } from "../../wire.js";
import { isTrouble } from "../event-list/brush.js";
import { isByPerson, type Run } from "../event-list/runs.js";
import { Clock } from "../parts/age.js";
import { clockText, dateText } from "../parts/time-text.js";
import { link } from "../view.js";
import { groupHref, rolloutHref } from "../view-url.js";

interface EventTableProps {
  readonly runs: readonly Run[];
  /** The group stands in each line. */
  readonly namesGroup: boolean;
  readonly label: string;
}

export function EventTable({ runs, namesGroup, label }: EventTableProps) {
  let day = "";
  return (
    <ol class="events" aria-label={label}>
      {runs.flatMap((run) => {
        const date = dateText(run.event.time).slice(0, 10);
        const isNewDay = date !== day;
        day = date;
        const line = <EventLine key={run.key} run={run} namesGroup={namesGroup} />;
        return isNewDay
          ? [
              <li key={`day ${run.key}`} class="day">
                {date}
              </li>,
              line,
            ]
          : [line];
      })}
    </ol>
  );
}

function EventLine({ run: { event, count, since }, namesGroup }: { run: Run; namesGroup: boolean }) {
  const { time, actor, kind, text } = event;
  const isBad = isTrouble(event);
  return (
    <li class={`event ${isBad ? "trouble" : ""} ${isByPerson(event) ? "by-person" : ""}`} data-event={kind}>
      <Clock at={time} />
      <span class="actor">{actor === "" ? "theseus" : actor}</span>
      <span class="kind">
        <span class={isBad ? "glyph bad" : "glyph muted"} aria-hidden="true">
          {isBad ? "✗" : isByPerson(event) ? "●" : "·"}
        </span>{" "}
        {kind.replaceAll("-", " ")}
      </span>
      <span class="event-text breaks">
        <Place event={event} namesGroup={namesGroup} /> {text}
        {count === 1 ? null : (
          <span class="muted">
            {" "}
            ×{count} since {clockText(since)}
          </span>
        )}
      </span>
    </li>
  );
}

/** Each line links to what it is about: the group, and the rollout of its revision. */
function Place({ event, namesGroup }: { event: EventRow; namesGroup: boolean }) {
  const { ref, slot, host, rev } = event;
  return (
    <>
      {namesGroup && ref !== "" ? <a {...link(groupHref(event))}>{ref}</a> : null}
      {slot > 0 ? <b>:{slot} </b> : namesGroup ? " " : null}
      {host === "" ? null : <span class="muted">{host} </span>}
      {rev === 0 || ref === "" ? null : <a {...link(rolloutHref(event, rev))}>rev {rev}</a>}
    </>
  );
}
