// Which groups and containers are meant by those who read what containers write or use.

import type { Catalog, GroupEntry } from "../model/catalog.js";
import { isMeant } from "../model/discovery.js";
import type { LogPick, LogTarget } from "../model/logs.js";
import type { GroupRef } from "../model/reference.js";

export function isPicked({ picks }: LogTarget, group: GroupRef, slot: number): boolean {
  return picks.some((pick) => picksOut(pick, group, slot));
}

function picksOut({ target, slots }: LogPick, group: GroupRef, slot: number): boolean {
  return isMeant(target, group) && (slots.length === 0 || slots.includes(slot));
}

/** Of the groups that are meant: the same objects until something of them changes. */
export function entriesOf(catalog: Pick<Catalog, "view">, { picks }: LogTarget): readonly GroupEntry[] {
  return catalog
    .view()
    .groups()
    .filter(({ ref }) => picks.some(({ target }) => isMeant(target, ref)));
}
