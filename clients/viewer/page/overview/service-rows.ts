// Groups put together by their service. Pure.

import type { GroupRow } from "../../wire.js";
import { compareText, groupRank } from "../live/order.js";
import { stateWords } from "../live/summary.js";

export interface ServiceRow {
  readonly id: string;
  readonly ns: string;
  readonly service: string;
  readonly groups: readonly GroupRow[];
  /** Trouble first. */
  readonly states: readonly { readonly word: string; readonly count: number }[];
  readonly ready: number;
  readonly wanted: number;
  readonly changed: number;
}

/** In the order of the most troubled group of each; `groups` are in order of trouble. */
export function serviceRows(groups: readonly GroupRow[]): ServiceRow[] {
  const byService = new Map<string, GroupRow[]>();
  for (const row of groups) {
    const id = `${row.ns} ${row.service}`;
    const known = byService.get(id);
    if (known === undefined) byService.set(id, [row]);
    else known.push(row);
  }
  return [...byService]
    .map(([id, rows]) => serviceRow(id, rows))
    .sort((a, b) => rankOf(a) - rankOf(b) || compareText(a.id, b.id));
}

const rankOf = ({ groups }: ServiceRow): number => Math.min(...groups.map(groupRank));

function serviceRow(id: string, groups: readonly GroupRow[]): ServiceRow {
  const counts = new Map<string, number>();
  for (const row of groups) {
    const { word } = stateWords(row);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const sum = (of: (row: GroupRow) => number) => groups.reduce((total, row) => total + of(row), 0);
  return {
    id,
    ns: groups[0]?.ns ?? "",
    service: groups[0]?.service ?? "",
    groups,
    states: [...counts].map(([word, count]) => ({ word, count })),
    ready: sum(({ ready }) => ready),
    wanted: sum(({ wanted }) => wanted),
    changed: Math.max(...groups.map(({ last }) => last.time)),
  };
}
