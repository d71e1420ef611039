// Events over time as bars, and two handles with which a part of the time is picked; by pointer or by keys.

import { useRef } from "preact/hooks";
import type { EventRow } from "../../wire.js";
import { TimeAxis } from "../capacity/chart.js";
import { clockText, dateText } from "../parts/time-text.js";
import { placeOn, type Span } from "../plot/axis.js";
import { useWidth } from "../plot/use-width.js";
import { barsOf, pickedOf } from "./brush.js";

interface BrushProps {
  readonly events: readonly EventRow[];
  readonly span: Span;
  readonly picked: Span | undefined;
  readonly pick: (picked: Span | undefined) => void;
}

const HEIGHT = 4;
const BAR = 6;

export function Brush({ events, span, picked, pick }: BrushProps) {
  const [ref, plot] = useWidth();
  const height = Math.round(HEIGHT * plot.em);
  const x = placeOn(span, plot.width);
  const drag = useDrag(span, pick);
  const shown = picked ?? span;
  return (
    <figure class="brush" data-picked={picked === undefined ? "" : `${picked.from} ${picked.to}`}>
      <div ref={ref} class="plot-cell">
        {plot.width === 0 ? null : (
          <svg
            width={plot.width}
            height={height}
            role="img"
            aria-label={`${events.length} events from ${dateText(span.from)} to ${dateText(span.to)}`}
            {...drag}
          >
            {picked === undefined ? null : (
              <rect
                class="picked"
                x={x(picked.from)}
                y={0}
                width={Math.max(2, x(picked.to) - x(picked.from))}
                height={height}
              />
            )}
            <Bars events={events} span={span} width={plot.width} height={height} />
          </svg>
        )}
        <TimeAxis span={span} plot={plot} />
      </div>
      <div class="handles">
        <Handle name="from" span={span} value={shown.from} set={(time) => pick(pickedOf(span, time, shown.to))} />
        <Handle name="to" span={span} value={shown.to} set={(time) => pick(pickedOf(span, shown.from, time))} />
        <button type="button" class="small" disabled={picked === undefined} onClick={() => pick(undefined)}>
          all of the time
        </button>
      </div>
    </figure>
  );
}

/** What is between where the pointer went down and where it is. */
function useDrag(span: Span, pick: BrushProps["pick"]) {
  const start = useRef<number | undefined>(undefined);
  const timeAt = (event: PointerEvent): number => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return span.from + ((event.clientX - box.left) / Math.max(1, box.width)) * (span.to - span.from);
  };
  const drag = (event: PointerEvent) => {
    if (start.current !== undefined) pick(pickedOf(span, start.current, timeAt(event)));
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      start.current = timeAt(event);
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
    },
    onPointerMove: drag,
    onPointerUp: (event: PointerEvent) => {
      drag(event);
      start.current = undefined;
    },
  };
}

function Bars({
  events,
  span,
  width,
  height,
}: Pick<BrushProps, "events" | "span"> & { width: number; height: number }) {
  const bars = barsOf(events, span, Math.max(10, Math.floor(width / BAR)));
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const x = placeOn(span, width);
  return (
    <>
      {bars.flatMap(({ from, count, trouble }) => {
        if (count === 0) return [];
        const high = Math.max(3, (count / most) * (height - 2));
        const bad = (trouble / count) * high;
        return [
          <rect key={from} class="bar-all" x={x(from)} y={height - high} width={BAR - 2} height={high - bad} />,
          <rect key={`bad ${from}`} class="bar-trouble" x={x(from)} y={height - bad} width={BAR - 2} height={bad} />,
        ];
      })}
    </>
  );
}

const STEPS = 200;

function Handle({ name, span, value, set }: HandleProps) {
  const step = Math.max(1, (span.to - span.from) / STEPS);
  return (
    <label>
      {name}{" "}
      <input
        type="range"
        min={0}
        max={STEPS}
        value={Math.round((value - span.from) / step)}
        aria-valuetext={dateText(value)}
        onInput={(event) => set(span.from + Number(event.currentTarget.value) * step)}
      />{" "}
      <span class="muted">{clockText(value)}</span>
    </label>
  );
}

interface HandleProps {
  readonly name: string;
  readonly span: Span;
  readonly value: number;
  readonly set: (time: number) => void;
}
