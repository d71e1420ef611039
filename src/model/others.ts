// What others than one group hold on a host, summed up from nothing: for few questions, and as the measure for an index
// that is kept in step. Pure.

import type { HostView } from "./host.js";
import type { Stranger } from "./ports.js";
import { formatSlot } from "./reference.js";
import type { Reservation } from "./reservations.js";

/** Everything on the host that is not of the group. */
export type Others = Pick<HostView, "reservedCpu" | "reservedMem" | "takenPorts" | "takenNames">;

/** Everything of it by name. */
type Summed = Others & {
  readonly takenPorts: ReadonlyMap<number, string>;
  readonly takenNames: ReadonlySet<string>;
};

export type Holders = {
  /** Of other groups, on this host or on others. */
  readonly reservations: readonly Reservation[];
  readonly strangers: readonly Stranger[];
  /** Names of our own containers of other groups, as the engine listed them. */
  readonly otherNames: readonly string[];
};

export function heldByOthers(host: string, { reservations, strangers, otherNames }: Holders): Summed {
  const held = reservations.filter(({ intent }) => intent.host === host);
  return {
    reservedCpu: cores(sum(held.map(({ cpu }) => nanocores(cpu)))),
    reservedMem: sum(held.map(({ mem }) => mem)),
    takenPorts: takenPorts(held, strangers),
    takenNames: new Set([
      ...strangers.map(({ name }) => name),
      ...held.map(({ intent }) => intent.name),
      ...otherNames,
    ]),
  };
}

/** A whole number, as Docker counts: sums of these are the same in any order. */
export function nanocores(cpu: number): number {
  return Math.round(cpu * 1e9);
}

/** The inverse of nanocores. */
export function cores(nanos: number): number {
  return nanos / 1e9;
}

/** Notes who holds ports, in words for people; of several that do, the first by its words. */
export function noteHolder(holders: Map<number, string>, ports: Iterable<number>, words: string): void {
  for (const port of ports) {
    const known = holders.get(port);
    if (known === undefined || words < known) holders.set(port, words);
  }
}

export function reservedBy({ group, intent }: Pick<Reservation, "group" | "intent">): string {
  return formatSlot(group, intent.slot);
}

export function heldByStranger({ name }: Pick<Stranger, "name">): string {
  return `container ${name}`;
}

/** A group's claim is named before a stranger's: it is the one that a person can do something about. */
function takenPorts(held: readonly Reservation[], strangers: readonly Stranger[]): ReadonlyMap<number, string> {
  const foreign = new Map<number, string>();
  for (const stranger of strangers) noteHolder(foreign, stranger.hostPorts, heldByStranger(stranger));
  const ours = new Map<number, string>();
  for (const one of held) noteHolder(ours, Object.values(one.intent.hostPorts), reservedBy(one));
  return new Map([...foreign, ...ours]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
