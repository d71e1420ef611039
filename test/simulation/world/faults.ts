// What may go wrong in a world, and how often: each seed has kinds of its own, each kind chance of its own, so that one
// kind less changes the others as little as can be.

import type { Milliseconds } from "../../../src/model/instant.js";
import type { Op } from "../../../src/model/ports.js";
import type { Commit } from "./etcd.js";
import type { Seeded } from "./seeded.js";

/** Of single calls and streams, by chance. */
export const CALL_FAULTS = [
  "store lost request",
  "store late request",
  "store lost reply",
  "store refused",
  "store slow",
  "store stale read",
  "store watch cut",
  "store watch slow",
  "store watch duplicate",
  "store watch fragment",
  "store keepalive lie",
  "engine lost request",
  "engine late request",
  "engine lost reply",
  "engine refused",
  "engine slow",
  "engine event loss",
] as const;

/** Of the whole, at times. */
export const TIMED_FAULTS = [
  "store frozen",
  "store killed",
  "store full",
  "store compacted",
  "store restored",
  "store partition",
  "engine frozen",
  "engine killed",
  "engine rebooted",
  "engine partition",
  "server killed",
  "server frozen",
  "server stopped",
  "server clock set",
  "client cut",
  "container exits",
  "container vanishes",
  "container stopped by hand",
] as const;

/** At the worst moment, and where one alone is not enough, several together: what chance alone seldom hits. */
export const AIMED_FAULTS = [
  "aimed late write",
  "aimed late create",
  "aimed sleep",
  "aimed client cuts",
  "aimed wrong clock",
  "aimed reboot",
  "aimed unseen end",
] as const;

export const FAULTS = [...CALL_FAULTS, ...TIMED_FAULTS] as const;
export type CallFault = (typeof CALL_FAULTS)[number];
export type TimedFault = (typeof TIMED_FAULTS)[number];
export type AimedFault = (typeof AIMED_FAULTS)[number];
export type Fault = (typeof FAULTS)[number] | AimedFault;

const CALL_RATES = [0.01, 0.04, 0.15] as const;
/** Where there are many kinds at once. */
const LOW_RATES = [0.003, 0.01, 0.04] as const;
const MANY = 5;
const TIMED_COUNTS = [1, 2, 4] as const;

export type FaultPlan = {
  readonly rates: ReadonlyMap<CallFault, number>;
  readonly times: readonly {
    readonly fault: TimedFault | AimedFault;
    readonly at: Milliseconds;
    readonly chance: Seeded;
  }[];
};

/** What leaves a process: a write to the store, or a call to create a container. */
export type Sent = { readonly by: string } & (
  | { readonly what: "write"; readonly ops: readonly Op[] }
  | { readonly what: "create"; readonly name: string }
);

/** Waits for its moment. */
export type Trap = {
  /** It has what it waited for, and will let it go. */
  isSprung: boolean;
  readonly committed?: (commit: Commit) => void;
  /** True: it keeps it on the way, and lets it go on later. */
  readonly keeps?: (sent: Sent, go: () => void) => boolean;
};

/** @param until no fault after that. @param kinds those that it has; what one is like does not depend on the others. */
export function planFaults(chance: Seeded, until: Milliseconds, kinds: ReadonlySet<Fault>): FaultPlan {
  const rates = new Map<CallFault, number>();
  for (const fault of CALL_FAULTS) {
    const rate = chance.of(fault).pick(kinds.size > MANY ? LOW_RATES : CALL_RATES) ?? 0;
    if (kinds.has(fault)) rates.set(fault, rate);
  }
  const times = TIMED_FAULTS.flatMap((fault) => {
    if (!kinds.has(fault)) return [];
    const own = chance.of(fault);
    const count = fault === "store restored" ? 1 : (own.pick(TIMED_COUNTS) ?? 0);
    // It is put back before people are done: what they ask for at last has to be what is there.
    const latest = fault === "store restored" ? until / 2 : until;
    return Array.from({ length: count }, (_, i) => ({ fault, at: own.between(0, latest), chance: own.of(String(i)) }));
  });
  const aimed = AIMED_FAULTS.filter((fault) => kinds.has(fault)).map((fault) => {
    const own = chance.of(fault);
    // A clock counts from the beginning of a term.
    return { fault, at: fault === "aimed wrong clock" ? 0 : own.between(0, until), chance: own.of("0") };
  });
  return { rates, times: [...times, ...aimed] };
}

export const NO_FAULTS: FaultPlan = { rates: new Map(), times: [] };

/** Decides over each call. */
export class Fate {
  readonly #plan: FaultPlan;
  readonly #chance: ReadonlyMap<Fault, Seeded>;
  readonly #happened = new Map<Fault, number>();
  readonly #forced = new Set<CallFault>();
  readonly traps = new Set<Trap>();
  /** None once it is over. */
  isOver = false;
  #lastsUntil: Milliseconds = 0;

  constructor(plan: FaultPlan, chance: Seeded) {
    this.#plan = plan;
    this.#chance = new Map([...plan.rates.keys()].map((fault) => [fault, chance.of(`fate ${fault}`)]));
  }

  get happened(): ReadonlyMap<Fault, number> {
    return this.#happened;
  }

  /** Until when what has begun may still have an effect: somebody thaws, something arrives late. */
  get lastsUntil(): Milliseconds {
    return this.#lastsUntil;
  }

  lasts(until: Milliseconds): void {
    this.#lastsUntil = Math.max(this.#lastsUntil, until);
  }

  /** Whether it is kept on its way, until `go` is called. */
  keeps(sent: Sent, go: () => void): boolean {
    for (const trap of this.traps) if (trap.keeps?.(sent, go) === true) return true;
    return false;
  }

  committed(commit: Commit): void {
    for (const { committed } of this.traps) committed?.(commit);
  }

  /** Those that still wait for their moment have missed it. */
  disarm(): void {
    for (const trap of this.traps) if (!trap.isSprung) this.traps.delete(trap);
  }

  /** It happens to the next call that it can happen to. */
  force(fault: CallFault): void {
    this.#forced.add(fault);
  }

  /** Whether it happens to this call. */
  strikes(fault: CallFault): boolean {
    if (this.#forced.delete(fault)) {
      this.note(fault);
      return true;
    }
    const rate = this.#plan.rates.get(fault);
    if (rate === undefined || this.isOver || this.#chance.get(fault)?.chance(rate) !== true) return false;
    this.note(fault);
    return true;
  }

  note(fault: Fault): void {
    this.#happened.set(fault, (this.#happened.get(fault) ?? 0) + 1);
  }
}
