// Events with what one asks of them: whose, by whom, when. Shared by the page of all events and by that of one group.

import type { EventRow, EventsAnswer } from "../../wire.js";
import { commandLine } from "../detail/command.js";
import { DetailState } from "../detail/detail-state.js";
import { EventTable } from "../detail/event-table.js";
import { useDetail } from "../detail/use-detail.js";
import { second } from "../live/clock.js";
import { CopyLine } from "../parts/copy.js";
import { Empty } from "../parts/empty.js";
import { setQuery, view } from "../view.js";
import { address } from "../view-url.js";
import { chosenEvents, countText, type EventQuestion, eventQuestion, valuesOf } from "./asked.js";
import { spanOfEvents, within } from "./brush.js";
import { jsonLines } from "./jsonl.js";
import { runsOf } from "./runs.js";
import { Brush } from "./time-brush.js";

/** Milliseconds between two readings. */
const PAUSE = 2_000;

interface EventViewProps {
  /** Of one group alone; undefined: as the address says. */
  readonly group?: { readonly ns: string; readonly ref: string };
  /** Another value whenever there may be more events. */
  readonly sign: unknown;
}

export function EventView({ group, sign }: EventViewProps) {
  const asked = eventQuestion({ ...view.value.query, ...(group ?? {}) });
  const detail = useDetail<EventsAnswer>(address("/api/events", { ns: asked.ns, ref: group?.ref }), sign, PAUSE);
  return (
    <DetailState detail={detail} what="reading events…">
      {({ events }) => <Shown events={events} asked={asked} isOfGroup={group !== undefined} />}
    </DetailState>
  );
}

interface ShownProps {
  readonly events: readonly EventRow[];
  readonly asked: EventQuestion;
  readonly isOfGroup: boolean;
}

function Shown({ events, asked, isOfGroup }: ShownProps) {
  const chosen = chosenEvents(events, asked);
  const span = spanOfEvents(chosen, second.value);
  const seen = within(chosen, asked.picked);
  const runs = runsOf(seen);
  const line = commandLine(asked.ns, "get", "events", ...(asked.ref === "" ? [] : [asked.ref]));
  return (
    <>
      <EventTools events={events} asked={asked} seen={seen} isOfGroup={isOfGroup} />
      <Brush
        events={chosen}
        span={span}
        picked={asked.picked}
        pick={(picked) => setQuery({ from: picked && Math.round(picked.from), to: picked && Math.round(picked.to) })}
      />
      <p class="muted" role="status">
        {countText(seen.length, events.length)}
      </p>
      {runs.length === 0 ? (
        <Empty
          title={events.length === 0 ? "No events are kept here." : "No event is of that kind; take a choice away."}
        />
      ) : (
        <EventTable runs={runs} namesGroup={!isOfGroup} label="events, newest first" />
      )}
      <CopyLine line={line} />
    </>
  );
}

interface ToolsProps extends ShownProps {
  readonly seen: readonly EventRow[];
}

function EventTools({ events, asked, seen, isOfGroup }: ToolsProps) {
  return (
    <form class="tools" aria-label="in these events" onSubmit={(event) => event.preventDefault()}>
      {isOfGroup ? null : <Choice name="ref" title="group" value={asked.ref} values={valuesOf(events, "ref")} />}
      <Choice name="host" title="host" value={asked.host} values={valuesOf(events, "host")} />
      <Choice name="actor" title="by" value={asked.actor} values={valuesOf(events, "actor")} />
      <label>
        text <input type="search" value={asked.text} onInput={(event) => setQuery({ q: event.currentTarget.value })} />
      </label>
      <button type="button" onClick={() => save(jsonLines(seen))} disabled={seen.length === 0}>
        export JSONL
      </button>
    </form>
  );
}

function Choice({ name, title, value, values }: ChoiceProps) {
  const all = value === "" || values.includes(value) ? values : [value, ...values];
  return (
    <label>
      {title}{" "}
      <select value={value} onChange={(event) => setQuery({ [name]: event.currentTarget.value })}>
        <option value="">any</option>
        {all.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ChoiceProps {
  readonly name: "ref" | "host" | "actor";
  readonly title: string;
  readonly value: string;
  readonly values: readonly string[];
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = "events.jsonl";
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
