// One engine's listing sorted out, once for all passes that share it. Must not know what is stored.

import type { ObservedContainer } from "../model/container.js";
import type { EngineListing } from "../model/ports.js";
import { groupId } from "../model/reference.js";
import { placeOf } from "./host-holdings.js";

export type Listed = {
  /** Ours, by the id of their group. */
  readonly groups: ReadonlyMap<string, readonly ObservedContainer[]>;
  /** Ours that have been started, by the place that their labels claim; labels can be copied. */
  readonly started: ReadonlyMap<string, readonly ObservedContainer[]>;
  /** Name of one of ours -> id of its group. */
  readonly owners: ReadonlyMap<string, string>;
};

const known = new WeakMap<EngineListing, Listed>();

export function listed(listing: EngineListing): Listed {
  const before = known.get(listing);
  if (before !== undefined) return before;
  const groups = new Map<string, ObservedContainer[]>();
  const started = new Map<string, ObservedContainer[]>();
  const owners = new Map<string, string>();
  for (const one of listing.ours) {
    const group = groupId(one.owner.group);
    put(groups, group, one);
    owners.set(one.name, group);
    if (one.status !== "created" && one.made !== undefined) put(started, placeOf(group, one.owner), one);
  }
  const made = { groups, started, owners };
  known.set(listing, made);
  return made;
}

function put<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [one]);
  else list.push(one);
}
