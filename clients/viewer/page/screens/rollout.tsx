// One rollout: lanes, and the capacity against the promise.

import { useEffect } from "preact/hooks";
import { DetailState } from "../detail/detail-state.js";
import { useGroup } from "../detail/live-group.js";
import { useKeys } from "../keys.js";
import { knownUntil } from "../live/fleet.js";
import { copyText } from "../parts/copy.js";
import { Empty } from "../parts/empty.js";
import { Failure } from "../rollout/failure.js";
import { RolloutHeader } from "../rollout/header.js";
import { markOpened } from "../rollout/opened.js";
import { Picture } from "../rollout/picture.js";
import { hasFailed, offersOf } from "../rollout/story.js";
import { useRollout } from "../rollout/use-rollout.js";
import { navigate, queryText } from "../view.js";
import { groupHref, href } from "../view-url.js";

/** Screen S4: `ns`, `ref` and `rev` of the address; without `rev` the newest one. */
export function Rollout() {
  const group = { ns: queryText("ns").value || "default", ref: queryText("ref").value };
  const rev = Number.parseInt(queryText("rev").value, 10);
  const { detail, back } = useRollout(group, Number.isSafeInteger(rev) && rev > 0 ? rev : 0);
  const now = knownUntil.value;
  useGroup(group);
  const row = detail.value?.row;
  useEffect(() => {
    if (row !== undefined && hasFailed(row)) markOpened(group, row);
  }, [row?.id, row?.state]);
  useKeys(
    {
      Escape: () => navigate(groupHref(group, "rollouts")),
      l: () => navigate(href("logs", group)),
      y: () => {
        const [offer] = row === undefined ? [] : offersOf(group, row);
        if (offer === undefined) return false;
        void copyText(offer.line);
        return true;
      },
    },
    "screen",
  );
  if (group.ref === "") return <NoGroup />;
  return (
    <section class="detail" data-screen="rollout">
      <DetailState detail={detail} what={`reading the rollout of ${group.ref}…`}>
        {(value) => (
          <>
            <RolloutHeader group={group} row={value.row} changes={value.changes} now={now} />
            <Failure group={group} detail={value} back={back.value} />
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
