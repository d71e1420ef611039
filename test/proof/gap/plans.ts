// How much each size does, and how much there has to have been for it to prove something.

import type { Size } from "../proof.js";
import type { Plan, Round } from "./rounds.js";
import type { SceneFacts } from "./scene.js";

type Part = Plan & Pick<SceneFacts, "followers" | "keys">;

const WITH_CUTS: readonly Round[] = [
  { isCut: true, backUp: true, before: "large", during: "restart" },
  { isCut: true, before: "restore", during: "compaction" },
];
const WITHOUT_CUTS: readonly Round[] = [
  { during: "pause" },
  { backUp: true, before: "compaction to head" },
  { before: "restore, written on" },
];

const FULL: Readonly<Record<number, Round>> = {
  2: { before: "large" },
  4: { before: "compaction to head" },
  6: { during: "restart" },
  8: { during: "pause" },
  9: { backUp: true },
  12: { before: "restore" },
  14: { before: "compaction to head" },
  16: { before: "large", during: "compaction" },
  18: { during: "long pause" },
  20: { before: "large", during: "restart" },
  22: { backUp: true },
  25: { before: "restore, written on", during: "compaction" },
  27: { before: "compaction to head", during: "restart" },
  29: { before: "large" },
};
const FULL_ROUNDS = 33;

/** Each on an etcd of its own, at the same time. */
export const PARTS: Record<Size, readonly Part[]> = {
  small: [
    { rounds: WITH_CUTS, changesPerRound: 150, followers: 4, keys: 2100 },
    { rounds: WITHOUT_CUTS, changesPerRound: 70, followers: 2, keys: 300 },
  ],
  full: [
    {
      rounds: Array.from({ length: FULL_ROUNDS }, (_, i): Round => {
        return { isCut: true, ...(i % 3 === 0 ? { during: "compaction" as const } : {}), ...FULL[i] };
      }),
      changesPerRound: 620,
      followers: 8,
      keys: 2400,
    },
  ],
};

/** The control ends with the first loss, and comes no further than the first round or two. */
export const CONTROL: Part = {
  rounds: [{ isCut: true }, { isCut: true, before: "large" }, ...WITH_CUTS],
  changesPerRound: 150,
  followers: 2,
  keys: 300,
};

export type Seen = Record<
  | "cuts inside a snapshot"
  | "cuts inside an event"
  | "cuts during catch-up"
  | "second cuts before the replay ended"
  | "fragments"
  | "changes"
  | "compactions"
  | "restarts"
  | "pauses"
  | "restores"
  | "comparisons",
  number
>;

const FEWEST: Record<Size, Partial<Seen> & { readonly cuts: number }> = {
  small: {
    cuts: 30,
    "cuts inside a snapshot": 6,
    "cuts inside an event": 6,
    "cuts during catch-up": 6,
    "second cuts before the replay ended": 1,
    fragments: 1,
    changes: 500,
    compactions: 2,
    restarts: 1,
    pauses: 1,
    restores: 2,
  },
  full: {
    cuts: 1000,
    "cuts inside a snapshot": 200,
    "cuts inside an event": 200,
    "cuts during catch-up": 200,
    "second cuts before the replay ended": 100,
    fragments: 10,
    changes: 20_000,
    compactions: 10,
    restarts: 3,
    pauses: 2,
    restores: 2,
  },
};

export const cutsOf = (seen: Seen): number =>
  seen["cuts inside a snapshot"] + seen["cuts inside an event"] + seen["cuts during catch-up"];

/** What there was less of than there had to be: then it proves nothing. */
export function tooFew(size: Size, seen: Seen): string[] {
  const all: Readonly<Record<string, number>> = { cuts: cutsOf(seen), ...seen };
  return Object.entries(FEWEST[size]).flatMap(([what, fewest]) => {
    const number = all[what] ?? 0;
    return number < fewest ? [`only ${number} ${what}, not ${fewest}`] : [];
  });
}
