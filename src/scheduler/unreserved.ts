// What an engine has that no intent stands for: containers of others, and those of ours without an intent. Gone through
// again only when the listing or what is held on the host has changed.

import type { ObservedContainer } from "../model/container.js";
import { heldByStranger, noteHolder } from "../model/others.js";
import type { EngineListing, Stranger } from "../model/ports.js";
import type { HostHoldings } from "./host-holdings.js";
import { listed } from "./listed.js";

export type Unreserved = {
  /** Host port -> who has it, for people. */
  readonly ports: ReadonlyMap<number, string>;
  readonly names: ReadonlySet<string>;
  /** Of these ports, how many no intent claims. */
  readonly unclaimed: number;
};

type Found = Unreserved & {
  readonly holdings: HostHoldings;
  readonly version: number;
  /** Ours that have been started, by place. */
  readonly strays: ReadonlyMap<string, readonly ObservedContainer[]>;
};

/** @param intended places of a group that may know more of itself than what is held: they are not unreserved. */
export function unreservedOn(listing: EngineListing, holdings: HostHoldings, intended: readonly string[]): Unreserved {
  const found = foundOn(listing, holdings);
  if (!intended.some((place) => found.strays.has(place))) return found;
  const known = new Set(intended);
  return summedUp(listing, holdings, new Map([...found.strays].filter(([place]) => !known.has(place))));
}

function foundOn(listing: EngineListing, holdings: HostHoldings): Found {
  const before = found.get(listing);
  if (before?.holdings === holdings && before.version === holdings.version) return before;
  const { version } = holdings;
  const strays = straysOn(listing, holdings, before);
  const made = { ...summedUp(listing, holdings, strays), holdings, version, strays };
  found.set(listing, made);
  return made;
}

/** Only what has changed is gone through, where that is known. */
function straysOn(listing: EngineListing, holdings: HostHoldings, before: Found | undefined): Found["strays"] {
  const { started } = listed(listing);
  const changed = before?.holdings === holdings ? holdings.changedSince(before.version) : undefined;
  if (before === undefined || changed === undefined) {
    return new Map([...started].filter(([place]) => !holdings.places.has(place)));
  }
  const strays = new Map(before.strays);
  for (const place of changed) {
    const ran = started.get(place);
    if (ran === undefined || holdings.places.has(place)) strays.delete(place);
    else strays.set(place, ran);
  }
  return strays;
}

function summedUp({ strangers }: EngineListing, holdings: HostHoldings, strays: Found["strays"]): Unreserved {
  const ours = [...strays.values()].flat().map(asStranger);
  const ports = new Map<number, string>();
  const names = new Set<string>();
  for (const one of [...strangers, ...ours]) {
    names.add(one.name);
    noteHolder(ports, one.hostPorts, heldByStranger(one));
  }
  let unclaimed = 0;
  for (const port of ports.keys()) if (!holdings.ports.has(port)) unclaimed++;
  return { ports, names, unclaimed };
}

function asStranger({ id, name, made }: ObservedContainer): Stranger {
  return { id, name, hostPorts: Object.values(made?.hostPorts ?? {}) };
}

const found = new WeakMap<EngineListing, Found>();
