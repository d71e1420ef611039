// What a container has used while this page was looking, at most the last quarter of an hour.

import type { ContainerRow } from "../../wire.js";
import { gatewayNow } from "../live/clock.js";
import { growingSpan } from "../plot/axis.js";
import { cpuText, rateText, sizeText } from "../stats/figures.js";
import { KEPT_FOR, type Usage as Used } from "../stats/history.js";
import { StatPlot } from "../stats/plot.js";
import { useStats } from "../stats/use-stats.js";

type Figure = "cpu" | "mem" | "rxPerSecond" | "txPerSecond";

export function Usage({ row }: { row: ContainerRow }) {
  const { history, newest, refused } = useStats(row);
  // Read for its change: there is another sample.
  const at = newest.value || gatewayNow();
  const samples = history.of(row.id);
  const latest = samples.at(-1)?.usage;
  const first = samples[0]?.time ?? at;
  const grown = growingSpan(first, at);
  const span = at - first > KEPT_FOR - 60_000 ? { from: at - KEPT_FOR, to: at } : grown;
  const points = (figure: Figure) => samples.map(({ time, usage }) => ({ time, value: usage[figure] }));
  const shared = { span };
  return (
    <section aria-labelledby="usage" class="usage">
      <h2 id="usage">what it uses</h2>
      {samples.length === 0 ? <p class="muted">{refused.value?.message ?? "waiting for the first sample…"}</p> : null}
      <StatPlot {...shared} title="cpu" points={points("cpu")} limit={latest?.cpuLimit ?? null} text={cpuText} />
      <StatPlot {...shared} title="memory" points={points("mem")} limit={latest?.memLimit ?? null} text={sizeText} />
      <StatPlot {...shared} title="received" points={points("rxPerSecond")} limit={null} text={rateText} />
      <StatPlot {...shared} title="sent" points={points("txPerSecond")} limit={null} text={rateText} />
      <p class="muted">{restartText(latest)}</p>
    </section>
  );
}

function restartText(latest: Used | undefined): string {
  if (latest === undefined) return "";
  const restarts = latest.restarts === null ? "" : `${latest.restarts} restarts by its engine`;
  return [restarts, latest.problem].filter((text) => text !== "").join(" · ");
}
