// The picture of a rollout: capacity against the promise, and under it a lane for each slot, along one axis of time. What
// takes it back goes on below in the same direction.

import type { EvidenceDetail, GroupKey, Lane, RolloutDetail } from "../../wire.js";
import { CapacityChart, CapacityLevels, CapacityTable, TimeAxis } from "../capacity/chart.js";
import { capacityWords } from "../capacity/words.js";
import { Evidence } from "../detail/evidence.js";
import { LaneRow } from "../lanes/lane.js";
import { laneSince } from "../lanes/strips.js";
import { clockText } from "../parts/time-text.js";
import type { Span } from "../plot/axis.js";
import { type Measured, useWidth } from "../plot/use-width.js";
import { seenCapacity } from "./seen.js";
import { fromHere, spanOfRollout } from "./story.js";

interface PictureProps {
  readonly group: GroupKey;
  readonly detail: RolloutDetail;
  /** The rollout that takes it back, where there is one. */
  readonly back: RolloutDetail | undefined;
  /** Up to then is known what is shown. */
  readonly now: number;
}

export function Picture({ group, detail, back, now }: PictureProps) {
  const [ref, plot] = useWidth();
  const { row } = detail;
  const span = spanOfRollout(row, back, now);
  const stretches = seenCapacity(detail, back, now);
  const words = capacityWords(row, stretches);
  const shared = { group, span, plot, now };
  const isBlank = [detail, back].every((one) => (one?.lanes.length ?? 0) === 0) && stretches.length === 0;
  if (isBlank && row.ended > 0)
    return (
      <p class="muted">This viewer did not watch this rollout: its capacity and its slots over time are not known.</p>
    );
  return (
    <div class="rollout-picture">
      <div class="swim swim-capacity">
        <CapacityLevels row={row} stretches={stretches} plot={plot} />
        <div ref={ref} class="plot-cell">
          {plot.width === 0 ? null : (
            <CapacityChart row={row} span={span} stretches={stretches} words={words} plot={plot} until={now} />
          )}
        </div>
        <div class="capacity-legend">
          <b>{words.present}</b>
          <span class={words.isBroken ? "bad" : "muted"}>
            {words.isBroken ? "✗ " : ""}
            {words.promise}
          </span>
          <Keys from={row.from} to={row.to} />
        </div>
      </div>
      <Lanes {...shared} detail={detail} back={back} alike={0} />
      {back === undefined ? null : (
        <>
          <h3 class="back-to">↩ back to rev {row.from}</h3>
          <Lanes {...shared} detail={sinceItsStart(back)} back={undefined} alike={row.from} />
        </>
      )}
      <div class="swim">
        <span />
        <TimeAxis span={span} plot={plot} />
        <span />
      </div>
      <Unseen detail={detail} from={span.from} />
      <CapacityTable stretches={stretches} promised={row.promised} />
    </div>
  );
}

function Keys({ from, to }: { from: number; to: number }) {
  return (
    <ul class="legend-keys" aria-label="what the areas are">
      <li>
        <i class="key-old" aria-hidden="true" /> {from > 0 ? `rev ${from}` : "old"}
      </li>
      <li>
        <i class="key-new" aria-hidden="true" /> rev {to}
      </li>
      <li>
        <i class="key-promise" aria-hidden="true" /> promised
      </li>
    </ul>
  );
}

/** Milliseconds; a shorter time is hatched as well. */
const WORTH_SAYING = 3_000;

/** The time of which this viewer knows nothing is said, not left to be taken for calm. */
function Unseen({ detail: { seenFrom }, from }: { detail: RolloutDetail; from: number }) {
  if (seenFrom <= from + WORTH_SAYING) return null;
  return (
    <p class="muted unseen-note">
      This viewer has watched the group since {clockText(seenFrom)}; what is hatched it did not see.
    </p>
  );
}

interface LanesProps {
  readonly group: GroupKey;
  readonly span: Span;
  readonly plot: Measured;
  readonly now: number;
  readonly detail: RolloutDetail;
  readonly back: RolloutDetail | undefined;
  readonly alike: number;
}

/** What was before stands in the lanes above. */
function sinceItsStart(back: RolloutDetail): RolloutDetail {
  return { ...back, lanes: back.lanes.map((lane) => laneSince(lane, back.row.started)) };
}

function Lanes({ detail, back, ...shared }: LanesProps) {
  const { row, lanes } = detail;
  if (lanes.length === 0)
    return (
      <p class="muted">What happened slot by slot is not known: this viewer did not watch, or has forgotten it.</p>
    );
  const image = detail.changes.find(({ path }) => path === "image")?.to ?? "";
  return (
    <ol class="lanes" aria-label={`slots of ${row.id}`}>
      {lanes.map((lane) => {
        const failed = failuresOf(lane, detail);
        const [newest] = failed;
        return (
          <LaneRow key={lane.slot} {...shared} lane={lane} rev={row.to}>
            {newest === undefined ? null : (
              <div class="unfolded">
                <Evidence group={shared.group} evidence={newest} image={image} before={failed.length - 1} />
                {/* Once, where it failed. */}
                {row.failure !== null && row.failure.slot !== lane.slot ? null : (
                  <p class="from-here">{fromHere(row, back)}</p>
                )}
              </div>
            )}
          </LaneRow>
        );
      })}
    </ol>
  );
}

/** Of this slot and this revision, the one that the rollout failed by first, then the newest; only where the lane did not come right in the end. */
function failuresOf({ slot, state }: Lane, { row, evidence }: RolloutDetail): EvidenceDetail[] {
  const isWell = (state === "done" || state === "ready") && row.failure?.slot !== slot;
  if (isWell) return [];
  const isCause = (one: EvidenceDetail) => Number(one.container === row.failure?.container);
  return evidence
    .filter((one) => one.slot === slot && one.rev === row.to)
    .sort((a, b) => isCause(b) - isCause(a) || b.time - a.time);
}
