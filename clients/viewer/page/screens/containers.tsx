// S5 Containers: all of them, on all hosts, in one list.

import { computed, useSignal } from "@preact/signals";
import type { ContainerRow } from "../../wire.js";
import { CONTAINER_COLUMNS } from "../containers/columns.js";
import { shownContainersOf } from "../filter/lists.js";
import { filterText, namespace } from "../filter/state.js";
import { containerSubject } from "../filter/subjects.js";
import { fleet, isStale, seenNow } from "../live/fleet.js";
import { compareContainers } from "../live/order.js";
import { OrderedRows } from "../live/ordered.js";
import { containerCommand, containerRef } from "../parts/commands.js";
import { copyText } from "../parts/copy.js";
import { ListGate } from "../parts/list-gate.js";
import { comparing } from "../table/columns.js";
import { ColumnPicker, usePicked } from "../table/picker.js";
import { Table } from "../table/table.js";
import { link, queryText, setQuery } from "../view.js";
import { containerHref, href } from "../view-url.js";

const sort = queryText("sort");
const ordered = computed(
  () => new OrderedRows(fleet.containers, (row) => row.id, comparing(CONTAINER_COLUMNS, sort.value, compareContainers)),
);
const shown = shownContainersOf(ordered);

const inNamespace = () =>
  [...fleet.containers.all()].filter(({ ns }) => namespace.value === "" || ns === namespace.value);

export function Containers() {
  fleet.containers.version.value;
  return (
    <section data-screen="containers" class="fill">
      <h1 class="unseen">Containers</h1>
      <ListGate
        what="containers"
        here={namespace.value === "" ? fleet.containers.size : inNamespace().length}
        shown={shown.value.length}
        subjects={() => inNamespace().map(containerSubject)}
      >
        <List />
      </ListGate>
    </section>
  );
}

function List() {
  // A host that falls silent changes what is known of its containers, and none of their rows.
  fleet.hosts.version.value;
  const columns = usePicked(CONTAINER_COLUMNS);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const toggle = (id: string) => {
    const next = new Set(chosen.value);
    if (!next.delete(id)) next.add(id);
    chosen.value = next;
  };
  const rows = [...chosen.value].flatMap((id) => fleet.containers.get(id) ?? []);
  return (
    <>
      <div class="tools">
        <Chosen rows={rows} clear={() => (chosen.value = new Set())} />
        <span class="end">
          <ColumnPicker columns={CONTAINER_COLUMNS} />
        </span>
      </div>
      <Table
        label="containers"
        fill
        rows={shown.value}
        id={(row) => row.id}
        columns={columns}
        sort={sort.value}
        onSort={(next) => setQuery({ sort: next })}
        wish={`${filterText.value} ${namespace.value}`}
        href={containerHref}
        chosen={chosen.value}
        onChoose={toggle}
        isStale={(row) => isStale.value || seenNow(row).isOld}
        command={containerCommand}
        logs={(row) => href("logs", { ns: row.ns, of: containerRef(row) })}
      />
    </>
  );
}

function Chosen({ rows, clear }: { rows: readonly ContainerRow[]; clear: () => void }) {
  if (rows.length === 0)
    return <span class="muted">choose containers to merge their logs or copy their references</span>;
  const [first] = rows;
  const oneNamespace = rows.every(({ ns }) => ns === first?.ns);
  const refs = [...new Set(rows.map((row) => (row.slot > 0 ? containerRef(row) : row.ref)))];
  return (
    <>
      <span role="status">{rows.length} chosen</span>
      {oneNamespace ? (
        <a class="button" {...link(href("logs", { ns: first?.ns, of: refs.join(" ") }))}>
          merge logs of {rows.length === 1 ? "this one" : `these ${rows.length}`}
        </a>
      ) : (
        <span class="muted">logs of one namespace can be merged, these are of several</span>
      )}
      <button type="button" onClick={() => void copyText(refs.join("\n"))}>
        copy references
      </button>
      <button type="button" onClick={clear}>
        choose none
      </button>
    </>
  );
}
