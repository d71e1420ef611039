// Slots that go from one host to another: an older container there, its successor here. Pure.

import type { ContainerRow } from "../../wire.js";
import { compareNatural } from "../live/order.js";

export interface Move {
  readonly from: ContainerRow;
  readonly to: ContainerRow;
}

/** They hold no place any more. */
const OVER: ReadonlySet<ContainerRow["state"]> = new Set(["stopped", "failed", "lost"]);

/** One for each slot whose oldest and newest container are on two hosts. */
export function movesOf(rows: Iterable<ContainerRow>): Move[] {
  const slots = new Map<string, Move>();
  for (const row of rows) {
    if (row.slot === 0 || row.host === "" || OVER.has(row.state)) continue;
    const id = `${row.group} ${row.slot}`;
    const known = slots.get(id);
    if (known === undefined) slots.set(id, { from: row, to: row });
    else if (row.generation < known.from.generation) slots.set(id, { from: row, to: known.to });
    else if (row.generation > known.to.generation) slots.set(id, { from: known.from, to: row });
  }
  return [...slots.values()].filter(({ from, to }) => from.host !== to.host);
}

export interface HostMoves {
  /** Other hosts, and how many slots go there. */
  readonly to: readonly (readonly [host: string, count: number])[];
  readonly from: readonly (readonly [host: string, count: number])[];
}

/** By the name of the host; a host that nothing comes to or leaves is not in it. */
export function movesByHost(moves: readonly Move[]): ReadonlyMap<string, HostMoves> {
  const hosts = [...new Set(moves.flatMap(({ from, to }) => [from.host, to.host]))];
  return new Map(
    hosts.map((host) => [
      host,
      {
        to: counted(moves.filter(({ from }) => from.host === host).map(({ to }) => to.host)),
        from: counted(moves.filter(({ to }) => to.host === host).map(({ from }) => from.host)),
      },
    ]),
  );
}

function counted(hosts: readonly string[]): [host: string, count: number][] {
  const counts = new Map<string, number>();
  for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  return [...counts].sort(([a, many], [b, few]) => few - many || compareNatural(a, b));
}

/** "2 → node-c, 1 ← node-b"; "" where nothing moves. */
export function movesText(moves: HostMoves | undefined): string {
  if (moves === undefined) return "";
  return [
    ...moves.to.map(([host, count]) => `${count} → ${host}`),
    ...moves.from.map(([host, count]) => `${count} ← ${host}`),
  ].join(", ");
}
