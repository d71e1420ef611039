// The capacity of a rollout against its promise: old and new containers that were ready, one upon the other, as steps over
// time, with the promised minimum as a line. What nobody saw is hatched, not drawn.

import { useId } from "preact/hooks";
import type { RolloutRow } from "../../wire.js";
import { ShortTable } from "../parts/short-table.js";
import { clockText } from "../parts/time-text.js";
import { levelsOf, placeOn, type Span, ticksOf } from "../plot/axis.js";
import type { Measured } from "../plot/use-width.js";
import { type Shape, shapeOf } from "./shape.js";
import { type Stretch, totalOf } from "./stretches.js";
import { type CapacityWords, capacityRows } from "./words.js";

/** Of the text size, and of the window's height: on a wall the picture is larger. */
const [LEAST, MOST, SHARE] = [9, 20, 0.24];

function heightIn({ em, screen }: Pick<Measured, "em" | "screen">): number {
  return Math.round(Math.min(MOST, Math.max(LEAST, (screen * SHARE) / em - 4)) * em);
}

export interface CapacityProps {
  readonly row: RolloutRow;
  readonly span: Span;
  readonly stretches: readonly Stretch[];
  readonly words: CapacityWords;
  readonly plot: Measured;
  /** Up to then something could be known. */
  readonly until: number;
}

/** Only the picture; its figures are said by who shows it. */
export function CapacityChart({ row, span, stretches, words, plot, until }: CapacityProps) {
  const id = useId();
  const { width } = plot;
  const height = heightIn(plot);
  const { promised, wanted } = row;
  const seen = { from: span.from, to: Math.min(span.to, Math.max(until, span.from)) };
  const shape = shapeOf({ span, stretches, promised, wanted, until: seen.to }, { width, height });
  const last = stretches.at(-1);
  return (
    <svg
      class="capacity-plot"
      width={width}
      height={height + 1}
      role="img"
      aria-label={`capacity over time: ${words.present}; ${words.promise}`}
      data-capacity={last === undefined ? "" : totalOf(last)}
      data-new={last?.new ?? ""}
      data-old={last?.old ?? ""}
      data-promised={promised}
      data-wanted={wanted}
    >
      <Patterns id={id} />
      {levelsOf(shape.top, 5).map((level) => (
        <line key={level} class="level" x1={0} x2={width} y1={shape.y(level) + 0.5} y2={shape.y(level) + 0.5} />
      ))}
      {shape.unseen.map(({ x, width: wide }) => (
        <rect key={x} class="not-seen" x={x} y={0} width={wide} height={height} fill={`url(#${id}-unseen)`} />
      ))}
      <path class="area-old" d={shape.old} />
      <path class="area-new" d={shape.new} />
      <path class="area-new-mark" d={shape.new} fill={`url(#${id}-new)`} />
      <path class="edge" d={shape.edge} />
      {shape.below.map(({ x, width: wide }) => (
        <rect key={x} class="below" x={x} y={0} width={wide} height={height} data-below />
      ))}
      <PromiseLine shape={shape} promised={promised} width={width} />
      <line class="now" x1={shape.x(seen.to)} x2={shape.x(seen.to)} y1={0} y2={height} />
    </svg>
  );
}

function PromiseLine({ shape, promised, width }: { shape: Shape; promised: number; width: number }) {
  const y = shape.y(promised);
  return <line class="promise" x1={0} x2={width} y1={Math.max(1, y)} y2={Math.max(1, y)} data-promise={promised} />;
}

function Patterns({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={`${id}-new`} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line class="mark" x1={0} x2={0} y1={0} y2={6} />
      </pattern>
      <pattern id={`${id}-unseen`} width={8} height={8} patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <line class="hatch" x1={0} x2={0} y1={0} y2={8} />
      </pattern>
    </defs>
  );
}

/** Figures beside the picture, at the same height as their lines. */
export function CapacityLevels({ row, stretches, plot }: Pick<CapacityProps, "row" | "stretches" | "plot">) {
  const { em } = plot;
  const height = heightIn(plot);
  const top = Math.max(1, row.wanted, row.promised, ...stretches.map(totalOf));
  const room = Math.max(2, Math.floor(height / (1.5 * em)));
  const levels = levelsOf(top, Math.min(5, room)).filter((one) =>
    isApart(one, row.promised, (top / height) * em * 1.2),
  );
  return (
    <div class="levels" style={{ height: `${height}px` }} aria-hidden="true">
      {levels.map((level) => (
        <span key={level} style={{ bottom: `${(level / top) * 100}%` }}>
          {level}
        </span>
      ))}
      <span class="promised" style={{ bottom: `${(row.promised / top) * 100}%` }}>
        minimum {row.promised}
      </span>
    </div>
  );
}

function isApart(level: number, other: number, least: number): boolean {
  return Math.abs(level - other) >= least;
}

/** The moments under lanes and capacity. */
export function TimeAxis({ span, plot: { width, em } }: { span: Span; plot: Measured }) {
  const most = Math.max(2, Math.floor(width / (7 * em)));
  const at = placeOn(span, width);
  const half = 2.2 * em;
  const ticks = ticksOf(span, most).filter((time) => at(time) >= half && at(time) <= width - half);
  return (
    <div class="time-axis" aria-hidden="true">
      {ticks.map((time) => (
        <span key={time} style={{ left: `${at(time)}px` }}>
          {clockText(time)}
        </span>
      ))}
    </div>
  );
}

const FIGURES = ["from", "until", "new", "old", "together", "promised"];

/** The same in figures. */
export function CapacityTable({ stretches, promised }: { stretches: readonly Stretch[]; promised: number }) {
  const rows = capacityRows(stretches);
  return (
    <details class="as-table">
      <summary>capacity as a table</summary>
      <ShortTable caption="capacity over time" titles={FIGURES} look="figures">
        {rows.map((one) => (
          <tr key={one.from}>
            <td>{clockText(one.from)}</td>
            <td>{clockText(one.to)}</td>
            <td>{one.new}</td>
            <td>{one.old}</td>
            <td>{totalOf(one)}</td>
            <td>{promised}</td>
          </tr>
        ))}
      </ShortTable>
    </details>
  );
}
