// Commands to an engine, made up at random: more of those that lead somewhere, and some to what is not there.

import type { Seeded } from "../../simulation/world/seeded.js";

const KINDS = [
  ...["create", "create again", "create as another", "start", "stop", "kill", "remove"],
  ...["policy no", "policy unless-stopped", "list", "aftermath"],
] as const;
export type Kind = (typeof KINDS)[number];

/** Each container has a number; one with the same number has the same name. */
export type Step = { readonly kind: Kind; readonly number: number };

/** What has been said so far. */
export type Talk = { made: number; known: number[] };

const WEIGHTS: Readonly<Record<Kind, number>> = {
  create: 5,
  "create again": 1,
  "create as another": 1,
  start: 6,
  stop: 3,
  kill: 2,
  remove: 4,
  "policy no": 1,
  "policy unless-stopped": 2,
  list: 1,
  aftermath: 1,
};
/** To one that is not there any more. */
const TO_GONE = 0.08;

export function makeStep(chance: Seeded, talk: Talk, most: number): Step {
  const kind = pickKind(chance, talk.known.length < most);
  if (kind === "create") {
    talk.made++;
    talk.known.push(talk.made);
    return { kind, number: talk.made };
  }
  const isGone = chance.chance(TO_GONE) && !kind.startsWith("create");
  const number = isGone ? chance.whole(1, talk.made) : (chance.pick(talk.known) ?? 1);
  // It may run, and then it stays: both sides say so, and it is known until it is told to go once more.
  if (kind === "remove" && chance.chance(0.7)) talk.known = talk.known.filter((one) => one !== number);
  return { kind, number };
}

function pickKind(chance: Seeded, hasRoom: boolean): Kind {
  const kinds = KINDS.filter((kind) => kind !== "create" || hasRoom);
  let left = chance.fraction() * kinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0);
  for (const kind of kinds) {
    left -= WEIGHTS[kind];
    if (left < 0) return kind;
  }
  return "list";
}

export const textOf = ({ kind, number }: Step): string => `${kind} ${number}`;
