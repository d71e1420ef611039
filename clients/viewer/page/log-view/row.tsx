// One line of a log: its time, where it comes from, its text with what was searched for; or a marker between lines.

import { clockText } from "../parts/time-text.js";
import { setQuery } from "../view.js";
import { type Found, pieces } from "./grep.js";
import { type Entry, isMarker, type LogLine, type Marker, millisOf } from "./line.js";

interface RowProps {
  readonly entry: Entry;
  readonly found: readonly Found[];
  readonly isPointedAt: boolean;
  /** More than one group: its name stands before the slot. */
  readonly namesGroup: boolean;
  /** Which of the colours of hosts. */
  readonly hostColour: number;
}

export function LogRow({ entry, ...props }: RowProps) {
  return isMarker(entry) ? <MarkerRow marker={entry} /> : <LineRow line={entry} {...props} />;
}

function MarkerRow({ marker: { nanos, marker, text } }: { marker: Marker }) {
  return (
    <div class={`log-marker ${marker}`} data-marker={marker}>
      <span class="log-time">{timeText(nanos)}</span> <span class="log-text">{text}</span>
    </div>
  );
}

interface LineProps extends Omit<RowProps, "entry"> {
  readonly line: LogLine;
}

function LineRow({
  line: { key, source, nanos, stderr, text, level },
  found,
  isPointedAt,
  namesGroup,
  hostColour,
}: LineProps) {
  const here = new URLSearchParams(location.search);
  here.set("line", key);
  here.set("at", String(millisOf(nanos)));
  const point = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    setQuery({ line: key, at: millisOf(nanos) });
  };
  const place = `${namesGroup ? source.ref : ""}:${source.slot}`;
  return (
    <div class={`log-line ${level} ${isPointedAt ? "pointed-at" : ""}`} data-line={key}>
      <a
        class="log-time"
        href={`${location.pathname}?${here}`}
        tabIndex={-1}
        aria-label={`link to the line of ${timeText(nanos)}`}
        onClick={point}
      >
        {timeText(nanos)}
      </a>
      <span class={`log-place host-${hostColour % 6}`}>
        {place} <span class="log-host">{source.host}</span>
      </span>
      <span class={stderr ? "log-text stderr" : "log-text"}>
        {stderr ? <span class="stderr-mark">err </span> : null}
        {found.length === 0
          ? text
          : pieces(text, found).map((piece, at) =>
              piece.isFound ? <mark key={at}>{piece.text}</mark> : <span key={at}>{piece.text}</span>,
            )}
      </span>
    </div>
  );
}

/** "14:02:11.204" */
export function timeText(nanos: string): string {
  const millis = millisOf(nanos);
  return `${clockText(millis)}.${String(millis % 1000).padStart(3, "0")}`;
}
