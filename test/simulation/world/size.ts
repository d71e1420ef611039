// How large a world is, and how long: most are short, and have few kinds of faults, so that many can be run; some are as
// long as the rarest limits take. Each pair of kinds comes round in as many seeds as there are pairs.

import type { Milliseconds } from "../../../src/model/instant.js";
import { AIMED_FAULTS, type AimedFault, FAULTS, type Fault } from "./faults.js";
import type { Seeded } from "./seeded.js";

export type Size = {
  readonly name: "short" | "middle" | "long";
  readonly servers: number;
  readonly services: readonly string[];
  /** Faults and people stop then. */
  readonly calmAt: Milliseconds;
  /** Nothing is written and nothing done for that long, once all is as asked. */
  readonly quietFor: Milliseconds;
  readonly mostInstances: number;
  readonly mostWishes: number;
  /** Beside its pair, so many kinds of faults at most. */
  readonly moreKinds: number;
  /** Beside all others. */
  readonly aim: AimedFault | undefined;
};

/** Part of the seeds that are long, and middling. */
const LONG = 0.005;
const MIDDLE = 0.04;
/** Part of the seeds that have an aimed fault. */
const AIMED = 0.2;

export function sizeOf(chance: Seeded): Size {
  const dice = chance.fraction();
  const aims = chance.of("aim");
  const aim = aims.chance(AIMED) ? aims.pick(AIMED_FAULTS) : undefined;
  const [servers, services] = [chance.chance(0.15) ? 3 : 2, ["web", "job"]];
  if (dice < LONG) {
    const most = { mostInstances: 5, mostWishes: 5, moreKinds: 12 };
    return { name: "long", servers, services, calmAt: 72_000, quietFor: 12_000, ...most, aim };
  }
  if (dice < LONG + MIDDLE) {
    const most = { mostInstances: 4, mostWishes: 4, moreKinds: 4 };
    return { name: "middle", servers, services, calmAt: chance.between(10_000, 22_000), quietFor: 6000, ...most, aim };
  }
  const most = { mostInstances: chance.pick([1, 1, 2, 2, 3]) ?? 1, mostWishes: 2, moreKinds: 1 };
  const few = services.slice(0, chance.chance(0.1) ? 2 : 1);
  const short = { name: "short", servers, services: few, quietFor: 1500, ...most, aim } as const;
  if (aim === undefined) return { ...short, calmAt: chance.between(1300, 4300) };
  // It takes time, and something to choose from.
  return { ...short, calmAt: chance.between(2500, 5000), mostInstances: 3 };
}

const PAIRS: readonly (readonly [Fault, Fault])[] = FAULTS.flatMap((one, i) =>
  FAULTS.slice(i + 1).map((other) => [one, other] as const),
);

/** How many seeds have had every pair once. */
export const PAIRS_OF_FAULTS = PAIRS.length;

/** The kinds of faults of a seed. */
export function kindsOf(seed: number, { moreKinds, aim }: Size, chance: Seeded): ReadonlySet<Fault> {
  const more = chance.whole(0, moreKinds);
  const others = Array.from({ length: more }, () => chance.pick(FAULTS.filter((fault) => !isSeldom(fault))));
  const pair = PAIRS[Math.abs(seed * STRIDE) % PAIRS.length] ?? [];
  return new Set([...pair, ...[...others, aim].filter((fault) => fault !== undefined)]);
}

/** Seeds that follow each other have pairs that do not; it has no divisor in common with how many there are. */
const STRIDE = 101;

/** After it much is left to people. */
const isSeldom = (fault: Fault): boolean => fault === "store restored";
