// The columns of the list of groups.

import type { GroupRow } from "../../wire.js";
import { fleet } from "../live/fleet.js";
import { imageCounts, shortImage } from "../live/images.js";
import { groupRank } from "../live/order.js";
import { reasonOf, stateWords } from "../live/summary.js";
import { Age } from "../parts/age.js";
import { Chips } from "../parts/chip.js";
import { GroupName, groupName } from "../parts/group-link.js";
import { Short } from "../parts/short.js";
import { shortened } from "../parts/shortened.js";
import { State } from "../parts/state.js";
import type { Column } from "../table/columns.js";
import { FailureCell } from "./failure-cell.js";
import { HostBar, hostsText } from "./host-bar.js";
import type { ListedGroup } from "./listed.js";
import { Pin } from "./pins.js";

const of = ({ text, cell, by, ...rest }: Column<GroupRow>): Column<ListedGroup> => ({
  ...rest,
  text: ({ row }) => text(row),
  ...(cell === undefined ? {} : { cell: ({ row }: ListedGroup) => cell(row) }),
  ...(by === undefined ? {} : { by: ({ row }: ListedGroup) => by(row) }),
});

export const GROUP_COLUMNS: readonly Column<ListedGroup>[] = [
  of({
    key: "group",
    title: "group",
    leads: true,
    text: (row) => groupName(row),
    cell: (row) => <GroupName row={row} short />,
    by: (row) => row.id,
  }),
  of({
    key: "state",
    title: "state",
    text: (row) => `✓ ${stateWords(row).text}`,
    cell: (row) => <State {...stateWords(row)} />,
    by: groupRank,
  }),
  of({
    key: "ready",
    title: "ready",
    end: true,
    text: (row) => `${row.ready}/${row.wanted}`,
    by: (row) => row.ready - row.wanted,
  }),
  of({
    key: "old",
    room: 50,
    title: "old",
    end: true,
    text: (row) => (row.old === 0 ? "–" : String(row.old)),
    by: (row) => row.old,
  }),
  of({
    key: "rev",
    room: 40,
    title: "rev",
    end: true,
    text: (row) => (row.rev === 0 ? "–" : String(row.rev)),
    by: (row) => row.rev,
  }),
  of({
    key: "image",
    room: 50,
    title: "image",
    text: imageText,
    cell: (row) => (
      <span class="mono" title={[row.image, row.pinned].filter((part) => part !== "").join("\n")}>
        {imageText(row)}
      </span>
    ),
    by: (row) => row.image,
  }),
  of({
    key: "labels",
    room: 100,
    title: "labels",
    text: (row) => row.labels.join("    "),
    cell: (row) => <Chips labels={row.labels} inRow />,
  }),
  of({
    key: "hosts",
    room: 85,
    title: "hosts",
    ruler: "▮▮▮▮▮▮▮▮ 00 hosts",
    text: hostsText,
    cell: (row) => <HostBar row={row} />,
  }),
  of({
    key: "failed",
    room: 115,
    title: "failed 30 m",
    unsorted: true,
    end: true,
    quiet: true,
    text: () => "",
    ruler: "▁▁▁▁▁▁▁ 00",
    cell: (row) => <FailureCell id={row.id} />,
  }),
  of({
    key: "age",
    title: "age",
    end: true,
    quiet: true,
    extra: true,
    text: () => "00 m",
    cell: (row) => <Age at={row.created} />,
    by: (row) => -row.created,
  }),
  of({
    key: "changed",
    room: 90,
    title: "changed",
    end: true,
    quiet: true,
    text: () => "00 m",
    cell: (row) => <Age at={row.last.time} />,
    by: (row) => -row.last.time,
  }),
  of({
    key: "by",
    room: 105,
    title: "last by",
    text: (row) => shortened(row.last.actor),
    cell: (row) => <Short text={row.last.actor} />,
  }),
  of({ key: "namespace", title: "namespace", extra: true, text: (row) => row.ns }),
  of({
    key: "message",
    title: "message",
    extra: true,
    text: (row) => shortened(row.last.message, 160),
    cell: (row) => <Short text={row.last.message} most={160} />,
  }),
  of({ key: "why", title: "why", rest: true, ruler: "exited with code 1, 14 times", text: reasonOf }),
];

/** What it is put under stands once, before the first. */
export const UNDER_COLUMN = (title: string): Column<ListedGroup> => ({
  key: "under",
  title,
  quiet: true,
  unsorted: true,
  text: ({ under, count }) => (count === 0 ? "" : `${under} (${count})`),
  cell: ({ under, count }) => (count === 0 ? "" : <b>{`${under} (${count})`}</b>),
});

export const PIN_COLUMN: Column<ListedGroup> = {
  key: "pin",
  title: "pin",
  bare: true,
  quiet: true,
  text: () => "",
  cell: ({ row }) => <Pin id={row.id} name={row.ref} />,
};

/** Both versions, where two run. */
function imageText(row: GroupRow): string {
  const counts = imageCounts(row, fleet.containers.of("group", row.id));
  if (counts.length < 2) return shortened(shortImage(row.image)) || "–";
  return counts.map(({ name, count }) => `${shortened(name, 40)} ×${count}`).join(" · ");
}
