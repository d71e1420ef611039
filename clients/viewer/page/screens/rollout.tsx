// One rollout: lanes, and the capacity against the promise.

import { useEffect } from "preact/hooks";
import type { RolloutDetail } from "../../wire.js";
import { DetailState } from "../detail/detail-state.js";
import { Evidence } from "../detail/evidence.js";
import { useGroup, useKnownUntil } from "../detail/live-group.js";
import { useKeys } from "../keys.js";
import { copyText } from "../parts/copy.js";
import { Empty } from "../parts/empty.js";
import { RolloutHeader } from "../rollout/header.js";
import { markOpened } from "../rollout/opened.js";
import { Picture } from "../rollout/picture.js";
import { fromHere, hasFailed, offersOf } from "../rollout/story.js";
import { useRollout } from "../rollout/use-rollout.js";
import { navigate, queryText } from "../view.js";
import { groupHref, href } from "../view-url.js";

/** Screen S4: `ns`, `ref` and `rev` of the address; without `rev` the newest one. */
export function Rollout() {
  const group = { ns: queryText("ns").value, ref: queryText("ref").value };
  const rev = Number.parseInt(queryText("rev").value, 10);
  const { detail, back } = useRollout(group, Number.isSafeInteger(rev) && rev > 0 ? rev : 0);
  const now = useKnownUntil();
  useGroup(group);
  const row = detail.value?.row;
  useEffect(() => {
    if (row !== undefined && hasFailed(row)) markOpened(group, row);
  }, [row?.id, row?.state]);
  useKeys({
    Escape: () => navigate(groupHref(group, "rollouts")),
    l: () => navigate(href("logs", group)),
    y: () => {
      const [offer] = row === undefined ? [] : offersOf(group, row);
      if (offer === undefined) return false;
      void copyText(offer.line);
      return true;
    },
  });
  if (group.ref === "") return <NoGroup />;
  return (
    <section class="detail" data-screen="rollout">
      <DetailState detail={detail} what={`reading the rollout of ${group.ref}…`}>
        {(value) => (
          <>
            <RolloutHeader group={group} row={value.row} changes={value.changes} now={now} />
            <Unplaced group={group} detail={value} back={back.value} />
            <Picture group={group} detail={value} back={back.value} now={now} />
          </>
        )}
      </DetailState>
    </section>
  );
}

function NoGroup() {
  return (
    <section class="detail" data-screen="rollout">
      <Empty title="No group is named: the address of a rollout has ns, ref and rev." />
    </section>
  );
}

/** A failure that is of no lane that is shown stands above the picture. */
function Unplaced({ group, detail, back }: UnplacedProps) {
  const { row, lanes, evidence } = detail;
  const { failure } = row;
  if (failure === null) return null;
  const isInLane = lanes.some(({ slot }) => slot === failure.slot) && evidence.some((one) => one.slot === failure.slot);
  const kept = evidence.find(({ container }) => container === failure.container);
  return (
    <div class="failed-why" data-failure={failure.reason}>
      <p>
        <span class="glyph bad" aria-hidden="true">
          ✗
        </span>{" "}
        <b class="breaks">{failure.text}</b> <code class="code">[{failure.reason}]</code>
      </p>
      <p class="from-here">{fromHere(row, back)}</p>
      {isInLane ? null : kept === undefined ? (
        <LastLines lines={failure.lines} />
      ) : (
        <Evidence group={group} evidence={kept} />
      )}
    </div>
  );
}

interface UnplacedProps {
  readonly group: { readonly ns: string; readonly ref: string };
  readonly detail: RolloutDetail;
  readonly back: RolloutDetail | undefined;
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
