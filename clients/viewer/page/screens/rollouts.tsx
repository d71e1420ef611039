// The rollouts that run, and those that have ended badly and nothing has come after.

import { useMemo } from "preact/hooks";
import type { GroupRow, RolloutRow } from "../../wire.js";
import { groupLine } from "../detail/command.js";
import { groupsHere, shownGroups } from "../filter/lists.js";
import { filterText, namespace } from "../filter/state.js";
import { groupSubject } from "../filter/subjects.js";
import { isStale } from "../live/fleet.js";
import { compareGroups } from "../live/order.js";
import { revsText } from "../live/summary.js";
import { Capacity } from "../overview/moving.js";
import { Age, Clock } from "../parts/age.js";
import { Empty } from "../parts/empty.js";
import { GroupName, groupName } from "../parts/group-link.js";
import { ListGate } from "../parts/list-gate.js";
import { Short } from "../parts/short.js";
import { shortened } from "../parts/shortened.js";
import { State } from "../parts/state.js";
import { lookOf } from "../parts/state-look.js";
import { lastedText } from "../parts/time-text.js";
import type { Column } from "../table/columns.js";
import { usePicked } from "../table/picker.js";
import { SortedTable } from "../table/sorted-table.js";
import { href, rolloutHref } from "../view-url.js";

interface Listed {
  readonly row: GroupRow;
  readonly rollout: RolloutRow;
}

const COLUMNS: readonly Column<Listed>[] = [
  { key: "group", title: "group", text: ({ row }) => groupName(row), cell: ({ row }) => <GroupName row={row} short /> },
  {
    key: "rollout",
    room: 35,
    title: "rollout",
    text: ({ rollout }) => rollout.id,
    cell: ({ rollout }) => <span class="mono">{rollout.id}</span>,
    by: ({ rollout }) => rollout.to,
  },
  {
    key: "state",
    title: "state",
    text: ({ rollout }) => `✓ ${stateText(rollout)}`,
    cell: ({ rollout }) => <State word={rollout.state} text={stateText(rollout)} />,
    by: ({ rollout }) => lookOf(rollout.state).rank,
  },
  { key: "revs", room: 50, title: "rev", text: ({ rollout }) => revsText(rollout), by: ({ rollout }) => rollout.to },
  {
    key: "new",
    title: "new",
    end: true,
    text: ({ rollout }) => `${rollout.readyNew} of ${rollout.wanted}`,
    by: ({ rollout }) => rollout.readyNew,
  },
  {
    key: "capacity",
    title: "capacity",
    text: ({ rollout }) =>
      `▓▓▓▓▓▓▓▓▓ ${rollout.readyNew + rollout.readyOld} of ${rollout.wanted} ≥ ${rollout.promised}`,
    cell: ({ rollout }) => <Capacity rollout={rollout} named={false} />,
    by: ({ rollout }) => rollout.readyNew + rollout.readyOld - rollout.promised,
  },
  {
    key: "started",
    room: 70,
    title: "started",
    text: () => "00:00:00",
    quiet: true,
    cell: ({ rollout }) => <Clock at={rollout.started} />,
    by: ({ rollout }) => -rollout.started,
  },
  {
    key: "for",
    title: "for",
    end: true,
    text: () => "00 m 00 s",
    quiet: true,
    cell: ({ rollout: { started, ended } }) => (ended > 0 ? lastedText(ended - started) : <Age at={started} long />),
    by: ({ rollout: { started, ended } }) => (ended > 0 ? ended - started : Number.MAX_SAFE_INTEGER - started),
  },
  {
    key: "by",
    room: 60,
    title: "by",
    text: ({ rollout }) => shortened(rollout.change.actor),
    cell: ({ rollout }) => <Short text={rollout.change.actor} />,
  },
  {
    key: "why",
    title: "why",
    rest: true,
    ruler: "exited with code 1, 14 times",
    text: ({ rollout }) => rollout.failure?.text ?? rollout.change.message,
  },
];

const stateText = ({ state, pause }: RolloutRow): string =>
  `${state.replaceAll("-", " ")}${state === "paused" && pause !== "" ? ` (${pause})` : ""}`;

export function Rollouts() {
  const here = groupsHere.value;
  const groups = shownGroups.value;
  const columns = usePicked(COLUMNS);
  const rows = useMemo(
    () => groups.flatMap((row) => (row.rollout === null ? [] : [{ row, rollout: row.rollout }])),
    [groups],
  );
  return (
    <section data-screen="rollouts" class="fill">
      <h1 class="unseen">Rollouts</h1>
      <ListGate what="groups" here={here.length} shown={groups.length} subjects={() => here.map(groupSubject)}>
        {rows.length === 0 ? (
          <Empty title={isStale.value ? "? unknown" : "No rollout runs, and none has ended badly."}>
            <p class="muted">Rollouts that are done stand under their group, in its history.</p>
          </Empty>
        ) : (
          <SortedTable
            label="rollouts"
            fill
            rows={rows}
            id={({ row }) => row.id}
            columns={columns}
            compare={(a, b) => compareGroups(a.row, b.row)}
            wish={`${filterText.value} ${namespace.value}`}
            href={({ row, rollout }) => rolloutHref(row, rollout.to)}
            isStale={() => isStale.value}
            command={({ row }) => groupLine(row, "rollout", "status")}
            logs={({ row }) => href("logs", { ns: row.ns, of: row.ref })}
          />
        )}
      </ListGate>
    </section>
  );
}
