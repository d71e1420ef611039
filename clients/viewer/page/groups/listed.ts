// Groups as the list shows them: pinned ones first, or put under a service, label, host or image. Pure.

import type { GroupRow } from "../../wire.js";
import { shortImage } from "../live/images.js";
import { compareText, groupRank } from "../live/order.js";

/** A group as one row of the list; more than one where it is put under labels or hosts. */
export interface ListedGroup {
  readonly id: string;
  readonly row: GroupRow;
  /** What it is put under; "" where it is not. */
  readonly under: string;
  /** How many are under it, at the first of them. */
  readonly count: number;
}

export const UNDER = ["service", "label", "host", "image"] as const;
export type Under = (typeof UNDER)[number];

export const isUnder = (word: string): word is Under => (UNDER as readonly string[]).includes(word);

/** `rows` are in order, and stay so within what they are put under. */
export function listedGroups(
  rows: readonly GroupRow[],
  under: string,
  of: { readonly pins: readonly string[]; readonly hosts: (row: GroupRow) => readonly string[] },
): ListedGroup[] {
  if (isUnder(under)) return grouped(rows, (row) => keysOf(row, under, of.hosts));
  const pinned = rows.filter(({ id }) => of.pins.includes(id));
  const others = pinned.length === 0 ? rows : rows.filter(({ id }) => !of.pins.includes(id));
  return [...pinned, ...others].map(alone);
}

const known = new WeakMap<GroupRow, ListedGroup>();

/** The same object for the same row: what has not changed is not drawn anew. */
function alone(row: GroupRow): ListedGroup {
  let listed = known.get(row);
  if (listed === undefined) {
    listed = { id: row.id, row, under: "", count: 0 };
    known.set(row, listed);
  }
  return listed;
}

function keysOf(row: GroupRow, under: Under, hosts: (row: GroupRow) => readonly string[]): readonly string[] {
  switch (under) {
    case "service":
      return [row.service];
    case "label":
      return row.labels.length === 0 ? ["no label"] : row.labels;
    case "host":
      return hosts(row).length === 0 ? ["no host"] : [...new Set(hosts(row))];
    case "image":
      return [shortImage(row.image) || "no image"];
  }
}

/** In the order of the most troubled group of each, then by name. */
function grouped(rows: readonly GroupRow[], keys: (row: GroupRow) => readonly string[]): ListedGroup[] {
  const byKey = new Map<string, GroupRow[]>();
  for (const row of rows)
    for (const key of keys(row)) {
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [row]);
      else known.push(row);
    }
  return [...byKey]
    .sort(([a, ours], [b, theirs]) => rankOf(ours) - rankOf(theirs) || compareText(a, b))
    .flatMap(([under, list]) =>
      list.map((row, at) => ({ id: `${under}\n${row.id}`, row, under, count: at === 0 ? list.length : 0 })),
    );
}

const rankOf = (rows: readonly GroupRow[]): number => Math.min(...rows.map(groupRank));
