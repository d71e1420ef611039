// What others than one group hold on a host: intents, strangers, names. On a large fleet that is nearly everything there
// is, so it is told from sums that are kept, less what is the group's own.

import type { HeldNames, HeldPorts } from "../model/host.js";
import { cores, noteHolder, type Others, reservedBy } from "../model/others.js";
import type { EngineListing } from "../model/ports.js";
import type { HeldPlace, HostHoldings } from "./host-holdings.js";
import { listed } from "./listed.js";
import { type Unreserved, unreservedOn } from "./unreserved.js";

export type HeldPlaces = {
  readonly holdings: HostHoldings;
  /** As its pass has read it: its id, and the places of its intents. */
  readonly group: { readonly id: string; readonly places: readonly string[] };
  /** Undefined: the engine was not listed. */
  readonly listing: EngineListing | undefined;
};

/** Holds as long as the holdings do not change: to be used up at once. */
export function othersOn({ holdings, group, listing }: HeldPlaces): Others {
  const own = [...holdings.ofGroup(group.id)];
  const foreign = listing === undefined ? NOTHING : unreservedOn(listing, holdings, group.places);
  const sum = (of: (held: HeldPlace) => number): number => own.reduce((total, held) => total + of(held), 0);
  return {
    reservedCpu: cores(holdings.nanocores - sum((held) => held.nanocores)),
    reservedMem: holdings.mem - sum((held) => held.reservation.mem),
    takenPorts: portsOfOthers({ holdings, own, foreign }, group.id),
    takenNames: namesOfOthers({ holdings, foreign, listing }, group.id),
  };
}

const NOTHING: Unreserved = { ports: new Map(), names: new Set(), unclaimed: 0 };

function portsOfOthers(
  { holdings, own, foreign }: { holdings: HostHoldings; own: readonly HeldPlace[]; foreign: Unreserved },
  id: string,
): HeldPorts {
  const { ports } = holdings;
  const onlyOwn = new Set(own.flatMap((held) => [...held.ports]).filter((port) => !ports.isOthers(port, id)));
  const freeForUs = [...onlyOwn].filter((port) => !foreign.ports.has(port)).length;
  const get = (port: number): string | undefined => {
    const ours = new Map<number, string>();
    const others = ports.of(port).filter(({ group }) => group !== id);
    for (const { reservation } of others) noteHolder(ours, [port], reservedBy(reservation));
    return ours.get(port) ?? foreign.ports.get(port);
  };
  return {
    size: ports.size + foreign.unclaimed - freeForUs,
    has: (port) => (ports.has(port) && !onlyOwn.has(port)) || foreign.ports.has(port),
    get,
  };
}

function namesOfOthers(
  { holdings, foreign, listing }: { holdings: HostHoldings; foreign: Unreserved; listing: EngineListing | undefined },
  id: string,
): HeldNames {
  const isListed = (name: string): boolean => {
    const owner = listing === undefined ? undefined : listed(listing).owners.get(name);
    return owner !== undefined && owner !== id;
  };
  return { has: (name) => holdings.names.isOthers(name, id) || foreign.names.has(name) || isListed(name) };
}
