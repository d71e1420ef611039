// How much each size does, and how much there has to have been for it to prove something.

import type { Size } from "../proof.js";
import type { Absence, Plan, Round } from "./rounds.js";
import type { SceneFacts } from "./scene.js";

export type Part = Plan & Omit<SceneFacts, "patienceMs">;

const ABSENCES: readonly Absence[] = ["watchers", "a server", "nobody", "watchers"];
const FULL_ROUNDS = 24;

const fullRound = (_: unknown, number: number): Round => ({
  ...(number % 4 === 0 ? { backUp: true } : {}),
  ...(number > 1 ? { restore: ABSENCES[number % ABSENCES.length] as Absence } : {}),
  ...(number % 5 === 1 ? { kill: true } : {}),
});

export const PARTS: Record<Size, Part> = {
  small: {
    ...{ servers: 2, packages: 2, wires: 4 },
    rounds: [{ backUp: true }, { restore: "watchers", kill: true }],
    changesPerRound: 60,
    cutsPerRound: { package: 2, wire: 5, store: 2 },
  },
  full: {
    ...{ servers: 3, packages: 6, wires: 10 },
    rounds: Array.from({ length: FULL_ROUNDS }, fullRound),
    changesPerRound: 250,
    cutsPerRound: { package: 2, wire: 4, store: 3 },
  },
};

/** Nobody has to be cut to come out wrong: being away once is enough. */
export const CONTROL: Part = {
  ...{ servers: 1, packages: 0, wires: 4 },
  rounds: [{ backUp: true }, { restore: "watchers" }],
  changesPerRound: 40,
  cutsPerRound: { package: 0, wire: 1, store: 0 },
};

export type Seen = Readonly<Record<string, number>>;

const FEWEST: Record<Size, Seen> = {
  small: {
    "cuts client-server": 40,
    "cuts inside a snapshot": 1,
    "cuts inside a delta": 5,
    "cuts server-etcd": 8,
    restores: 1,
    "restores with clients away": 1,
    kills: 1,
    changes: 120,
    deltas: 100,
  },
  full: {
    "cuts client-server": 1000,
    "cuts inside a snapshot": 50,
    "cuts inside a delta": 300,
    "cuts server-etcd": 200,
    restores: 20,
    "restores with clients away": 8,
    kills: 4,
    changes: 5000,
    deltas: 5000,
  },
};

/** What there was less of than there had to be: then it proves nothing. */
export function tooFew(size: Size, seen: Seen): string[] {
  return Object.entries(FEWEST[size]).flatMap(([what, fewest]) => {
    const number = seen[what] ?? 0;
    return number < fewest ? [`only ${number} ${what}, not ${fewest}`] : [];
  });
}
