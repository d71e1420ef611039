// The columns of the list of hosts.

import type { HostRow } from "../../wire.js";
import { Age, Clock } from "../parts/age.js";
import { Meter } from "../parts/bar.js";
import { Chips } from "../parts/chip.js";
import { shortened } from "../parts/shortened.js";
import { State } from "../parts/state.js";
import { lookOf } from "../parts/state-look.js";
import type { Column } from "../table/columns.js";
import { coresText, isTight, memoryText } from "./units.js";

export const HOST_COLUMNS: readonly Column<HostRow>[] = [
  { key: "host", title: "host", text: (row) => row.name },
  {
    key: "state",
    title: "state",
    text: (row) => `✓ ${row.state} last seen 00:00:00`,
    cell: (row) => (
      <>
        <State word={row.state} />
        {row.state === "ready" ? null : (
          <>
            {" "}
            last seen <Clock at={row.seen} />
          </>
        )}
      </>
    ),
    by: (row) => `${lookOf(row.state).rank} ${row.state}`,
  },
  {
    key: "containers",
    title: "containers",
    end: true,
    text: (row) => String(row.containers),
    by: (row) => row.containers,
  },
  {
    key: "cpu",
    title: "cpu reserved",
    end: true,
    text: (row) => `▓▓▓▓▓▓▓▓ ${coresText(row.cpuReserved, row.cpu)}`,
    cell: (row) => (
      <Used used={row.cpuReserved} all={row.cpu} text={coresText(row.cpuReserved, row.cpu)} what="cores" />
    ),
    by: (row) => (row.cpu > 0 ? row.cpuReserved / row.cpu : -1),
  },
  {
    key: "mem",
    title: "memory reserved",
    end: true,
    text: (row) => `▓▓▓▓▓▓▓▓ ${memoryText(row.memReserved, row.mem)}`,
    cell: (row) => (
      <Used used={row.memReserved} all={row.mem} text={memoryText(row.memReserved, row.mem)} what="memory" />
    ),
    by: (row) => (row.mem > 0 ? row.memReserved / row.mem : -1),
  },
  {
    key: "labels",
    title: "labels",
    text: (row) => row.labels.join("    "),
    cell: (row) => <Chips labels={row.labels} />,
  },
  {
    key: "address",
    title: "address",
    text: (row) => row.address || "–",
    cell: (row) => <span class="mono">{row.address || "–"}</span>,
  },
  { key: "engine", title: "engine", text: (row) => row.engine || "–" },
  {
    key: "seen",
    title: "seen",
    end: true,
    quiet: true,
    text: () => "00 m",
    cell: (row) => <Age at={row.seen} />,
    by: (row) => -row.seen,
  },
  { key: "problem", title: "problem", text: (row) => shortened(row.problem, 160) },
];

export function Used({ used, all, text, what }: { used: number; all: number; text: string; what: string }) {
  const tight = isTight(used, all);
  return (
    <>
      {all > 0 ? (
        <Meter value={used} most={all} label={`${what} reserved: ${text}`} tone={tight ? "warn" : "plain"} />
      ) : null}{" "}
      {text}
      {tight ? (
        <span class="warn" role="img" aria-label="tight">
          {" "}
          ▲
        </span>
      ) : null}
    </>
  );
}
