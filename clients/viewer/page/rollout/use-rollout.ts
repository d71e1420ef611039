// A rollout with the one that takes it back, kept up to date while they go on.

import { useEffect, useState } from "preact/hooks";
import type { GroupKey, RolloutDetail, RolloutRow } from "../../wire.js";
import { useGroup, useSignOf } from "../detail/live-group.js";
import { type Detail, useDetail } from "../detail/use-detail.js";
import { address } from "../view-url.js";
import { goesOn } from "./story.js";

/** Milliseconds between two readings, so that a lane is not seen to move later than on the command line. */
const WHILE_IT_MOVES = 250;

export interface WithBack {
  readonly detail: Detail<RolloutDetail>;
  readonly back: Detail<RolloutDetail>;
}

/** @param rev 0: the newest that a person asked for; what takes it back is shown with it, not in its place. */
export function useRollout(group: GroupKey, rev: number): WithBack {
  const sign = useSignOf(group);
  const asked = useAsked(group, rev);
  const pathOf = (of: number) => address("/api/rollout", { ns: group.ns, ref: group.ref, rev: of });
  const detail = useDetail<RolloutDetail>(group.ref === "" ? "" : pathOf(asked.rev), sign, WHILE_IT_MOVES);
  const row = detail.value?.row;
  asked.read(row);
  const backRev = row?.rollbackRev ?? 0;
  const mayMove = row !== undefined && (goesOn(row) || row.state === "rolling-back");
  const back = useDetail<RolloutDetail>(backRev > 0 ? pathOf(backRev) : "", `${sign}${mayMove}`, WHILE_IT_MOVES);
  return { detail, back };
}

/** Which revision is read. What the page's store has told of stays when the store has no more to say of it. */
function useAsked(group: GroupKey, rev: number) {
  const told = useGroup(group)?.rollout?.to ?? 0;
  const name = `${group.ns} ${group.ref}`;
  const [kept, keep] = useState({ name, rev: told });
  const known = kept.name === name ? kept.rev : 0;
  const next = told || known;
  useEffect(() => {
    if (next !== known || kept.name !== name) keep({ name, rev: next });
  }, [name, next]);
  return {
    rev: rev || next,
    /** What was read takes another one back: that one is asked for. */
    read: (row: RolloutRow | undefined) => {
      const other = row?.rollbackOf ?? 0;
      if (rev === 0 && told === 0 && other > 0 && known !== other) keep({ name, rev: other });
    },
  };
}
