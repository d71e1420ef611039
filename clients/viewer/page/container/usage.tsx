// What a container has used while this page was looking, at most the last quarter of an hour.

import type { ContainerRow } from "../../wire.js";
import { gatewayNow } from "../live/clock.js";
import { growingSpan } from "../plot/axis.js";
import { cpuText, rateText, sizeText } from "../stats/figures.js";
import { KEPT_FOR, type Usage as Used } from "../stats/history.js";
import { StatPlot } from "../stats/plot.js";
import { useStats } from "../stats/use-stats.js";

type Figure = "cpu" | "mem" | "rxPerSecond" | "txPerSecond";

interface Plotted {
  readonly figure: Figure;
  readonly title: string;
  readonly limit: (latest: Used) => number | null;
  readonly text: (value: number) => string;
}

const none = () => null;

const PLOTS: readonly Plotted[] = [
  { figure: "cpu", title: "cpu", limit: ({ cpuLimit }) => cpuLimit, text: cpuText },
  { figure: "mem", title: "memory", limit: ({ memLimit }) => memLimit, text: sizeText },
  { figure: "rxPerSecond", title: "received", limit: none, text: rateText },
  { figure: "txPerSecond", title: "sent", limit: none, text: rateText },
];

/** A figure that nobody has told yet has no picture. */
export function Usage({ row }: { row: ContainerRow }) {
  const { history, newest, refused } = useStats(row);
  // Read for its change: there is another sample.
  const at = newest.value || gatewayNow();
  const samples = history.of(row.id);
  const latest = samples.at(-1)?.usage;
  const first = samples[0]?.time ?? at;
  const grown = growingSpan(first, at);
  const span = at - first > KEPT_FOR - 60_000 ? { from: at - KEPT_FOR, to: at } : grown;
  return (
    <section aria-labelledby="usage" class="usage">
      <h2 id="usage">what it uses</h2>
      {samples.length === 0 ? <p class="muted">{refused.value?.message ?? "waiting for the first sample…"}</p> : null}
      {PLOTS.filter(({ figure }) => samples.some(({ usage }) => usage[figure] !== null)).map(
        ({ figure, title, limit, text }) => (
          <StatPlot
            key={figure}
            title={title}
            span={span}
            points={samples.map(({ time, usage }) => ({ time, value: usage[figure] }))}
            limit={latest === undefined ? null : limit(latest)}
            text={text}
          />
        ),
      )}
      <p class="muted breaks">{restartText(latest)}</p>
    </section>
  );
}

function restartText(latest: Used | undefined): string {
  if (latest === undefined) return "";
  const restarts = latest.restarts === null ? "" : `${latest.restarts} restarts by its engine`;
  return [restarts, latest.problem].filter((text) => text !== "").join(" · ");
}
