// A group's revisions with what became of them, newest first; the rollout that goes on as a picture above them.

import type { GroupDetail, GroupKey, RevisionDetail } from "../../wire.js";
import { changeText, compareFields } from "../config-diff/compare.js";
import { groupLine } from "../detail/command.js";
import { knownUntil } from "../live/fleet.js";
import { Age } from "../parts/age.js";
import { CopyLine } from "../parts/copy.js";
import { Empty } from "../parts/empty.js";
import { ShortTable } from "../parts/short-table.js";
import { State } from "../parts/state.js";
import { lastedText } from "../parts/time-text.js";
import { Picture } from "../rollout/picture.js";
import { goesOn } from "../rollout/story.js";
import { useRollout } from "../rollout/use-rollout.js";
import { link } from "../view.js";
import { rolloutHref } from "../view-url.js";

const TITLES = ["rev", "age", "who", "what", "result", "why"];

export function RolloutsTab({ group, detail: { row, revisions } }: { group: GroupKey; detail: GroupDetail }) {
  const order = [...revisions].sort((a, b) => b.rev - a.rev);
  const present = row.rollout;
  if (order.length === 0) return <Empty title="No revision of this group's config is kept." />;
  return (
    <>
      {present !== null && goesOn(present) ? <Present group={group} rev={present.to} /> : null}
      <ShortTable caption={`revisions of ${group.ref}, newest first`} titles={TITLES} look="history">
        {order.map((revision, at) => (
          <Revision key={revision.rev} group={group} revision={revision} before={order[at + 1]} />
        ))}
      </ShortTable>
      <CopyLine line={groupLine(group, "rollout", "history")} />
    </>
  );
}

/** The picture of what goes on now. */
function Present({ group, rev }: { group: GroupKey; rev: number }) {
  const { detail, back } = useRollout(group, rev);
  const now = knownUntil.value;
  return detail.value === undefined ? null : (
    <Picture group={group} detail={detail.value} back={back.value} now={now} />
  );
}

interface RevisionProps {
  readonly group: GroupKey;
  readonly revision: RevisionDetail;
  readonly before: RevisionDetail | undefined;
}

function Revision({ group, revision, before }: RevisionProps) {
  const { rev, change, rollout } = revision;
  const why = rollout?.failure?.text ?? change.message;
  return (
    <tr data-rev={rev}>
      <th scope="row">
        <a {...link(rolloutHref(group, rev))}>{rev}</a>
      </th>
      <td data-title="age">
        <Age at={change.time} />
      </td>
      <td data-title="who">{change.actor || "theseus"}</td>
      <td data-title="what" class="breaks">
        {whatText(revision, before)}
      </td>
      <td data-title="result">
        {rollout === null ? (
          <span class="muted">–</span>
        ) : (
          <>
            <State word={rollout.state} />{" "}
            <span class="muted">{rollout.ended > 0 ? lastedText(rollout.ended - rollout.started) : ""}</span>
          </>
        )}
      </td>
      <td data-title="why" class="breaks">
        {why === "" ? <span class="muted">–</span> : why}
      </td>
    </tr>
  );
}

function whatText(revision: RevisionDetail, before: RevisionDetail | undefined): string {
  const back = revision.rollout?.rollbackOf ?? 0;
  if (back > 0) return `takes back rev ${back}`;
  if (before === undefined) return revision.rev === 1 ? `created with ${revision.image}` : revision.image;
  const rows = compareFields(before.fields, revision.fields).filter(({ kind }) => kind !== "same");
  const hidden = rows.map((row) => ({ ...row, left: veiled(row.left), right: veiled(row.right) }));
  return changeText(hidden) || "no field differs";
}

const veiled = (value: string | undefined) => (value?.startsWith("(hidden") ? "••••" : value);
