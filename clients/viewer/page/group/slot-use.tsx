// What the containers of a slot use, in the last two cells of its row.

import type { ContainerRow } from "../../wire.js";
import { Sparkline } from "../parts/bar.js";
import { cpuText, ofLimit, sizeText } from "../stats/figures.js";
import type { SampledUsage } from "../stats/use-stats.js";

const SHOWN_SAMPLES = 30;

interface UseProps {
  readonly containers: readonly ContainerRow[];
  readonly sampled: SampledUsage;
  /** Why nothing is known is said once, for all. */
  readonly isShared: boolean;
}

/** Why nothing is known of what any of them uses; "" where something is, or where the reasons differ. */
export function sharedProblem(containers: readonly ContainerRow[], { history }: SampledUsage): string {
  const problems = containers.flatMap(({ id }) => history.latest(id)?.problem ?? []);
  const [first = ""] = problems;
  return problems.length > 1 && problems.every((one) => one === first) ? first : "";
}

/** Of the newest container of the slot that there are samples of. */
export function Use({ containers, sampled: { history }, isShared }: UseProps) {
  const one = containers.find(({ id }) => history.latest(id) !== undefined);
  const usage = one === undefined ? undefined : history.latest(one.id);
  const samples = one === undefined ? [] : history.of(one.id).slice(-SHOWN_SAMPLES);
  const cpu = ofLimit(usage?.cpu, usage?.cpuLimit, cpuText);
  const mem = ofLimit(usage?.mem, usage?.memLimit, sizeText);
  return (
    <>
      <td data-title="cpu" class="use">
        {cpu} {usage?.cpu == null ? null : <Sparkline values={samples.map((s) => s.usage.cpu)} label={`cpu ${cpu}`} />}
      </td>
      <td data-title="memory" class="use">
        {mem}{" "}
        {usage?.mem == null ? null : <Sparkline values={samples.map((s) => s.usage.mem)} label={`memory ${mem}`} />}
        {usage === undefined || isShared || usage.problem === "" ? null : (
          <span class="muted breaks"> {usage.problem}</span>
        )}
      </td>
    </>
  );
}
