// One figure of a container over the last minutes, with its limit.

import { TimeAxis } from "../capacity/chart.js";
import type { Span } from "../plot/axis.js";
import { useWidth } from "../plot/use-width.js";
import { curveOf, type Point } from "./curve.js";

interface PlotProps {
  readonly title: string;
  readonly points: readonly Point[];
  readonly limit: number | null;
  readonly span: Span;
  readonly text: (value: number) => string;
}

const HEIGHT = 4.5;

export function StatPlot({ title, points, limit, span, text }: PlotProps) {
  const [ref, plot] = useWidth();
  const height = Math.round(HEIGHT * plot.em);
  const curve = curveOf(points, span, { width: plot.width, height }, limit);
  const hasLimit = limit !== null && limit > 0;
  const now = curve.last === null ? "–" : text(curve.last);
  const words = `${now}${hasLimit ? ` of ${text(limit)}` : ""}`;
  const high = curve.highest === null ? "" : `highest ${text(curve.highest)}`;
  const y = hasLimit ? Math.max(1, height - (limit / curve.top) * height) : -1;
  return (
    <figure class="stat-plot" data-stat={title}>
      <figcaption>
        <span class="muted">{title}</span> <b>{words}</b> <span class="muted">{high}</span>
      </figcaption>
      <div ref={ref} class="plot-cell">
        {plot.width === 0 ? null : (
          <svg width={plot.width} height={height + 1} role="img" aria-label={`${title}: now ${words}; ${high}`}>
            <line class="level" x1={0} x2={plot.width} y1={height + 0.5} y2={height + 0.5} />
            {y >= 0 ? <line class="promise" x1={0} x2={plot.width} y1={y} y2={y} /> : null}
            <path class="curve" d={curve.path} />
          </svg>
        )}
        <TimeAxis span={span} plot={plot} />
      </div>
    </figure>
  );
}
