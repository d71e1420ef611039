// What moves: rollouts with their capacity against the promise, and groups that start or leave.

import type { GroupRow, RolloutRow } from "../../wire.js";
import { shownGroups } from "../filter/lists.js";
import { isStale } from "../live/fleet.js";
import { groupRank } from "../live/order.js";
import { revsText, rolloutWords, servingText } from "../live/summary.js";
import { Age } from "../parts/age.js";
import { Bar } from "../parts/bar.js";
import { groupCommands } from "../parts/commands.js";
import { CopyButton } from "../parts/copy.js";
import { GroupLink } from "../parts/group-link.js";
import { Glyph } from "../parts/state.js";
import { durationText } from "../parts/time-text.js";
import { link } from "../view.js";
import { href, rolloutHref } from "../view-url.js";

const MOST = 30;

export function Moving() {
  const groups = shownGroups.value.filter((row) => groupRank(row) === 1);
  return (
    <section aria-labelledby="moving">
      <h2 id="moving">Moving {isStale.value ? "" : `(${groups.length})`}</h2>
      {groups.length > 0 ? null : <p class="muted">{isStale.value ? "? unknown" : "nothing moves"}</p>}
      <ul class="cards">
        {groups
          .slice(0, MOST)
          .map((row) =>
            row.rollout === null ? (
              <Other key={row.id} row={row} />
            ) : (
              <Rollout key={row.id} row={row} rollout={row.rollout} />
            ),
          )}
      </ul>
      {groups.length <= MOST ? null : (
        <p>
          <a {...link(href("rollouts"))}>and {groups.length - MOST} more groups</a>
        </p>
      )}
    </section>
  );
}

function Rollout({ row, rollout }: { row: GroupRow; rollout: RolloutRow }) {
  const { state, started, deadline, change } = rollout;
  const [status] = groupCommands(row).slice(-1);
  return (
    <li data-row={row.id}>
      <Glyph word={state} />
      <p class="card-line">
        <GroupLink row={row} />
        <a class="mono" {...link(rolloutHref(row, rollout.to))}>
          {rollout.id}
        </a>
        <span>
          {rolloutWords(rollout)}
          {state === "running" || state === "paused" ? " new" : ""}, rev {revsText(rollout)}
        </span>
        <Capacity rollout={rollout} />
        <span>
          <Age at={started} long />
          {deadline > started ? ` of ${durationText(deadline - started)}` : ""}
        </span>
        <span class="muted">
          by {change.actor}
          {change.message === "" ? "" : ` “${change.message}”`}
        </span>
      </p>
      <p class="card-end">
        <a class="button" {...link(rolloutHref(row, rollout.to))}>
          lanes
        </a>
        {status === undefined ? null : <CopyButton text={status} what={status} />}
      </p>
    </li>
  );
}

/** What serves, new and old, against what was promised. */
export function Capacity({ rollout, named = true }: { rollout: RolloutRow; named?: boolean }) {
  const { readyNew, readyOld, wanted, promised } = rollout;
  const serving = readyNew + readyOld;
  const kept = serving >= promised;
  const text = `${named ? "capacity " : ""}${serving} of ${wanted} ${kept ? "≥" : "<"} ${promised}`;
  return (
    <span class="capacity" data-serving={serving} data-promised={promised}>
      <Bar
        parts={[
          { value: readyNew, tone: "new" },
          { value: readyOld, tone: "old" },
        ]}
        most={wanted}
        mark={promised}
        label={`${readyNew} new and ${readyOld} old ready of ${wanted}, ${promised} promised`}
      />{" "}
      <span class={kept ? undefined : "bad"}>{text}</span>
    </span>
  );
}

function Other({ row }: { row: GroupRow }) {
  return (
    <li data-row={row.id}>
      <Glyph word={row.state} />
      <p class="card-line">
        <GroupLink row={row} />
        <span>
          {row.state}: {servingText(row)}
        </span>
      </p>
    </li>
  );
}
