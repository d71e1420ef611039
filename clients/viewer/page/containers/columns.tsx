// The columns of the list of containers.

import type { ContainerRow } from "../../wire.js";
import { addField, namespace } from "../filter/state.js";
import { fleet, seenNow } from "../live/fleet.js";
import { imageOf, shortImage } from "../live/images.js";
import { Age } from "../parts/age.js";
import { Short } from "../parts/short.js";
import { shortened } from "../parts/shortened.js";
import { State } from "../parts/state.js";
import { lookOf } from "../parts/state-look.js";
import type { Column } from "../table/columns.js";
import { CpuCell, MemCell, RestartsCell } from "./usage.js";

const refText = (row: ContainerRow): string =>
  `${namespace.value === "" ? `${row.ns} ` : ""}${shortened(row.ref)}${row.slot > 0 ? `:${row.slot}` : ` ${shortened(row.name)}`}`;

export const CONTAINER_COLUMNS: readonly Column<ContainerRow>[] = [
  {
    key: "container",
    title: "container",
    text: refText,
    cell: (row) => (
      <>
        {namespace.value === "" ? <span class="muted">{row.ns} </span> : null}
        <Short text={row.ref} />
        {row.slot > 0 ? (
          <b>:{row.slot}</b>
        ) : (
          <>
            {" "}
            <Short text={row.name} />
          </>
        )}
      </>
    ),
    by: (row) => `${row.group} ${String(row.slot).padStart(6, "0")} ${row.name}`,
  },
  {
    key: "state",
    title: "state",
    text: (row) => `✓ ${stateText(row)}`,
    cell: (row) => <StateCell row={row} />,
    by: (row) => `${lookOf(row.state).rank} ${row.state}`,
  },
  {
    key: "host",
    room: 40,
    title: "host",
    text: (row) => row.host || "–",
    cell: (row) => (
      <button
        type="button"
        class="plain"
        tabIndex={-1}
        title="filter by this host; with alt: without it"
        onClick={(event) => filterByHost(event, row)}
      >
        {row.host || "–"}
      </button>
    ),
  },
  {
    key: "address",
    room: 60,
    title: "address",
    text: (row) => (row.port > 0 ? `${row.address}:${row.port}` : row.address || "–"),
    cell: (row) => <span class="mono">{row.port > 0 ? `${row.address}:${row.port}` : row.address || "–"}</span>,
  },
  {
    key: "rev",
    room: 50,
    title: "rev",
    end: true,
    text: (row) => (row.rev === 0 ? "–" : String(row.rev)),
    by: (row) => row.rev,
  },
  {
    key: "image",
    room: 70,
    title: "image",
    text: imageText,
    cell: (row) => (
      <span class="mono" title={imageOf(fleet.groups.get(row.group), row)}>
        {imageText(row)}
      </span>
    ),
  },
  {
    key: "generation",
    room: 80,
    title: "made",
    end: true,
    text: (row) => (row.generation > 0 ? `${row.generation}×` : "–"),
    by: (row) => row.generation,
  },
  {
    key: "cpu",
    title: "cpu",
    end: true,
    extra: true,
    quiet: true,
    unsorted: true,
    text: () => "100 %",
    cell: (row) => <CpuCell row={row} />,
  },
  {
    key: "mem",
    title: "mem",
    end: true,
    extra: true,
    quiet: true,
    unsorted: true,
    text: () => "1000 of 1000 MiB",
    cell: (row) => <MemCell row={row} />,
  },
  {
    key: "restarts",
    title: "restarts",
    end: true,
    extra: true,
    quiet: true,
    unsorted: true,
    text: () => "0000",
    cell: (row) => <RestartsCell row={row} />,
  },
  {
    key: "since",
    room: 40,
    title: "for",
    end: true,
    quiet: true,
    text: () => "00 m",
    cell: (row) => <Age at={row.since} />,
    by: (row) => -row.since,
  },
  { key: "origin", title: "origin", extra: true, text: (row) => row.origin },
  { key: "name", title: "name", extra: true, text: (row) => row.name },
  { key: "namespace", title: "namespace", extra: true, text: (row) => row.ns },
  { key: "problem", title: "problem", rest: true, ruler: "exited with code 1", text: (row) => row.problem },
];

function filterByHost(event: MouseEvent, row: ContainerRow): void {
  event.stopPropagation();
  if (row.host !== "") addField("host", row.host, event.altKey);
}

function StateCell({ row }: { row: ContainerRow }) {
  const { word, isOld } = seenNow(row);
  return <State word={isOld ? word : row.state} text={stateText(row)} />;
}

function stateText(row: ContainerRow): string {
  const { text, isOld } = seenNow(row);
  if (isOld) return text;
  return row.phase === "" || row.phase === "running" || row.phase === row.state
    ? row.state
    : `${row.state}, ${row.phase}`;
}

function imageText(row: ContainerRow): string {
  return shortened(shortImage(imageOf(fleet.groups.get(row.group), row))) || "–";
}
