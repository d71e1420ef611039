// What a rollout failed by, above its picture: in a line where a lane below unfolds it, in full where none does.

import type { FailureRow, GroupKey, RolloutDetail } from "../../wire.js";
import { Evidence } from "../detail/evidence.js";
import { fromHere } from "./story.js";

interface FailureProps {
  readonly group: GroupKey;
  readonly detail: RolloutDetail;
  readonly back: RolloutDetail | undefined;
}

/** Nothing where nothing failed. */
export function Failure({ group, detail: { row, lanes, evidence }, back }: FailureProps) {
  const { failure } = row;
  if (failure === null) return null;
  const { slot, text } = failure;
  const ofSlot = evidence.filter((one) => one.slot === slot);
  const isUnfolded = lanes.some((lane) => lane.slot === slot) && ofSlot.length > 0;
  const kept = isUnfolded ? undefined : evidence.find(({ container }) => container === failure.container);
  const below = (isUnfolded ? ofSlot : [kept]).flatMap((one) => one?.text ?? []);
  const isSaidBelow = below.some((one) => one !== "" && text.startsWith(one));
  const now = isUnfolded ? `${row.readyNew + row.readyOld} of ${row.wanted} ready now` : fromHere(row, back);
  return (
    <div class="failed-why" data-failure={failure.reason}>
      <p>
        <span class="glyph bad" aria-hidden="true">
          ✗
        </span>{" "}
        <b class="breaks">failed{placeOf(failure)}</b>
        {now === "" ? null : ` · ${now}`}
      </p>
      {isSaidBelow ? null : (
        <p>
          <b class="breaks">{text}</b> <code class="code">[{failure.reason}]</code>
        </p>
      )}
      {kept === undefined ? null : <Evidence group={group} evidence={kept} />}
      {isUnfolded || kept !== undefined ? null : <LastLines lines={failure.lines} />}
    </div>
  );
}

function placeOf({ slot, host }: FailureRow): string {
  return `${slot > 0 ? ` in slot ${slot}` : ""}${host === "" ? "" : ` on ${host}`}`;
}

function LastLines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <ol class="lines" data-last-lines>
      {lines.slice(-20).map((text, at) => (
        <li key={`${at} ${text}`}>
          <span class="line-text">{text}</span>
        </li>
      ))}
    </ol>
  );
}
