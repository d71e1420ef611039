// The columns of the list of hosts.

import type { HostRow } from "../../wire.js";
import { Age } from "../parts/age.js";
import { Meter } from "../parts/bar.js";
import { Chips } from "../parts/chip.js";
import { shortened } from "../parts/shortened.js";
import { State } from "../parts/state.js";
import { lookOf } from "../parts/state-look.js";
import { clockText } from "../parts/time-text.js";
import type { Column } from "../table/columns.js";
import { HostMoves, hostMovesText } from "./moving.js";
import { coresText, isTight, memoryText } from "./units.js";

export const HOST_COLUMNS: readonly Column<HostRow>[] = [
  { key: "host", title: "host", text: (row) => row.name },
  {
    key: "state",
    title: "state",
    text: stateText,
    cell: (row) => <HostState host={row} />,
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
    key: "moves",
    room: 60,
    title: "moving",
    quiet: true,
    text: ({ name }) => shortened(hostMovesText(name)) || "–",
    cell: ({ name }) => <HostMoves host={name} none="–" />,
    by: ({ name }) => (hostMovesText(name) === "" ? 1 : 0),
  },
  {
    key: "cpu",
    room: 45,
    title: "cpu reserved",
    text: (row) => `▓▓▓▓▓▓▓▓ ${coresText(row.cpuReserved, row.cpu)}`,
    cell: (row) => (
      <Used used={row.cpuReserved} all={row.cpu} text={coresText(row.cpuReserved, row.cpu)} what="cores" />
    ),
    by: (row) => (row.cpu > 0 ? row.cpuReserved / row.cpu : -1),
  },
  {
    key: "mem",
    room: 60,
    title: "memory reserved",
    text: (row) => `▓▓▓▓▓▓▓▓ ${memoryText(row.memReserved, row.mem)}`,
    cell: (row) => (
      <Used used={row.memReserved} all={row.mem} text={memoryText(row.memReserved, row.mem)} what="memory" />
    ),
    by: (row) => (row.mem > 0 ? row.memReserved / row.mem : -1),
  },
  {
    key: "labels",
    room: 70,
    title: "labels",
    text: (row) => row.labels.join("    "),
    cell: (row) => <Chips labels={row.labels} inRow />,
  },
  {
    key: "address",
    room: 90,
    title: "address",
    text: (row) => row.address || "–",
    cell: (row) => <span class="mono">{row.address || "–"}</span>,
  },
  { key: "engine", room: 100, title: "engine", text: (row) => row.engine || "–" },
  {
    key: "seen",
    room: 60,
    title: "seen",
    end: true,
    quiet: true,
    text: () => "00 m",
    cell: (row) => <Age at={row.seen} />,
    by: (row) => -row.seen,
  },
  { key: "problem", title: "problem", rest: true, ruler: "connect ECONNREFUSED 10.0", text: (row) => row.problem },
];

/** One that is silent is as it was when it was heard. */
function stateText({ state, seen }: HostRow): string {
  return state === "ready" ? state : `${state}, last seen ${clockText(seen)}`;
}

export function HostState({ host }: { host: HostRow }) {
  return <State word={host.state} text={stateText(host)} />;
}

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
