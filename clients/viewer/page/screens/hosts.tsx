// S7 Hosts: as a table, and as the picture.

import { shownHosts } from "../filter/lists.js";
import { filterText } from "../filter/state.js";
import { hostSubject } from "../filter/subjects.js";
import { HOST_COLUMNS } from "../hosts/columns.js";
import { Picture } from "../hosts/picture.js";
import { fleet, isStale } from "../live/fleet.js";
import { compareHosts } from "../live/order.js";
import { hostCommand } from "../parts/commands.js";
import { Empty } from "../parts/empty.js";
import { ListGate } from "../parts/list-gate.js";
import { Switch } from "../parts/switch.js";
import { ColumnPicker, usePicked } from "../table/picker.js";
import { SortedTable } from "../table/sorted-table.js";
import { queryText, setQuery } from "../view.js";
import { href } from "../view-url.js";

export function Hosts() {
  fleet.hosts.version.value;
  const hosts = shownHosts.value;
  const as = queryText("as").value;
  const isNone = fleet.loaded.value && fleet.hosts.size === 0;
  return (
    <section data-screen="hosts" class={as === "table" ? "fill" : undefined}>
      <h1 class="unseen">Hosts</h1>
      {isNone ? (
        <Empty title="No host is known yet.">
          <p class="muted">The leading server writes down its engines when it starts.</p>
        </Empty>
      ) : (
        <ListGate
          what="hosts"
          here={fleet.hosts.size}
          shown={hosts.length}
          subjects={() => [...fleet.hosts.all()].map(hostSubject)}
        >
          <div class="tools">
            <Switch
              label="as"
              choices={[
                ["", "picture"],
                ["table", "table"],
              ]}
              chosen={as === "table" ? "table" : ""}
              choose={(next) => setQuery({ as: next, sort: "", cols: "" }, { push: true })}
            />
            {as === "table" ? (
              <span class="end">
                <ColumnPicker columns={HOST_COLUMNS} />
              </span>
            ) : null}
          </div>
          {as === "table" ? <List /> : <Picture hosts={hosts} />}
        </ListGate>
      )}
    </section>
  );
}

function List() {
  const columns = usePicked(HOST_COLUMNS);
  return (
    <SortedTable
      label="hosts"
      fill
      rows={shownHosts.value}
      id={({ name }) => name}
      columns={columns}
      compare={compareHosts}
      wish={filterText.value}
      href={({ name }) => href("containers", { filter: `host:${name}` })}
      isStale={({ state }) => isStale.value || state !== "ready"}
      command={hostCommand}
    />
  );
}
