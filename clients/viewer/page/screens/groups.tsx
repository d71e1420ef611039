// S2 Groups: one row a group.

import { useMemo } from "preact/hooks";
import { groupsHere, shownGroups } from "../filter/lists.js";
import { filterText, namespace } from "../filter/state.js";
import { groupSubject } from "../filter/subjects.js";
import { GROUP_COLUMNS, PIN_COLUMN, UNDER_COLUMN } from "../groups/columns.js";
import { useFailures } from "../groups/failure-cell.js";
import { isUnder, type ListedGroup, listedGroups, UNDER } from "../groups/listed.js";
import { pins, togglePin } from "../groups/pins.js";
import { fleet, isStale } from "../live/fleet.js";
import { groupCommand } from "../parts/commands.js";
import { ListGate } from "../parts/list-gate.js";
import { Switch } from "../parts/switch.js";
import { comparing } from "../table/columns.js";
import { ColumnPicker, usePicked } from "../table/picker.js";
import { Table } from "../table/table.js";
import { queryText, setQuery } from "../view.js";
import { groupHref, href } from "../view-url.js";

export function Groups() {
  const here = groupsHere.value;
  return (
    <section data-screen="groups" class="fill">
      <h1 class="unseen">Groups</h1>
      <ListGate
        what="groups"
        here={here.length}
        shown={shownGroups.value.length}
        subjects={() => here.map(groupSubject)}
      >
        <List />
      </ListGate>
    </section>
  );
}

/** The order of the list itself: pins, trouble, motion, name. */
const asListed = () => 0;

function List() {
  useFailures();
  const under = queryText("by").value;
  const sort = queryText("sort").value;
  const picked = usePicked(GROUP_COLUMNS);
  const columns = useMemo(
    () =>
      [...picked.slice(0, 1), PIN_COLUMN, ...picked.slice(1)].flatMap((one, at) =>
        at === 0 && isUnder(under) ? [UNDER_COLUMN(under), one] : [one],
      ),
    [picked, under],
  );
  const rows = useRows(under, sort);
  return (
    <>
      <div class="tools">
        <Switch
          label="by"
          choices={[["", "trouble"], ...UNDER.map((word) => [word, word] as const)]}
          chosen={isUnder(under) ? under : ""}
          choose={(by) => setQuery({ by, sort: "" }, { push: true })}
        />
        <span class="end">
          <ColumnPicker columns={GROUP_COLUMNS} />
        </span>
      </div>
      <Table
        label="groups"
        fill
        rows={rows}
        id={({ id }) => id}
        columns={columns}
        sort={sort}
        onSort={(next) => setQuery({ sort: next })}
        wish={`${under} ${filterText.value} ${namespace.value} ${pins.value.join()}`}
        href={({ row }) => groupHref(row)}
        isStale={({ row }) => isStale.value || row.state === "unknown"}
        pin={({ row }) => togglePin(row.id)}
        command={({ row }) => groupCommand(row)}
        logs={({ row }) => href("logs", { ns: row.ns, of: row.ref })}
      />
    </>
  );
}

function useRows(under: string, sort: string): readonly ListedGroup[] {
  const groups = shownGroups.value;
  // Only then does where containers are change the rows themselves.
  const places = under === "host" ? fleet.containers.version.value : 0;
  return useMemo(() => {
    const hosts = (row: { id: string }) => fleet.containers.of("group", row.id).map(({ host }) => host);
    const listed = listedGroups(groups, under, { pins: pins.value, hosts });
    return sort === "" ? listed : listed.sort(comparing(GROUP_COLUMNS, sort, asListed));
  }, [groups, under, sort, pins.value, places]);
}
