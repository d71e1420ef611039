// The life of a container as a line of moments, each with how long it lasted.

import type { ContainerDetail, ContainerRow, EvidenceDetail } from "../../wire.js";
import { Clock } from "../parts/age.js";
import { lastedText } from "../parts/time-text.js";
import { lifeOf } from "./moments.js";

interface LifeProps {
  readonly steps: NonNullable<ContainerDetail["steps"]>;
  readonly row: ContainerRow;
  readonly evidence: readonly EvidenceDetail[];
}

export function Life({ steps, row, evidence }: LifeProps) {
  const moments = lifeOf(steps, row, evidence);
  if (moments.length === 0) return null;
  return (
    <section aria-labelledby="life">
      <h2 id="life">its life</h2>
      <ol class="life" data-life={moments.length}>
        {moments.map(({ time, what, lasted }) => (
          <li key={`${time} ${what}`} data-moment={what}>
            <Clock at={time} /> <b>{what}</b>{" "}
            <span class="muted">{lasted === undefined ? "" : `for ${lastedText(lasted)}`}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
